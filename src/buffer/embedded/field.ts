// What the bodies of records are made of: varints (wire/bytes.ts), and short ASCII texts behind their length.
import { type FieldReader, writeVarint } from "../../wire/bytes.js";

/** The most bytes that a number up to 2^53 - 1 takes. */
export const numberMax = 8;

/** The most bytes that a text takes. */
export const textMax = (text: string): number => numberMax + text.length;

/** Both answer the position behind what they wrote. */
export function writeNumbers(bytes: Buffer, pos: number, numbers: readonly number[]): number {
  for (const number of numbers) pos = writeVarint(bytes, pos, number);
  return pos;
}

export function writeText(bytes: Buffer, pos: number, text: string): number {
  pos = writeVarint(bytes, pos, text.length);
  return pos + bytes.write(text, pos, "latin1");
}

/** @throws RepriseError `malformed` */
export const readText = (reader: FieldReader): string => reader.view().toString("latin1");
