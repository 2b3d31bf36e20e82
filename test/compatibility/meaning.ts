// What the bytes on a stream mean, in lines: of whatever may be cut, joined or timed otherwise only what is said.
import type { Message as JspbMessage } from "google-protobuf";
import admin from "../../generated/reprise/v1/admin_pb.js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import lines from "../../generated/stream/stream_pb.js";
import { readClientFrame } from "../../src/wire/client-frame.js";
import { type Message, messagesOf } from "../../src/wire/message.js";
import { readServerFrame, type ServerItem } from "../../src/wire/server-frame.js";

interface Type {
  deserializeBinary(bytes: Uint8Array): JspbMessage;
}

/** Answers of calls that are no streams of items. */
const answers: Record<string, Type> = {
  "/reprise.v1.Broker/Publish": pb.PublishResponse,
  "/reprise.v1.Broker/PublishStream": pb.PublishSummary,
  "/reprise.v1.Admin/ListChannels": admin.ListChannelsResponse,
  "/reprise.v1.Admin/GetChannel": admin.ChannelInfo,
  "/reprise.v1.Admin/ListSessions": admin.ListSessionsResponse,
  "/reprise.v1.Admin/ListNodes": admin.ListNodesResponse,
  "/reprise.v1.Admin/ListMembers": admin.ListMembersResponse,
  "/reprise.v1.Admin/DisconnectSession": admin.DisconnectSessionResponse,
  "/reprise.v1.Admin/ListSlowSubscribers": admin.ListSlowSubscribersResponse,
  "/reprise.v1.Admin/TrimChannel": admin.ChannelInfo,
  "/reprise.v1.Admin/DeleteChannel": admin.DeleteChannelResponse,
  "/reprise.v1.Admin/ListRetention": admin.RetentionRules,
  "/reprise.v1.Admin/SetRetention": admin.RetentionRules,
  "/reprise.v1.Admin/GetActivity": admin.GetActivityResponse,
  "/stream.StreamService/BiStream": lines.StreamResponse,
};

/** Of one node, one moment or one machine. */
const passing =
  /^(node|member|address|zone|version|session|sessions|peer|startedAtMs|connectedAtMs|sinceMs|atMs|elapsedMs|warningsList|bytes|frameBytes)$/;

/** A field that is empty says the same as one that its writer did not know. */
const isEmpty = (value: unknown): boolean =>
  value === "" || value === 0 || value === false || (Array.isArray(value) && value.length === 0);

const stays = (name: string, value: unknown) => (passing.test(name) || isEmpty(value) ? undefined : value);

/** What an answer says. Heartbeats, how often somebody has caught up, and what concerns several nodes, is a matter of the moment. */
export function meaningOf(path: string, message: Buffer): string[] {
  if (path.endsWith("/Connect") || path.endsWith("/Subscribe")) return [...readServerFrame(message)].flatMap(linesOf);
  if (path.endsWith("/History")) {
    const page = pb.HistoryResponse.deserializeBinary(message);
    const items = Buffer.from(new pb.ServerFrame().setItemsList(page.getItemsList()).serializeBinary());
    return [...[...readServerFrame(items)].flatMap(linesOf), JSON.stringify(page.getPosition()!.toObject())];
  }
  if (path.endsWith("/ListEvents")) return eventLines(admin.ListEventsResponse.deserializeBinary(message));
  if (path.endsWith("/Drain")) return admin.DrainProgress.deserializeBinary(message).getDone() ? ["drained"] : [];
  const type = answers[path];
  if (type === undefined) throw new Error(`nobody knows what ${path} answers`);
  return [JSON.stringify(type.deserializeBinary(message).toObject(), stays)];
}

/** How far somebody had come at what time is a matter of the moment, so is what comes first in one millisecond. */
function eventLines(response: InstanceType<typeof admin.ListEventsResponse>): string[] {
  const { PROGRESS, HEAD } = admin.Event.Kind;
  const seldom = response.getEventsList().filter((event) => ![PROGRESS, HEAD].includes(event.getKind()));
  return seldom.map((event) => `event ${JSON.stringify(event.toObject(), stays)}`).sort();
}

function linesOf(item: ServerItem): string[] {
  switch (item.kind) {
    case "heartbeat":
    case "nodes":
    case "caughtUp":
      return [];
    case "welcome":
      return [`welcome ${item.version} ${item.ackLevel}`];
    case "batch":
      return [...messagesOf(item.batch.channel, item.batch)].map(messageLine);
    case "published":
      // A run may be answered in one or in several pieces.
      return Array.from({ length: item.count }, (_, i) => {
        const { channel, sequence, epoch, first, duplicate } = item;
        return `published ${channel} ${sequence === 0 ? 0 : sequence + i} ${epoch}/${first + i} ${duplicate}`;
      });
    case "error":
      return [`error ${item.code} ${item.channel} ${item.request} ${item.sequence} ${item.retryable}`];
    case "members": {
      const { channel, complete, joined, changed, left } = item;
      const names = (members: typeof joined) =>
        members.map(({ id, name, metadata }) => `${id}=${name} ${JSON.stringify(metadata)}`).sort();
      return [`members ${channel} ${complete} +${names(joined)} ~${names(changed)} -${[...left].sort()}`];
    }
    default:
      return [JSON.stringify(item, stays)];
  }
}

const messageLine = ({ channel, epoch, offset, publisher, text, headers }: Message): string =>
  `message ${channel} ${epoch}/${offset} ${publisher} ${JSON.stringify(headers)} ${text.slice(0, 40)}`;

/** How much a client has asked for by a message: single messages of a publish and other requests each count. */
export function requestsIn(path: string, message: Buffer): string[] {
  if (!path.endsWith("/Connect")) return [path];
  return [...readClientFrame(message)].flatMap((item) => {
    if (item.kind !== "publish") return [item.kind];
    return pb.Publish.deserializeBinary(item.request)
      .getMessagesList()
      .map(() => "publish");
  });
}
