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

/** A received message. Its fields are decoded when first asked for; `data` is a view of what was received. */
export class Message {
  readonly channel: string;
  readonly epoch: number;
  readonly offset: number;
  /** When the broker stored it. Unix ms. */
  readonly storedAt: number;
  #encoded: Buffer;
  #fields: Fields | undefined;

  constructor(channel: string, epoch: number, offset: number, storedAt: number, encoded: Buffer) {
    this.channel = channel;
    this.epoch = epoch;
    this.offset = offset;
    this.storedAt = storedAt;
    this.#encoded = encoded;
  }

  get #decoded(): Fields {
    this.#fields ??= decodeFields(this.#encoded);
    return this.#fields;
  }

  get data(): Buffer {
    return this.#decoded.data;
  }

  /** `data` as UTF-8. */
  get text(): string {
    return this.data.toString("utf8");
  }

  get headers(): Headers {
    return this.#decoded.headers;
  }

  /** Name that the publisher gave itself; empty if none. */
  get publisher(): string {
    return this.#decoded.publisher;
  }

  /** The session it was published on, decimal; "0" for unary publishes. */
  get session(): string {
    return this.#decoded.session;
  }
}

interface Fields {
  data: Buffer;
  headers: Headers;
  publisher: string;
  session: string;
}

const noData = Buffer.alloc(0);

function decodeFields(encoded: Buffer): Fields {
  const fields: Fields = { data: noData, headers: noHeaders, publisher: "", session: "0" };
  let headers: Record<string, string> | undefined;
  const reader = new FieldReader(encoded);
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === LEN) fields.data = reader.view();
    else if (reader.field === 2 && reader.wireType === LEN) {
      headers ??= Object.create(null) as Record<string, string>;
      decodeHeader(reader.view(), headers);
    } else if (reader.field === 3 && reader.wireType === LEN) fields.publisher = reader.view().toString("utf8");
    else if (reader.field === 4 && reader.wireType === FIXED64) {
      const at = reader.pos;
      reader.skip();
      fields.session = encoded.readBigUInt64LE(at).toString();
    } else reader.skip();
  }
  if (headers !== undefined) fields.headers = headers;
  return fields;
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
    const encoded = reader.view();
    if (offset >= from) yield new Message(channel, batch.epoch, offset, batch.storedAt, encoded);
  }
}
