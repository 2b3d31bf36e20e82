// Admin.ListEvents: what the recorder remembers of a session or a channel, and what can be seen of them now.
import pb from "../../../generated/reprise/v1/admin_pb.js";
import { checkChannel } from "../../wire/channel.js";
import { RepriseError } from "../../wire/errors.js";
import { eventKinds } from "../../wire/event-kind.js";
import { messagesOf } from "../../wire/message.js";
import { currentEpoch } from "../../wire/position.js";
import type { Access } from "../access.js";
import type { Broker } from "../broker.js";
import { cursorsOf, progressOf } from "../progress.js";
import type { FlightEvent, Happening } from "../recorder.js";
import { createSlices } from "../slices.js";
import { administers, atMost, unary } from "./unary.js";

type Message = InstanceType<typeof pb.Event>;

/** What is asked for; empty: of all. */
interface Wanted {
  session: string;
  channel: string;
}

export const listEvents = unary(pb.ListEventsRequest, { 2: "text" }, async (broker, request, access) => {
  const channel = request.getChannel() && checkChannel(request.getChannel());
  access.check("admin", channel);
  const offset = request.getOffset();
  if (offset > 0 && channel === "") throw new RepriseError("invalid_argument", "an offset is one of a channel");
  const session = request.getSession() === "0" ? "" : request.getSession();
  const limit = atMost(request.getLimit(), 1_000, 10_000);
  const wanted = { session, channel };
  const found = await remembered(broker, wanted, access, limit);
  const { seldom, progress } = broker.recorder.since;
  const response = new pb.ListEventsResponse()
    .setNode(broker.node)
    .setSinceMs(seldom)
    .setProgressSinceMs(progress)
    .setTruncated(found.truncated);
  const slices = createSlices();
  for (const event of [...found.events, ...(await seen(broker, wanted, access, limit))]) {
    response.addEvents(eventOf(event));
    if (slices.due()) await slices.rest();
  }
  if (offset > 0) for (const event of await logged(broker, channel, offset)) response.addEvents(event);
  return response;
});

async function remembered(broker: Broker, { session, channel }: Wanted, access: Access, limit: number) {
  const slices = createSlices();
  const admits = administers(access);
  /** Sessions that had to do with the channel, and channels that the session had to do with. */
  const sessions = new Set<string>();
  const channels = new Set<string>();
  const candidates: FlightEvent[] = [];
  for (const event of broker.recorder.events()) {
    const who = sessionOf(event);
    // What concerns neither a session nor a channel may name any channel in its words.
    if (event.channel === "" ? who === nobody && !admits("*") : !admits(event.channel)) continue;
    const isOwn = session === "" || who === session;
    // What concerns a channel itself is part of the story of each session there.
    const concerns = event.channel !== "" && (channel === "" || event.channel === channel) && (isOwn || who === nobody);
    if (concerns && isOwn) {
      if (who !== nobody) sessions.add(who);
      channels.add(event.channel);
    }
    if (concerns || (event.channel === "" && isOwn)) candidates.push(event);
    if (slices.due()) await slices.rest();
  }
  const events = candidates.filter((event) => {
    if (event.channel !== "") return channel !== "" || session === "" || channels.has(event.channel);
    const who = sessionOf(event);
    return channel === "" || sessions.has(who) || (who === session && admits(""));
  });
  return { events: events.slice(-limit), truncated: events.length > limit };
}

/** How far the subscriptions and the log are at this moment. */
async function seen(broker: Broker, wanted: Wanted, access: Access, limit: number): Promise<FlightEvent[]> {
  const { session, channel } = wanted;
  const slices = createSlices();
  const admits = administers(access);
  const found: FlightEvent[] = [];
  const one = session === "" ? undefined : broker.sessions.get(session);
  if (session === "" && channel === "") return found;
  for (const { session: owner, cursor } of cursorsOf(
    session === "" ? broker.sessions : one === undefined ? [] : [one],
  )) {
    if (channel === "" ? admits(cursor.log.channel) : cursor.log.channel === channel)
      found.push(complete(progressOf(owner, cursor)));
    if (found.length === limit) break;
    if (slices.due()) await slices.rest();
  }
  const state = channel === "" ? undefined : await broker.buffer.state(channel);
  if (state !== undefined) {
    const { first: from, next } = state;
    found.push(complete({ kind: "head", channel, epoch: currentEpoch(state), offset: next - 1, from }));
  }
  return found;
}

/** What the log says of a message. */
async function logged(broker: Broker, channel: string, offset: number): Promise<Message[]> {
  const [stretch] = (await broker.buffer.read(channel, offset, 1)).stretches;
  if (stretch === undefined || "reason" in stretch) return [];
  for (const message of messagesOf(channel, stretch)) {
    if (message.offset !== offset) continue;
    const { epoch, first, count, storedAt } = stretch;
    const event = new pb.Event().setKind(pb.Event.Kind.STORED).setAtMs(storedAt).setChannel(channel).setEpoch(epoch);
    event
      .setOffset(offset)
      .setFrom(first)
      .setTo(first + count - 1);
    return [event.setSession(message.session).setName(message.publisher)];
  }
  return [];
}

/** Of events that are of no session. */
const nobody = "0";

const sessionOf = ({ who }: FlightEvent): string => who?.session ?? nobody;

const complete = (event: Happening): FlightEvent => ({
  ...{ at: Date.now(), who: undefined, channel: "", epoch: 0, offset: 0, from: 0, to: 0, reason: "" },
  ...event,
});

function eventOf({ kind, at, who, channel, epoch, offset, from, to, reason }: FlightEvent): Message {
  const event = new pb.Event().setAtMs(at).setChannel(channel).setReason(reason);
  event.setKind(eventKinds.indexOf(kind) as Parameters<Message["setKind"]>[0]);
  event.setEpoch(epoch).setOffset(offset).setFrom(from).setTo(to);
  if (who !== undefined) event.setSession(who.session).setName(who.name).setPeer(who.peer).setMethod(who.method);
  return event;
}
