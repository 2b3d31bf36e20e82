// What travels from the broker to a peer, as the client reads it; server-item.ts writes it. Batches and acknowledgements are
// the hot path and are read by hand; everything else goes through the generated code.
import pb from "../../generated/reprise/v1/broker_pb.js";
import type { AckLevel } from "./ack-level.js";
import type { BatchHeader } from "./batch.js";
import { FieldReader, LEN, VARINT } from "./bytes.js";
import { itemsOf } from "./client-frame.js";
import { compressedField, inflateFrame } from "./compressed.js";
import { decode } from "./decode.js";
import { type ErrorCode, RepriseError } from "./errors.js";
import type { Limits } from "./limits.js";
import { type Member, type MembersItem, readMembers } from "./members.js";
import type { Gap, GapReason, Position } from "./position.js";

/** An acknowledgement: `count` messages from `sequence` on are stored. */
export interface Published {
  channel: string;
  sequence: number;
  count: number;
  epoch: number;
  /** 0: stored earlier, its offset can no longer be found. */
  first: number;
  duplicate: boolean;
}

/** What was wrong with one item, or with the stream. */
export interface Refusal {
  code: ErrorCode | string;
  message: string;
  retryable: boolean;
  channel: string;
  /** For a publish: its first message's number, and how many messages are refused. Otherwise 0. */
  sequence: number;
  count: number;
  /** For `sequence_skipped`. Otherwise 0. */
  expectedSequence: number;
  /** The kind of request that it answers: one of `requestNumbers`, or 0. */
  request: number;
  /** How long to wait before the same request, at least; 0: the node does not know. */
  retryAfterMs: number;
}

export interface Welcome {
  node: string;
  session: string;
  limits: Limits;
  heartbeatIntervalMs: number;
  /** What `published` means there. */
  ackLevel: AckLevel;
}

/** Where a channel ends. */
export interface Head {
  channel: string;
  position: Position;
}

/** Who the node takes the peer for. */
export interface Authenticated {
  name: string;
  member: string;
  /** 0: never. */
  expiresInMs: number;
}

export interface ReceivedBatch extends BatchHeader {
  channel: string;
  /** Encoded elements of `Batch.messages`, a view of the frame. */
  messages: Buffer;
}

export type ServerItem =
  | ({ kind: "welcome"; version: number } & Welcome)
  | { kind: "subscribed"; channel: string; position: Position; head: Position }
  | { kind: "unsubscribed"; channel: string }
  | { kind: "batch"; batch: ReceivedBatch }
  | { kind: "gap"; channel: string; gap: Gap; position: Position }
  | { kind: "caughtUp"; channel: string; position: Position }
  | ({ kind: "published" } & Published)
  | ({ kind: "error" } & Refusal)
  | { kind: "heartbeat"; timeMs: number; heads: Head[]; bufferAway: boolean }
  | { kind: "draining"; retryAfterMs: number; addresses: string[] }
  | { kind: "nodes"; addresses: string[] }
  | { kind: "entered"; channel: string }
  | { kind: "left"; channel: string }
  | ({ kind: "members" } & MembersItem<Member>)
  | { kind: "membersUnwatched"; channel: string }
  | ({ kind: "authenticated" } & Authenticated);

/** The highest field number in ServerItem. */
const lastItem = 17;

const batchField = 4;

/** Their numbers in the protocol, less one. */
export const gapReasons: readonly GapReason[] = ["trimmed", "diverged", "reset", "corrupt"];

/**
 * Yields a frame's items in order, compressed batches as the batches that they are; items of a kind this version does not
 * know are passed over.
 * @throws RepriseError `malformed`
 */
export function* readServerFrame(frame: Buffer): Generator<ServerItem> {
  for (const { field, content } of itemsOf(frame, lastItem)) {
    if (field === compressedField) {
      yield* compressedBatches(content);
      continue;
    }
    const item = readServerItem(field, content);
    if (item !== undefined) yield item;
  }
}

function* compressedBatches(compressed: Buffer): Generator<ServerItem> {
  for (const { field, content } of itemsOf(inflateFrame(compressed), lastItem)) {
    // What compresses itself again would take any amount of memory.
    if (field !== batchField) throw new RepriseError("malformed", `item ${field} among compressed batches`);
    yield { kind: "batch", batch: readBatch(content) };
  }
}

