// Runs and their messages, built from texts and taken apart again.
import type { Run } from "../../src/buffer/buffer.js";
import { FieldReader, varintSize, writeVarint } from "../../src/wire/bytes.js";

/** One element of `Batch.messages`: a Message whose `data` is `content`. */
export function message(content: string | Buffer): Buffer {
  const data = Buffer.from(content);
  const size = 1 + varintSize(data.length) + data.length;
  const bytes = Buffer.alloc(1 + varintSize(size) + size);
  bytes[0] = 0x7a;
  let pos = writeVarint(bytes, 1, size);
  bytes[pos++] = 0x0a;
  pos = writeVarint(bytes, pos, data.length);
  data.copy(bytes, pos);
  return bytes;
}

export function run(producer: string, sequence: number, contents: readonly (string | Buffer)[]): Run {
  return { producer, sequence, count: contents.length, messages: Buffer.concat(contents.map(message)) };
}

/** `count` short texts, each different from all others of that name. */
export const texts = (name: string, count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, i) => `${name}/${from + i}`);

/** The contents of encoded messages. */
export function contents(messages: Buffer): string[] {
  const reader = new FieldReader(messages);
  const found: string[] = [];
  while (reader.next()) {
    const inner = new FieldReader(reader.view());
    inner.next();
    found.push(inner.view().toString());
  }
  return found;
}
