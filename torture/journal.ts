// A log of this run. Each line is with the system before `write` returns: what is written survives a `kill -9`.
import { createHash } from "node:crypto";
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { hashDigits } from "./check/history.js";

export interface Journal<Line> {
  /** Stamps it with the time. */
  write(line: Line extends { t: number } ? Omit<Line, "t"> : never): void;
}

export function openJournal<Line extends { t: number }>(folder: string, who: string): Journal<Line> {
  const file = openSync(join(folder, `${who}.jsonl`), "a");
  return { write: (line) => void writeSync(file, `${JSON.stringify({ t: Date.now(), ...(line as object) })}\n`) };
}

export const hashOf = (data: Uint8Array): string => createHash("sha1").update(data).digest("hex").slice(0, hashDigits);

/**
 * The data of a message of so many bytes: its name, as far as it goes in, then filling. Whoever cannot read headers reads
 * the name there.
 */
export function dataOf(name: string, bytes: number): Buffer {
  const data = Buffer.alloc(bytes, ".");
  const text = `${name} `;
  if (text.length <= bytes) data.write(text);
  return data;
}

/** "" if it says none. */
export const nameIn = (text: string): string => /^(publisher-[\w.]+-\d+) /.exec(text)?.[1] ?? "";

const longestName = 100;

/** Of a message with this header `id`; lines have no headers. */
export const nameOf = (id: string | undefined, data: Uint8Array): string =>
  id ?? nameIn(Buffer.from(data.subarray(0, longestName)).toString());
