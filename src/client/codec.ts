// Codecs: how the values of a channel become bytes, and values again.
import { RepriseError } from "../wire/errors.js";

export interface Codec<T> {
  /** What it throws, `publish` rejects with, as the cause of an `invalid_argument`. */
  encode(value: T): Uint8Array | string;
  /** What it throws makes the message undecodable. `bytes` are a view of what was received: copy what is kept. */
  decode(bytes: Uint8Array): T;
}

/** Data as it is. */
export const bytes: Codec<Uint8Array> = {
  encode: (value) => value,
  decode: (value) => value,
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8. Anything else is undecodable. */
export const text: Codec<string> = {
  encode: (value) => value,
  decode: (value) => utf8.decode(value),
};

/** Something that returns its argument as a T, or throws: a schema of Zod, for example, or a function. */
export type Schema<T> = ((value: unknown) => T) | { parse(value: unknown): T };

/**
 * JSON. What arrives is parsed by the schema, what is published is not. Without a schema a T is believed to be what was
 * published: anybody may have published something else.
 */
export function json<T>(schema?: Schema<T>): Codec<T> {
  const parse = schemaFunction(schema);
  return {
    encode(value) {
      const encoded: string | undefined = JSON.stringify(value);
      if (encoded === undefined) throw new RepriseError("invalid_argument", `JSON has no ${typeof value}`);
      return encoded;
    },
    decode: (value) => parse(JSON.parse(utf8.decode(value))),
  };
}

function schemaFunction<T>(schema: Schema<T> | undefined): (value: unknown) => T {
  if (schema === undefined) return (value) => value as T;
  return typeof schema === "function" ? schema : (value) => schema.parse(value);
}
