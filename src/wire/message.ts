// One message: encoded by its publisher, decoded by its readers, never by the broker.
import pb from "../../generated/reprise/v1/broker_pb.js";
import type { BatchHeader } from "./batch.js";
import { FIXED64, FieldReader, LEN, tagOf, varintSize, writeVarint } from "./bytes.js";
import { RepriseError } from "./errors.js";
import type { Position } from "./position.js";

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

/** One for all: it would be half the garbage of looking at `data`. It is never kept beyond the function that uses it. */
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

/** Messages in the order of their offsets. An array of them is one, too. */
export interface Batch<M extends Message = Message> extends Iterable<M> {
  readonly length: number;
  /** Negative: from the end. */
  at(index: number): M | undefined;
}

/**
 * Messages of a received batch. Each is made when it is asked for, and again when it is asked for again, and only the bytes
 * are there all the time: whoever has many subscriptions has as many batches, each until the next one comes, and objects
 * that live for so long are what V8 collects worst.
 */
export class Messages implements Batch {
  readonly length: number;
  readonly #origin: Origin;
  readonly #pos: number;
  /** Of the message at `#pos`. */
  readonly #offset: number;
  /** Those before this offset are passed over. */
  readonly #from: number;

  constructor(origin: Origin, pos: number, offset: number, from: number, length: number) {
    this.#origin = origin;
    this.#pos = pos;
    this.#offset = offset;
    this.#from = from;
    this.length = length;
  }

  /** Of the last one. */
  get position(): Position {
    return { epoch: this.#origin.epoch, offset: this.#from + this.length - 1 };
  }

  at(index: number): Message | undefined {
    const place = index < 0 ? this.length + index : index;
    return place >= 0 && place < this.length ? this.#reader(place).take() : undefined;
  }

  /** @throws RepriseError `malformed`, as do its steps */
  [Symbol.iterator](): MessageReader {
    return this.#reader(0);
  }

  #reader(skipped: number): MessageReader {
    return new MessageReader(this.#origin, this.#pos, this.#offset, this.#from + skipped, this.#from + this.length);
  }
}

/** Hands out messages, one after the other or all the rest. No generator: a step of one costs as much as a message. */
export class MessageReader implements IterableIterator<Message> {
  readonly #origin: Origin;
  readonly #from: number;
  readonly #next: number;
  readonly #reader: FieldReader;
  #offset: number;

  /**
   * @param offset of the message at `pos`
   * @param from those before this offset are passed over
   * @param next offset behind the last one
   */
  constructor(origin: Origin, pos: number, offset: number, from: number, next: number) {
    this.#origin = origin;
    this.#reader = new FieldReader(origin.bytes, pos);
    this.#offset = offset;
    this.#from = from;
    this.#next = next;
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

  /** All that are left. */
  rest(): Messages {
    const { pos } = this.#reader;
    const offset = this.#offset;
    const from = Math.max(this.#from, offset);
    this.#reader.pos = this.#reader.end;
    this.#offset = Math.max(this.#next, offset);
    return new Messages(this.#origin, pos, offset, from, this.#offset - from);
  }

  next(): IteratorResult<Message, undefined> {
    const value = this.take();
    return value === undefined ? { value, done: true } : { value, done: false };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** The messages of a batch from offset `from` on. There must be as many as it says. */
export function messagesOf(channel: string, batch: BatchHeader & { messages: Buffer }, from = 0): Messages {
  const { epoch, first, count, storedAt, messages } = batch;
  const begin = Math.max(from, first);
  return new Messages(
    { channel, epoch, storedAt, bytes: messages },
    0,
    first,
    begin,
    Math.max(0, first + count - begin),
  );
}
