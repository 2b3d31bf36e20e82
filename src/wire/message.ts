// One message: encoded by its publisher, decoded by its readers, never by the broker.
import pb from "../../generated/reprise/v1/broker_pb.js";
import type { BatchHeader } from "./batch.js";
import { FIXED64, FieldReader, LEN, tagOf, varintSize, writeVarint } from "./bytes.js";
import { RepriseError } from "./errors.js";

export type Headers = Readonly<Record<string, string>>;

// Without a prototype, as decoded ones: a header that is not there is undefined whatever its key.
const noHeaders: Headers = Object.freeze(Object.create(null) as Record<string, string>);

/** Encodes a `Message` as its publisher sends it. */
export function encodeMessage(data: Uint8Array, headers?: Headers): Buffer {
  const encodedHeaders = headers === undefined ? noEncodedHeaders : encodeHeaders(headers);
  let size = 1 + varintSize(data.length) + data.length;
  for (const header of encodedHeaders) size += 1 + varintSize(header.length) + header.length;
  const bytes = Buffer.allocUnsafe(size);
  bytes[0] = tagOf(1, LEN);
  let pos = writeVarint(bytes, 1, data.length);
  bytes.set(data, pos);
  pos += data.length;
  for (const header of encodedHeaders) {
    bytes[pos++] = tagOf(2, LEN);
    pos = writeVarint(bytes, pos, header.length);
    bytes.set(header, pos);
    pos += header.length;
  }
  return bytes;
}

/** What the messages of one batch have in common. */
interface Origin {
  readonly channel: string;
  readonly epoch: number;
  readonly storedAt: number;
  /** Where their encodings are. */
  readonly bytes: Buffer;
}

const noEncodedHeaders: readonly Uint8Array[] = [];

const encodeHeaders = (headers: Headers): Uint8Array[] =>
  Object.entries(headers).map(([key, value]) => new pb.Header().setKey(key).setValue(value).serializeBinary());

/**
 * A received message. Each field is decoded when it is asked for, because many are never asked for. There is one for each
 * delivery, and it lives for as long as its reader wants it: what all of its batch have in common is there once.
 */
export class Message {
  /** Within its channel and epoch. */
  readonly offset: number;
  readonly #origin: Origin;
  readonly #start: number;
  readonly #end: number;

  /** @param origin its bytes hold the encoded `Message` between `start` and `end` */
  constructor(origin: Origin, offset: number, start = 0, end = origin.bytes.length) {
    this.offset = offset;
    this.#origin = origin;
    this.#start = start;
    this.#end = end;
  }

  get channel(): string {
    return this.#origin.channel;
  }

  get epoch(): number {
    return this.#origin.epoch;
  }

  /** When the broker stored it. Unix ms. */
  get storedAt(): number {
    return this.#origin.storedAt;
  }

  /** A view of what was received: it shares its memory with the messages that came along. */
  get data(): Buffer {
    return lastView(this.#origin.bytes, this.#start, this.#end, 1);
  }

  /** `data` as UTF-8. */
  get text(): string {
    return this.data.toString("utf8");
  }

  get headers(): Headers {
    return decodeHeaders(new FieldReader(this.#origin.bytes, this.#start, this.#end));
  }

  /** Name of the publisher: its identity's, or, where nodes do not ask, what it calls itself; empty if none. */
  get publisher(): string {
    return lastView(this.#origin.bytes, this.#start, this.#end, 3).toString("utf8");
  }

  /** The session it was published on, decimal; "0" for unary publishes. */
  get session(): string {
    const reader = new FieldReader(this.#origin.bytes, this.#start, this.#end);
    let at: number | undefined;
    while (reader.next()) {
      if (reader.field === 4 && reader.wireType === FIXED64) at = reader.pos;
      reader.skip();
    }
    return at === undefined ? "0" : this.#origin.bytes.readBigUInt64LE(at).toString();
  }
}

const nothing = Buffer.alloc(0);

/** One for all: it would be half as much garbage as `data` itself. It is never kept beyond the function that uses it. */
const shared = new FieldReader(nothing);

/** The content of the last field of this number: in protobuf it is the one that counts. */
function lastView(bytes: Buffer, pos: number, limit: number, field: number): Buffer {
  const reader = shared.over(bytes, pos, limit);
  let start = 0;
  let end = -1;
  while (reader.next()) {
    if (reader.field === field && reader.wireType === LEN) {
      end = reader.lengthEnd();
      start = reader.pos;
      reader.pos = end;
    } else reader.skip();
  }
  // Nothing received shall live for its sake.
  reader.bytes = nothing;
  return end < 0 ? nothing : bytes.subarray(start, end);
}

function decodeHeaders(reader: FieldReader): Headers {
  let headers: Record<string, string> | undefined;
  while (reader.next()) {
    if (reader.field === 2 && reader.wireType === LEN) {
      headers ??= Object.create(null) as Record<string, string>;
      decodeHeader(reader.view(), headers);
    } else reader.skip();
  }
  return headers ?? noHeaders;
}

function decodeHeader(encoded: Buffer, into: Record<string, string>): void {
  const reader = new FieldReader(encoded);
  let key = "";
  let value = "";
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === LEN) key = reader.view().toString("utf8");
    else if (reader.field === 2 && reader.wireType === LEN) value = reader.view().toString("utf8");
    else reader.skip();
  }
  into[key] = value;
}

/** The messages of a batch, one after the other. No generator: a step of one costs as much as a message. */
export class Messages implements IterableIterator<Message> {
  readonly #origin: Origin;
  readonly #from: number;
  readonly #reader: FieldReader;
  #offset: number;

  /** @param from those before this offset are passed over */
  constructor(channel: string, batch: BatchHeader & { messages: Buffer }, from: number) {
    const { epoch, storedAt, messages } = batch;
    this.#origin = { channel, epoch, storedAt, bytes: messages };
    this.#from = from;
    this.#reader = new FieldReader(messages);
    this.#offset = batch.first;
  }

  /**
   * The next one; undefined: there are no more.
   * @throws RepriseError `malformed`
   */
  take(): Message | undefined {
    const reader = this.#reader;
    while (reader.next()) {
      if (reader.field !== 15) throw new RepriseError("malformed", "a batch with something else among its messages");
      reader.expect(LEN);
      const end = reader.lengthEnd();
      const { pos } = reader;
      reader.pos = end;
      const offset = this.#offset++;
      if (offset >= this.#from) return new Message(this.#origin, offset, pos, end);
    }
    return undefined;
  }

  next(): IteratorResult<Message, undefined> {
    const value = this.take();
    return value === undefined ? { value, done: true } : { value, done: false };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** The messages of a batch from offset `from` on. */
export const messagesOf = (channel: string, batch: BatchHeader & { messages: Buffer }, from = 0): Messages =>
  new Messages(channel, batch, from);
