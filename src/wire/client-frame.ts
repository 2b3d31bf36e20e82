// What travels from a peer to the broker: written by the client, read by the broker. Publishes are the hot path and
// are written and read by hand (batch.ts); everything else goes through the generated code.

import type { Message as JspbMessage } from "google-protobuf";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { FieldReader, LEN, tagOf, VARINT, varintSize, writeVarint } from "./bytes.js";
import { decode, subscribeShape } from "./decode.js";
import { RepriseError } from "./errors.js";
import { enterShape, type Metadata, writeEnter } from "./members.js";
import type { Position } from "./position.js";

export const protocolVersion = 1;

/** The highest field number in ClientItem. */
const lastItem = 16;

/** Where a subscription or a page of history starts. */
export type Start =
  | { from: "new" }
  | { from: "earliest" }
  | { from: "last"; count: number }
  | { from: "offset"; offset: number }
  | { from: "time"; timeMs: number }
  | { from: "position"; position: Position };

export type ClientItem =
  | { kind: "hello"; version: number; name: string; producer: Buffer; discover: boolean; member: string }
  | { kind: "publish"; request: Buffer }
  | { kind: "subscribe"; channel: string; start: Start }
  | { kind: "unsubscribe"; channel: string }
  | { kind: "enter"; channel: string; metadata: Metadata[] }
  | { kind: "leave"; channel: string }
  | { kind: "watchMembers"; channel: string }
  | { kind: "unwatchMembers"; channel: string }
  | { kind: "authenticate"; token: string };

/** Field numbers in ClientItem, by which an `error` says what kind of request it answers. */
export const requestNumbers = {
  publish: 2,
  subscribe: 3,
  unsubscribe: 4,
  enter: 5,
  leave: 6,
  watchMembers: 7,
  unwatchMembers: 8,
  authenticate: 16,
} as const;

export type RequestKind = keyof typeof requestNumbers;

export interface Item {
  /** Field number in ClientItem or ServerItem. */
  field: number;
  content: Buffer;
}

const nothing = Buffer.alloc(0);

/**
 * The one item in a ClientItem or ServerItem. Fields behind `known` are of a later version: beside a known one they are
 * passed over, and only an item that has nothing else is one of them. Two known ones are refused: protobuf would drop
 * the first without a word.
 */
function itemOf(bytes: Buffer, known: number): Item {
  const reader = new FieldReader(bytes);
  let found: Item | undefined;
  while (reader.next()) {
    const { field } = reader;
    if (field > known) {
      reader.skip();
      found ??= { field, content: nothing };
    } else {
      if (found !== undefined && found.field <= known) throw new RepriseError("malformed", "two items in one");
      reader.expect(LEN);
      found = { field, content: reader.view() };
    }
  }
  if (found === undefined) throw new RepriseError("malformed", "an item is empty");
  return found;
}

/** Yields a frame's items in order; `known` is the highest field number of an item in this version. */
export function* itemsOf(frame: Buffer, known: number): Generator<Item> {
  const reader = new FieldReader(frame);
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    reader.expect(LEN);
    yield itemOf(reader.view(), known);
  }
}

/**
 * Yields a frame's items in order. What precedes a malformed item has been yielded when it throws.
 * @throws RepriseError `malformed`
 */
export function* readClientFrame(frame: Buffer): Generator<ClientItem> {
  for (const { field, content } of itemsOf(frame, lastItem)) yield readClientItem(field, content);
}

function readClientItem(field: number, content: Buffer): ClientItem {
  switch (field) {
    case 1: {
      const hello = decode(pb.Hello, content, { 2: "text", 5: "text" });
      const producer = Buffer.from(hello.getProducer_asU8());
      const [discover, member] = [hello.getDiscover(), hello.getMember()];
      return { kind: "hello", version: hello.getVersion(), name: hello.getName(), producer, discover, member };
    }
    case 2:
      return { kind: "publish", request: content };
    case 3: {
      const subscribe = decode(pb.Subscribe, content, subscribeShape);
      return { kind: "subscribe", channel: subscribe.getChannel(), start: readStart(subscribe.getStart()) };
    }
    case 4:
      return { kind: "unsubscribe", channel: decode(pb.Unsubscribe, content, { 1: "text" }).getChannel() };
    case 5: {
      const { channel, metadataList } = decode(pb.Enter, content, enterShape).toObject();
      return { kind: "enter", channel, metadata: metadataList };
    }
    case 6:
      return { kind: "leave", channel: decode(pb.Leave, content, { 1: "text" }).getChannel() };
    case 7:
      return { kind: "watchMembers", channel: decode(pb.WatchMembers, content, { 1: "text" }).getChannel() };
    case 8:
      return { kind: "unwatchMembers", channel: decode(pb.UnwatchMembers, content, { 1: "text" }).getChannel() };
    case 16:
      return { kind: "authenticate", token: decode(pb.Authenticate, content, { 1: "text" }).getToken() };
    default:
      throw new RepriseError("malformed", `item ${field} is not known to this version`);
  }
}

