// Batches: consecutive messages of one channel, encoded once. The stored bytes are the repeated messages; in front
// of them goes a header that the offsets complete, and the two together are an item of a ServerFrame:
//
//   0A <len>                                   ServerFrame.items
//     22 <len>                                 ServerItem.batch
//       0A <len> channel  10 epoch  18 first_offset  20 count  28 stored_at_ms
//       7A <len> message  7A <len> message …   Batch.messages: the stored bytes, never touched again
//
// A message is stored as its publisher encoded it, followed by what the broker knows about the publisher:
//
//   0A <len> data  12 <len> header …           as received
//   1A <len> publisher  21 <8 bytes> session   appended; in protobuf the last value of a field wins
import { isUtf8 } from "node:buffer";
import { FIXED64, FieldReader, LEN, tagOf, VARINT, varintSize, writeVarint } from "./bytes.js";
import { RepriseError } from "./errors.js";

/** `Batch.messages`, `Publish.messages` and `PublishRequest.messages` share field number 15. */
const messagesTag = tagOf(15, LEN);

export interface BatchHeader {
  epoch: number;
  /** Offset of the first message. */
  first: number;
  count: number;
  /** Unix ms. */
  storedAt: number;
}

/** Encodes a batch as a complete item of a ServerFrame: one allocation, one copy of the messages. */
export function encodeBatch(channel: string, batch: BatchHeader, messages: Buffer): Buffer {
  const header =
    1 +
    1 +
    channel.length + // channel names are ASCII, shorter than 128
    (1 + varintSize(batch.epoch)) +
    (1 + varintSize(batch.first)) +
    (1 + varintSize(batch.count)) +
    (1 + varintSize(batch.storedAt));
  const batchSize = header + messages.length;
  const itemSize = 1 + varintSize(batchSize) + batchSize;
  const bytes = Buffer.allocUnsafe(1 + varintSize(itemSize) + itemSize);
  bytes[0] = tagOf(1, LEN);
  let pos = writeVarint(bytes, 1, itemSize);
  bytes[pos++] = tagOf(4, LEN);
  pos = writeVarint(bytes, pos, batchSize);
  bytes[pos++] = tagOf(1, LEN);
  bytes[pos++] = channel.length;
  pos += bytes.write(channel, pos, "latin1");
  bytes[pos++] = tagOf(2, VARINT);
  pos = writeVarint(bytes, pos, batch.epoch);
  bytes[pos++] = tagOf(3, VARINT);
  pos = writeVarint(bytes, pos, batch.first);
  bytes[pos++] = tagOf(4, VARINT);
  pos = writeVarint(bytes, pos, batch.count);
  bytes[pos++] = tagOf(5, VARINT);
  pos = writeVarint(bytes, pos, batch.storedAt);
  bytes.set(messages, pos);
  return bytes;
}

/**
 * Position in `messages` behind its first `count` messages.
 * @throws RepriseError `malformed` if there are fewer, or something else stands between them
 */
export function skipMessages(messages: Buffer, count: number): number {
  const reader = new FieldReader(messages);
  for (let i = 0; i < count; i++) nextMessage(reader);
  return reader.pos;
}

/**
 * How many messages `messages` holds.
 * @throws RepriseError `malformed` if it is anything but encoded elements of `Batch.messages`
 */
export function countMessages(messages: Buffer): number {
  const reader = new FieldReader(messages);
  let count = 0;
  for (; reader.pos < reader.end; count++) nextMessage(reader);
  return count;
}

function nextMessage(reader: FieldReader): void {
  if (!reader.next() || reader.field !== 15 || reader.wireType !== LEN) {
    throw new RepriseError("malformed", "stored bytes are not a sequence of messages");
  }
  reader.pos = reader.lengthEnd();
}

/** The part of a batch from offset `from` on: for a reader whose position lies inside it. */
export function cutBatch<B extends BatchHeader & { messages: Buffer }>(batch: B, from: number): B {
  const skipped = from - batch.first;
  if (skipped <= 0) return batch;
  return {
    ...batch,
    first: from,
    count: batch.count - skipped,
    messages: batch.messages.subarray(skipMessages(batch.messages, skipped)),
  };
}

