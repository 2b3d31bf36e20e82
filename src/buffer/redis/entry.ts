// An entry of a channel's stream: one batch. append.lua describes its fields. Nothing about an entry is believed
// that can be checked: other programs can write to the same Redis.
import { countMessages } from "../../wire/batch.js";
import type { StoredBatch } from "../buffer.js";
import { numberOf, numbersOf } from "./head.js";

export type RawEntry = [id: Buffer, fields: Buffer[]];

export interface Entry extends StoredBatch {
  /** Bytes of all batches ever appended to the channel, this one included. */
  total: number;
  /** "producer sequence count" one after the other. */
  runs: string;
}

/** Undefined if it is not an entry of ours, or a damaged one. */
export function parseEntry([id, fields]: RawEntry): Entry | undefined {
  const [h, header, r, runs, m, messages] = fields;
  if (fields.length !== 6 || !header || !runs || !messages) return undefined;
  if (!isLetter(h, "h") || !isLetter(r, "r") || !isLetter(m, "m")) return undefined;
  const [place = "", sequence] = id.toString("latin1").split("-");
  const first = numberOf(place);
  const numbers = numbersOf(header.toString("latin1"), 4);
  if (!(first >= 1) || sequence !== "0" || !numbers) return undefined;
  const [epoch, count, storedAt, total] = numbers as [number, number, number, number];
  if (count < 1 || count !== messagesIn(messages)) return undefined;
  return { epoch, first, count, storedAt, messages, total, runs: runs.toString("latin1") };
}

const isLetter = (field: Buffer | undefined, letter: string): boolean =>
  field?.length === 1 && field[0] === letter.charCodeAt(0);

/** -1 if they are not encoded messages. */
function messagesIn(messages: Buffer): number {
  try {
    return countMessages(messages);
  } catch {
    return -1;
  }
}

/**
 * What is published on the channel's topic: "epoch first count storedAt", a line feed, the messages. Undefined if it
 * is something else.
 */
export function parseLive(published: Buffer): StoredBatch | undefined {
  const lineEnd = published.subarray(0, 80).indexOf(10);
  const numbers = numbersOf(published.toString("latin1", 0, Math.max(lineEnd, 0)), 4);
  if (!numbers) return undefined;
  const [epoch, first, count, storedAt] = numbers as [number, number, number, number];
  const messages = published.subarray(lineEnd + 1);
  if (first < 1 || count < 1 || count !== messagesIn(messages)) return undefined;
  return { epoch, first, count, storedAt, messages };
}

export const batchOf = ({ epoch, first, count, storedAt, messages }: Entry): StoredBatch => ({
  epoch,
  first,
  count,
  storedAt,
  messages,
});
