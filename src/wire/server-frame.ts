// What travels from the broker to a peer: written by the broker, read by the client. Batches (batch.ts) and
// acknowledgements are the hot path and are written by hand; everything else goes through the generated code.
// Each encoder returns a complete ServerFrame of one item; frames concatenate.
import pb from "../../generated/reprise/v1/broker_pb.js";
import { type AckLevel, replicasOf } from "./ack-level.js";
import type { BatchHeader } from "./batch.js";
import { FieldReader, LEN, tagOf, VARINT, varintSize, writeVarint } from "./bytes.js";
import { itemsOf, protocolVersion, writePosition } from "./client-frame.js";
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

/** Heads in one heartbeat. */
export const maxHeads = 256;

const reasons: readonly GapReason[] = ["trimmed", "diverged", "reset", "corrupt"];

const serverItem = (item: InstanceType<typeof pb.ServerItem>): Buffer => {
  const bytes = new pb.ServerFrame().setItemsList([item]).serializeBinary();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

export const encodeWelcome = ({ node, session, limits, heartbeatIntervalMs, ackLevel }: Welcome): Buffer =>
  serverItem(
    new pb.ServerItem().setWelcome(
      new pb.Welcome()
        .setVersion(protocolVersion)
        .setNode(node)
        .setSession(session)
        .setHeartbeatIntervalMs(heartbeatIntervalMs)
        .setAckLevel(ackLevelNumber(ackLevel))
        .setReplicas(replicasOf(ackLevel))
        .setLimits(
          new pb.Limits()
            .setMaxMessageBytes(limits.maxMessageBytes)
            .setMaxPublishMessages(limits.maxPublishMessages)
            .setMaxPublishBytes(limits.maxPublishBytes)
            .setPublishWindowBytes(limits.publishWindowBytes)
            .setMaxSubscriptions(limits.maxSubscriptions),
        ),
    ),
  );

const ackLevelNumber = (level: AckLevel) => {
  if (replicasOf(level) > 0) return pb.AckLevel.REPLICATED;
  return level === "fsynced" ? pb.AckLevel.FSYNCED : pb.AckLevel.STORED;
};

export const encodeSubscribed = (channel: string, position: Position, head: Position): Buffer =>
  serverItem(
    new pb.ServerItem().setSubscribed(
      new pb.Subscribed().setChannel(channel).setPosition(writePosition(position)).setHead(writePosition(head)),
    ),
  );

export const encodeUnsubscribed = (channel: string): Buffer =>
  serverItem(new pb.ServerItem().setUnsubscribed(new pb.Unsubscribed().setChannel(channel)));

/** @param position what is delivered next comes after it */
export const gapItem = (channel: string, gap: Gap, position: Position): InstanceType<typeof pb.ServerItem> =>
  new pb.ServerItem().setGap(
    new pb.Gap()
      .setChannel(channel)
      .setReason((reasons.indexOf(gap.reason) + 1) as 1 | 2 | 3 | 4)
      .setFromOffset(gap.from)
      .setToOffset(gap.to)
      .setPosition(writePosition(position)),
  );

export const encodeGap = (channel: string, gap: Gap, position: Position): Buffer =>
  serverItem(gapItem(channel, gap, position));

export const encodeCaughtUp = (channel: string, position: Position): Buffer =>
  serverItem(
    new pb.ServerItem().setCaughtUp(new pb.CaughtUp().setChannel(channel).setPosition(writePosition(position))),
  );

export const encodeError = (refusal: Refusal): Buffer =>
  serverItem(
    new pb.ServerItem().setError(
      new pb.Error()
        .setCode(refusal.code)
        .setMessage(refusal.message)
        .setRetryable(refusal.retryable)
        .setChannel(refusal.channel)
        .setSequence(refusal.sequence)
        .setExpectedSequence(refusal.expectedSequence)
        .setCount(refusal.count)
        .setRequest(refusal.request)
        .setRetryAfterMs(refusal.retryAfterMs),
    ),
  );

/** @param heads those that the peer does not know yet, at most `maxHeads` */
/** @param bufferAway the node cannot reach its buffer */
export const encodeHeartbeat = (timeMs: number, heads: readonly Head[] = [], bufferAway = false): Buffer =>
  serverItem(
    new pb.ServerItem().setHeartbeat(
      new pb.Heartbeat()
        .setTimeMs(timeMs)
        .setBufferAway(bufferAway)
        .setHeadsList(
          heads.map(({ channel, position }) =>
            new pb.ChannelPosition().setChannel(channel).setPosition(writePosition(position)),
          ),
        ),
    ),
  );

/** @param addresses of other nodes, the best first */
export const encodeDraining = (retryAfterMs: number, addresses: readonly string[] = []): Buffer =>
  serverItem(
    new pb.ServerItem().setDraining(new pb.Draining().setRetryAfterMs(retryAfterMs).setAddressesList([...addresses])),
  );

export const encodeNodes = (addresses: readonly string[]): Buffer =>
  serverItem(new pb.ServerItem().setNodes(new pb.Nodes().setAddressesList([...addresses])));

export const encodeEntered = (channel: string): Buffer =>
  serverItem(new pb.ServerItem().setEntered(new pb.Entered().setChannel(channel)));

export const encodeLeft = (channel: string): Buffer =>
  serverItem(new pb.ServerItem().setLeft(new pb.Left().setChannel(channel)));

export const encodeMembersUnwatched = (channel: string): Buffer =>
  serverItem(new pb.ServerItem().setMembersUnwatched(new pb.MembersUnwatched().setChannel(channel)));

export const encodeAuthenticated = ({ name, member, expiresInMs }: Authenticated): Buffer =>
  serverItem(
    new pb.ServerItem().setAuthenticated(
      new pb.Authenticated().setName(name).setMember(member).setExpiresInMs(expiresInMs),
    ),
  );

/** By hand: there is one for each publish. Fields that are 0 are written too, which protobuf allows. */
export function encodePublished({ channel, sequence, count, epoch, first, duplicate }: Published): Buffer {
  const numbers = varintSize(sequence) + varintSize(count) + varintSize(epoch) + varintSize(first) + 1;
  const size = 1 + 1 + channel.length + 5 + numbers;
  const itemSize = 1 + varintSize(size) + size;
  const bytes = Buffer.allocUnsafe(1 + varintSize(itemSize) + itemSize);
  bytes[0] = tagOf(1, LEN);
  let pos = writeVarint(bytes, 1, itemSize);
  bytes[pos++] = tagOf(7, LEN);
  pos = writeVarint(bytes, pos, size);
  bytes[pos++] = tagOf(1, LEN);
  bytes[pos++] = channel.length;
  pos += bytes.write(channel, pos, "latin1");
  bytes[pos++] = tagOf(2, VARINT);
  pos = writeVarint(bytes, pos, sequence);
  bytes[pos++] = tagOf(3, VARINT);
  pos = writeVarint(bytes, pos, count);
  bytes[pos++] = tagOf(4, VARINT);
  pos = writeVarint(bytes, pos, epoch);
  bytes[pos++] = tagOf(5, VARINT);
  pos = writeVarint(bytes, pos, first);
  bytes[pos++] = tagOf(6, VARINT);
  bytes[pos] = duplicate ? 1 : 0;
  return bytes;
}

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
  const reason = reasons[gap.getReason() - 1] ?? "reset";
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
