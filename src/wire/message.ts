// One message: encoded by its publisher, decoded by its readers, never by the broker.
import pb from "../../generated/reprise/v1/broker_pb.js";
import type { BatchHeader } from "./batch.js";
import { FIXED64, FieldReader, LEN, tagOf, varintSize, writeVarint } from "./bytes.js";
import { RepriseError } from "./errors.js";

export type Headers = Readonly<Record<string, string>>;

// Without a prototype, as decoded ones: a header that is not there is undefined whatever its key.
const noHeaders: Headers = Object.freeze(Object.create(null) as Record<string, string>);

/** Encodes a `Message` as its publisher sends it. */
export function encodeMessage(data: Uint8Array, headers: Headers = noHeaders): Buffer {
  const encodedHeaders = Object.entries(headers).map(([key, value]) =>
    new pb.Header().setKey(key).setValue(value).serializeBinary(),
  );
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

/**
 * A received message. Each field is decoded when it is asked for, because many are never asked for; `data` is a view of
 * what was received.
 */
export class Message {
  readonly channel: string;
  readonly epoch: number;
  readonly offset: number;
  /** When the broker stored it. Unix ms. */
  readonly storedAt: number;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;
  #data: Buffer | undefined;
  #headers: Headers | undefined;

  /** @param bytes hold the encoded `Message` between `start` and `end` */
  constructor(
    channel: string,
    epoch: number,
    offset: number,
    storedAt: number,
    bytes: Buffer,
    start = 0,
    end = bytes.length,
  ) {
    this.channel = channel;
    this.epoch = epoch;
    this.offset = offset;
    this.storedAt = storedAt;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  get #fields(): FieldReader {
    return new FieldReader(this.#bytes, this.#start, this.#end);
  }

  get data(): Buffer {
    this.#data ??= lastView(this.#fields, 1);
    return this.#data;
  }

  /** `data` as UTF-8. */
  get text(): string {
    return this.data.toString("utf8");
  }

  get headers(): Headers {
    this.#headers ??= decodeHeaders(this.#fields);
    return this.#headers;
  }

  /** Name of the publisher: its identity's, or, where nodes do not ask, what it calls itself; empty if none. */
  get publisher(): string {
    return lastView(this.#fields, 3).toString("utf8");
  }

  /** The session it was published on, decimal; "0" for unary publishes. */
  get session(): string {
    const reader = this.#fields;
    let at: number | undefined;
    while (reader.next()) {
      if (reader.field === 4 && reader.wireType === FIXED64) at = reader.pos;
      reader.skip();
    }
    return at === undefined ? "0" : this.#bytes.readBigUInt64LE(at).toString();
  }
}

const nothing = Buffer.alloc(0);

/** The content of the last field of this number: in protobuf it is the one that counts. */
function lastView(reader: FieldReader, field: number): Buffer {
  let start = 0;
  let end = -1;
  while (reader.next()) {
    if (reader.field === field && reader.wireType === LEN) {
      end = reader.lengthEnd();
      start = reader.pos;
      reader.pos = end;
    } else reader.skip();
  }
  return end < 0 ? nothing : reader.bytes.subarray(start, end);
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

/**
 * Yields the messages of a batch from offset `from` on.
 * @throws RepriseError `malformed`
 */
export function* messagesOf(
  channel: string,
  batch: BatchHeader & { messages: Buffer },
  from = 0,
): Generator<Message, void, void> {
  const reader = new FieldReader(batch.messages);
  for (let offset = batch.first; reader.next(); offset++) {
    if (reader.field !== 15) throw new RepriseError("malformed", "a batch with something else among its messages");
    reader.expect(LEN);
    const end = reader.lengthEnd();
    const { bytes, pos } = reader;
    reader.pos = end;
    if (offset >= from) yield new Message(channel, batch.epoch, offset, batch.storedAt, bytes, pos, end);
  }
}