/**
 * The fields that the broker appends to each message of a publisher. Both are always written, so that they win over
 * whatever the publisher put there.
 * @param session decimal, 0 to 2^64 - 1
 */
export function encodePublisher(name: string, session: string): Buffer {
  const length = Buffer.byteLength(name);
  const bytes = Buffer.allocUnsafe(1 + varintSize(length) + length + 1 + 8);
  bytes[0] = tagOf(3, LEN);
  let pos = writeVarint(bytes, 1, length);
  pos += bytes.write(name, pos);
  bytes[pos++] = tagOf(4, FIXED64);
  bytes.writeBigUInt64LE(BigInt(session), pos);
  return bytes;
}

/** What a publish request holds, its messages not yet copied. */
export interface Publish {
  channel: string;
  sequence: number;
  count: number;
  /** Bytes of the encoded messages, without their tags and lengths. */
  bytes: number;
  /** Size of the largest message. */
  largest: number;
  /** The encoded request. */
  request: Buffer;
}

/**
 * Reads an encoded `Publish` or the same fields of a `PublishRequest`, and checks each message so far that any
 * protobuf library can decode it: nobody else is disturbed by what one publisher sends.
 * @param second wire type of field 2: a number is the sequence; a PublishRequest has its idempotency key there, which
 * its own reader takes
 * @throws RepriseError `malformed`
 */
export function readPublish(request: Buffer, second: typeof VARINT | typeof LEN = VARINT): Publish {
  const publish: Publish = { channel: "", sequence: 0, count: 0, bytes: 0, largest: 0, request };
  const reader = new FieldReader(request);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.expect(LEN);
        publish.channel = reader.text();
        break;
      case 2:
        reader.expect(second);
        if (second === VARINT) publish.sequence = reader.varint();
        else reader.skip();
        break;
      case 15: {
        reader.expect(LEN);
        const end = reader.lengthEnd();
        const size = end - reader.pos;
        checkMessage(request, reader.pos, end);
        reader.pos = end;
        publish.count++;
        publish.bytes += size;
        if (size > publish.largest) publish.largest = size;
        break;
      }
      default:
        reader.skip();
    }
  }
  return publish;
}

/** Copies the messages of a publish, each followed by `publisher` (from `encodePublisher`): what is stored. */
export function spliceMessages(publish: Publish, publisher: Buffer): Buffer {
  const largest = publish.largest + publisher.length;
  const bytes = Buffer.allocUnsafe(publish.bytes + publish.count * (1 + varintSize(largest) + publisher.length));
  const { request } = publish;
  const reader = new FieldReader(request);
  let pos = 0;
  while (reader.next()) {
    if (reader.field !== 15) {
      reader.skip();
      continue;
    }
    const end = reader.lengthEnd();
    bytes[pos++] = messagesTag;
    pos = writeVarint(bytes, pos, end - reader.pos + publisher.length);
    pos += request.copy(bytes, pos, reader.pos, end);
    bytes.set(publisher, pos);
    pos += publisher.length;
    reader.pos = end;
  }
  return bytes.subarray(0, pos);
}

function checkMessage(bytes: Buffer, start: number, end: number): void {
  const reader = new FieldReader(bytes, start, end);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.expect(LEN);
        reader.pos = reader.lengthEnd();
        break;
      case 2:
        reader.expect(LEN);
        reader.pos = checkHeader(bytes, reader);
        break;
      case 3:
        reader.expect(LEN);
        checkUtf8(reader.view(), "publisher");
        break;
      case 4:
        reader.expect(FIXED64);
        reader.skip();
        break;
      default:
        reader.skip();
    }
  }
}

function checkHeader(bytes: Buffer, outer: FieldReader): number {
  const end = outer.lengthEnd();
  const reader = new FieldReader(bytes, outer.pos, end);
  while (reader.next()) {
    if (reader.field === 1 || reader.field === 2) {
      reader.expect(LEN);
      checkUtf8(reader.view(), "header");
    } else {
      reader.skip();
    }
  }
  return end;
}

function checkUtf8(text: Buffer, what: string): void {
  if (!isUtf8(text)) throw new RepriseError("malformed", `a ${what} is not valid UTF-8`);
}
