// stream.StreamService.BiStream: lines in, lines out, over an ordinary session. This file only translates: a request
// becomes a publish, frames become replies.
import { Metadata, type ServerDuplexStream } from "@grpc/grpc-js";
import brokerPb from "../../../generated/reprise/v1/broker_pb.js";
import pb from "../../../generated/stream/stream_pb.js";
import { readPublish } from "../../wire/batch.js";
import type { Start } from "../../wire/client-frame.js";
import { decode } from "../../wire/decode.js";
import { RepriseError, toRepriseError } from "../../wire/errors.js";
import { type Message, messagesOf } from "../../wire/message.js";
import { readServerFrame, type ServerItem } from "../../wire/server-frame.js";
import type { Access } from "../access.js";
import type { Broker } from "../broker.js";
import { Session, type Sink } from "../session.js";
import { boundReadAhead, checkName, endStream, setReading, turnAway, whenGone } from "./grpc.js";

type Call = ServerDuplexStream<Buffer, InstanceType<typeof pb.StreamResponse>>;

const defaultChannel = "lobby";

/** Header under which the sender's process id travels. */
const pidHeader = "pid";

export function biStream(broker: Broker, access: Access, call: Call): void {
  try {
    broker.checkSession(access, call.getPeer());
    const channel = textOf(call.metadata, "channel") ?? defaultChannel;
    const name = access.name ?? checkName(textOf(call.metadata, "name") ?? "");
    const start = replayStart(textOf(call.metadata, "replay"));
    /** Lines of this peer that are not yet answered; answers come in their order. */
    const sent: string[] = [];
    const id = broker.sessions.newId();
    const session = new Session(id, broker, replySink(call, id, sent), {
      method: "BiStream",
      peer: call.getPeer(),
      access,
      name,
      producer: undefined,
      subscribesOnce: true,
    });
    broker.sessions.add(session);
    whenGone(call, () => session.close());
    boundReadAhead(call);
    // Nothing is read before: a peer hears all that is said after its own first line.
    void session.subscriptions.subscribe(channel, start).then(() => {
      call.on("data", (bytes: Buffer) => say(session, channel, bytes, sent));
      call.on("end", () => session.endWhenAnswered());
    });
  } catch (thrown) {
    turnAway(broker, call, toRepriseError(thrown));
  }
}

function say(session: Session, channel: string, bytes: Buffer, sent: string[]): void {
  try {
    const request = decode(pb.StreamRequest, bytes, { 1: "text" });
    sent.push(request.getMessage());
    session.publish(readPublish(publishOf(channel, request)));
  } catch (thrown) {
    session.refuse(toRepriseError(thrown));
  }
}

function publishOf(channel: string, request: InstanceType<typeof pb.StreamRequest>): Buffer {
  const message = new brokerPb.Message().setData(Buffer.from(request.getMessage()));
  const pid = request.getPid();
  if (pid !== 0) message.addHeaders(new brokerPb.Header().setKey(pidHeader).setValue(String(pid)));
  return Buffer.from(new brokerPb.Publish().setChannel(channel).setMessagesList([message]).serializeBinary());
}

/** Text metadata of the request; a key that ends in -bin does not count. */
function textOf(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)[0];
  return typeof value === "string" ? value : undefined;
}

/** @throws RepriseError `invalid_argument` */
function replayStart(replay: string | undefined): Start {
  if (replay === undefined) return { from: "new" };
  if (replay === "all") return { from: "earliest" };
  const number = Number(replay.replace(/^@/, ""));
  if (!/^@?\d+$/.test(replay) || !Number.isSafeInteger(number)) {
    throw new RepriseError(
      "invalid_argument",
      `replay ${JSON.stringify(replay.slice(0, 40))}: allowed are all, N or @OFFSET`,
    );
  }
  return replay.startsWith("@") ? { from: "offset", offset: number + 1 } : { from: "last", count: number };
}

/** Turns frames into replies. The sink is free again when the last reply of a frame went to the socket. */
function replySink(call: Call, session: string, sent: string[]): Sink {
  return {
    write(frame, done) {
      const items = [...readServerFrame(frame)];
      // Response headers tell a peer that from now on it misses nothing.
      if (items.some((item) => item.kind === "subscribed")) call.sendMetadata(new Metadata());
      const replies = items.flatMap((item) => repliesTo(item, session, sent));
      const last = replies.pop();
      for (const reply of replies) call.write(reply);
      if (last === undefined) setImmediate(done);
      else call.write(last, done);
    },
    end: (error) => endStream(call, error),
    setReading: (reading) => setReading(call, reading),
  };
}

function repliesTo(item: ServerItem, session: string, sent: string[]): InstanceType<typeof pb.StreamResponse>[] {
  switch (item.kind) {
    case "batch":
      return [...messagesOf(item.batch.channel, item.batch)]
        .filter((message) => message.session !== session)
        .map((message) => replyOf(message).setReply(message.text));
    case "published":
      return sent.splice(0, item.count).map((line, index) =>
        new pb.StreamResponse()
          .setReply(`Processed: ${line}`)
          .setChannel(item.channel)
          .setEpoch(item.epoch)
          .setOffset(item.first + index),
      );
    case "gap": {
      const { reason, from, to } = item.gap;
      const what = reason === "reset" ? "earlier messages" : `messages ${from} to ${to}`;
      return [
        new pb.StreamResponse()
          .setReply(`Gap: ${what} of ${item.channel} will not be delivered (${reason})`)
          .setChannel(item.channel)
          .setGap(reason)
          .setGapFromOffset(from)
          .setGapToOffset(to),
      ];
    }
    case "error":
      // A refused line is out of the way of the answers to the next ones.
      sent.splice(0, item.count);
      return [
        new pb.StreamResponse()
          .setReply(`Error: ${item.message}`)
          .setChannel(item.channel)
          .setError(item.code)
          .setRetryAfterMs(item.retryAfterMs),
      ];
    default:
      return [];
  }
}

function replyOf(message: Message): InstanceType<typeof pb.StreamResponse> {
  const pid = Number(message.headers[pidHeader]);
  return new pb.StreamResponse()
    .setPid((pid | 0) === pid ? pid : 0)
    .setChannel(message.channel)
    .setEpoch(message.epoch)
    .setOffset(message.offset)
    .setPublisher(message.publisher);
}