/**
 * Unset means new.
 * @throws RepriseError `malformed` for numbers above 2^53 - 1
 */
export function readStart(start: InstanceType<typeof pb.Start> | undefined): Start {
  const { StartCase } = pb.Start;
  switch (start?.getStartCase()) {
    case StartCase.EARLIEST:
      return { from: "earliest" };
    case StartCase.LAST:
      return { from: "last", count: safe(start.getLast()) };
    case StartCase.OFFSET:
      return { from: "offset", offset: safe(start.getOffset()) };
    case StartCase.TIME_MS:
      return { from: "time", timeMs: safe(start.getTimeMs()) };
    case StartCase.AFTER: {
      const position = start.getAfter();
      return {
        from: "position",
        position: { epoch: safe(position?.getEpoch() ?? 0), offset: safe(position?.getOffset() ?? 0) },
      };
    }
    default:
      return { from: "new" };
  }
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RepriseError("malformed", "a number above 2^53 - 1");
  return value;
}

export function writeStart(start: Start): InstanceType<typeof pb.Start> {
  const message = new pb.Start();
  switch (start.from) {
    case "new":
      return message.setNew(true);
    case "earliest":
      return message.setEarliest(true);
    case "last":
      return message.setLast(start.count);
    case "offset":
      return message.setOffset(start.offset);
    case "time":
      return message.setTimeMs(start.timeMs);
    case "position":
      return message.setAfter(writePosition(start.position));
  }
}

export const writePosition = (position: Position): InstanceType<typeof pb.Position> =>
  new pb.Position().setEpoch(position.epoch).setOffset(position.offset);

const bytesOf = (message: JspbMessage): Buffer => {
  const bytes = message.serializeBinary();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

const clientItem = (item: InstanceType<typeof pb.ClientItem>): Buffer =>
  bytesOf(new pb.ClientFrame().setItemsList([item]));

/** @param member empty: the session's id */
export const encodeHello = (name: string, producer: Buffer, discover = false, member = ""): Buffer =>
  clientItem(
    new pb.ClientItem().setHello(
      new pb.Hello()
        .setVersion(protocolVersion)
        .setName(name)
        .setProducer(producer)
        .setDiscover(discover)
        .setMember(member),
    ),
  );

export const encodeSubscribe = (channel: string, start: Start): Buffer =>
  clientItem(new pb.ClientItem().setSubscribe(new pb.Subscribe().setChannel(channel).setStart(writeStart(start))));

export const encodeUnsubscribe = (channel: string): Buffer =>
  clientItem(new pb.ClientItem().setUnsubscribe(new pb.Unsubscribe().setChannel(channel)));

export const encodeEnter = (channel: string, metadata: readonly Metadata[]): Buffer =>
  clientItem(new pb.ClientItem().setEnter(writeEnter(channel, metadata)));

export const encodeLeave = (channel: string): Buffer =>
  clientItem(new pb.ClientItem().setLeave(new pb.Leave().setChannel(channel)));

export const encodeWatchMembers = (channel: string): Buffer =>
  clientItem(new pb.ClientItem().setWatchMembers(new pb.WatchMembers().setChannel(channel)));

export const encodeUnwatchMembers = (channel: string): Buffer =>
  clientItem(new pb.ClientItem().setUnwatchMembers(new pb.UnwatchMembers().setChannel(channel)));

export const encodeAuthenticate = (token: string): Buffer =>
  clientItem(new pb.ClientItem().setAuthenticate(new pb.Authenticate().setToken(token)));

/**
 * Encodes a publish as a complete ClientFrame.
 * @param messages encoded `Message`s (message.ts), one or more
 */
export function encodePublish(channel: string, sequence: number, messages: readonly Buffer[]): Buffer {
  let size = 1 + 1 + channel.length + (1 + varintSize(sequence));
  for (const message of messages) size += 1 + varintSize(message.length) + message.length;
  const itemSize = 1 + varintSize(size) + size;
  const bytes = Buffer.allocUnsafe(1 + varintSize(itemSize) + itemSize);
  bytes[0] = tagOf(1, LEN);
  let pos = writeVarint(bytes, 1, itemSize);
  bytes[pos++] = tagOf(2, LEN);
  pos = writeVarint(bytes, pos, size);
  bytes[pos++] = tagOf(1, LEN);
  bytes[pos++] = channel.length;
  pos += bytes.write(channel, pos, "latin1");
  bytes[pos++] = tagOf(2, VARINT);
  pos = writeVarint(bytes, pos, sequence);
  for (const message of messages) {
    bytes[pos++] = tagOf(15, LEN);
    pos = writeVarint(bytes, pos, message.length);
    bytes.set(message, pos);
    pos += message.length;
  }
  return bytes;
}