function readServerItem(field: number, content: Buffer): ServerItem | undefined {
  switch (field) {
    case 1:
      return readWelcome(decode(pb.Welcome, content, { 2: "text", 4: {} }));
    case 2: {
      const subscribed = decode(pb.Subscribed, content, { 1: "text", 2: {}, 3: {} });
      return {
        kind: "subscribed",
        channel: subscribed.getChannel(),
        position: positionOf(subscribed.getPosition()),
        head: positionOf(subscribed.getHead()),
      };
    }
    case 3:
      return { kind: "unsubscribed", channel: decode(pb.Unsubscribed, content, { 1: "text" }).getChannel() };
    case batchField:
      return { kind: "batch", batch: readBatch(content) };
    case 5:
      return readGap(decode(pb.Gap, content, { 1: "text", 5: {} }));
    case 6: {
      const caughtUp = decode(pb.CaughtUp, content, { 1: "text", 2: {} });
      return { kind: "caughtUp", channel: caughtUp.getChannel(), position: positionOf(caughtUp.getPosition()) };
    }
    case 7:
      return readPublished(content);
    case 8:
      return { kind: "error", ...decode(pb.Error, content, { 1: "text", 2: "text", 4: "text" }).toObject() };
    case 9:
      return readHeartbeat(decode(pb.Heartbeat, content, { 2: { 1: "text", 2: {} } }));
    case 10: {
      const draining = decode(pb.Draining, content, { 2: "text" });
      return { kind: "draining", retryAfterMs: draining.getRetryAfterMs(), addresses: draining.getAddressesList() };
    }
    case 11:
      return { kind: "nodes", addresses: decode(pb.Nodes, content, { 1: "text" }).getAddressesList() };
    case 12:
      return { kind: "entered", channel: decode(pb.Entered, content, { 1: "text" }).getChannel() };
    case 13:
      return { kind: "left", channel: decode(pb.Left, content, { 1: "text" }).getChannel() };
    case 14:
      return { kind: "members", ...readMembers(content) };
    case 15:
      return {
        kind: "membersUnwatched",
        channel: decode(pb.MembersUnwatched, content, { 1: "text" }).getChannel(),
      };
    case 17:
      return { kind: "authenticated", ...decode(pb.Authenticated, content, { 1: "text", 2: "text" }).toObject() };
    default:
      return undefined;
  }
}

function readWelcome(welcome: InstanceType<typeof pb.Welcome>): ServerItem {
  const limits = welcome.getLimits()?.toObject();
  if (limits === undefined) throw new RepriseError("malformed", "a welcome without limits");
  return {
    kind: "welcome",
    version: welcome.getVersion(),
    node: welcome.getNode(),
    session: welcome.getSession(),
    limits,
    heartbeatIntervalMs: welcome.getHeartbeatIntervalMs(),
    ackLevel: readAckLevel(welcome),
  };
}

/** What is not said, or not known to this version, is no more than `stored`, which all levels include. */
function readAckLevel(welcome: InstanceType<typeof pb.Welcome>): AckLevel {
  const replicas = welcome.getReplicas();
  switch (welcome.getAckLevel()) {
    case pb.AckLevel.FSYNCED:
      return "fsynced";
    case pb.AckLevel.REPLICATED:
      return replicas > 0 ? `replicated:${replicas}` : "stored";
    default:
      return "stored";
  }
}

function readHeartbeat(heartbeat: InstanceType<typeof pb.Heartbeat>): ServerItem {
  const heads = heartbeat
    .getHeadsList()
    .map((head) => ({ channel: head.getChannel(), position: positionOf(head.getPosition()) }));
  return { kind: "heartbeat", timeMs: heartbeat.getTimeMs(), heads, bufferAway: heartbeat.getBufferAway() };
}

export function readGap(gap: InstanceType<typeof pb.Gap>): Extract<ServerItem, { kind: "gap" }> {
  const reason = gapReasons[gap.getReason() - 1] ?? "reset";
  return {
    kind: "gap",
    channel: gap.getChannel(),
    gap: { reason, from: gap.getFromOffset(), to: gap.getToOffset() },
    position: positionOf(gap.getPosition()),
  };
}

export const positionOf = (position: InstanceType<typeof pb.Position> | undefined): Position => ({
  epoch: position?.getEpoch() ?? 0,
  offset: position?.getOffset() ?? 0,
});

/** By hand: there is one for each publish. */
function readPublished(content: Buffer): { kind: "published" } & Published {
  let [channel, sequence, count, epoch, first, duplicate] = ["", 0, 0, 0, 0, false];
  const reader = new FieldReader(content);
  const number = (): number => {
    reader.expect(VARINT);
    return reader.varint();
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.expect(LEN);
        channel = reader.text();
        break;
      case 2:
        sequence = number();
        break;
      case 3:
        count = number();
        break;
      case 4:
        epoch = number();
        break;
      case 5:
        first = number();
        break;
      case 6:
        duplicate = number() !== 0;
        break;
      default:
        reader.skip();
    }
  }
  return { kind: "published", channel, sequence, count, epoch, first, duplicate };
}

/** By hand, because generated code would build an object for each message. */
export function readBatch(content: Buffer): ReceivedBatch {
  const batch: ReceivedBatch = { channel: "", epoch: 0, first: 0, count: 0, storedAt: 0, messages: content };
  const reader = new FieldReader(content);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.expect(LEN);
        batch.channel = reader.view().toString("utf8");
        break;
      case 2:
        reader.expect(VARINT);
        batch.epoch = reader.varint();
        break;
      case 3:
        reader.expect(VARINT);
        batch.first = reader.varint();
        break;
      case 4:
        reader.expect(VARINT);
        batch.count = reader.varint();
        break;
      case 5:
        reader.expect(VARINT);
        batch.storedAt = reader.varint();
        break;
      case 15:
        // The messages come last: all that remains is theirs.
        batch.messages = content.subarray(reader.pos - 1);
        return batch;
      default:
        reader.skip();
    }
  }
  batch.messages = content.subarray(content.length);
  return batch;
}
