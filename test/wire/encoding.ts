// Protobuf encodings put together by hand, in any order and with anything in them, by code that is not ours.
import jspb from "google-protobuf";

/** What google-protobuf's classes have in common. */
export interface Encodable {
  serializeBinary(): Uint8Array;
}

export const encoded = (message: Encodable): Buffer => Buffer.from(message.serializeBinary());

function written(write: (writer: jspb.BinaryWriter) => void): Buffer {
  const writer = new jspb.BinaryWriter();
  write(writer);
  return Buffer.from(writer.getResultBuffer());
}

/** A length-delimited field. */
export const lenField = (field: number, content: Uint8Array | string): Buffer =>
  written((writer) => writer.writeBytes(field, Buffer.from(content)));

export const varintField = (field: number, value: number): Buffer =>
  written((writer) => writer.writeUint64(field, value));

export const fixed64Field = (field: number, value: string): Buffer =>
  written((writer) => writer.writeFixed64String(field, value));

export const fixed32Field = (field: number, value: number): Buffer =>
  written((writer) => writer.writeFixed32(field, value));

/** The elements of a repeated field 15: what is stored of a batch. */
export const elements = (messages: readonly Uint8Array[]): Buffer =>
  Buffer.concat(messages.map((message) => lenField(15, message)));

/** A frame of items that each hold one field. */
export const frame = (items: readonly { field: number; content: Uint8Array }[]): Buffer =>
  Buffer.concat(items.map(({ field, content }) => lenField(1, lenField(field, content))));
