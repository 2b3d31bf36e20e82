// Where a channel's log ends, and its epochs: the fields `head` and `epochs` of its meta key, which append.lua describes
// and alone writes.
import { RepriseError } from "../../wire/errors.js";
import type { EpochStart } from "../../wire/position.js";

export interface Head {
  /** 0: the channel does not exist. */
  epoch: number;
  next: number;
}

export const noHead: Head = { epoch: 0, next: 1 };

/** Negative if `a` is further back in a channel's history than `b`. */
export const compareHeads = (a: Head, b: Head): number => a.epoch - b.epoch || a.next - b.next;

/** The numbers of a text that must be exactly `count` numbers separated by spaces. */
export function numbersOf(text: string | null | undefined, count: number): number[] | undefined {
  const words = text?.split(" ") ?? [];
  if (words.length !== count) return undefined;
  const numbers = words.map(numberOf);
  return numbers.every(Number.isSafeInteger) ? numbers : undefined;
}

/** NaN unless it is a number as append.lua writes it. */
export const numberOf = (word: string): number => (/^\d{1,16}$/.test(word) ? Number(word) : Number.NaN);

/** What the field `head` says. */
export interface MetaHead extends Head {
  /** Bytes of all batches ever appended. */
  total: number;
  /** Entries in the log. */
  batches: number;
}

/** Without a text the channel does not exist; undefined for a text that somebody else wrote. */
export function readHead(text: string | null | undefined): MetaHead | undefined {
  if (!text) return { ...noHead, total: 0, batches: 0 };
  const [next, epoch, , total, batches] = numbersOf(text, 5) ?? [];
  return batches === undefined ? undefined : { next: next!, epoch: epoch!, total: total!, batches };
}

/** @throws RepriseError `buffer_unavailable` if somebody else wrote the field */
export function parseHead(text: string | null | undefined, metaKey: string): MetaHead {
  const head = text === "" ? undefined : readHead(text);
  if (!head) throw notUnderstood(metaKey);
  return head;
}

/** @throws RepriseError `buffer_unavailable` if there are none, or somebody else wrote the field */
export function parseEpochs(text: string | null | undefined, metaKey: string): EpochStart[] {
  const numbers = numbersOf(text, text?.split(" ").length ?? 0);
  if (!numbers || numbers.length === 0 || numbers.length % 2 !== 0) throw notUnderstood(metaKey);
  const epochs: EpochStart[] = [];
  for (let i = 0; i < numbers.length; i += 2) epochs.push({ epoch: numbers[i]!, first: numbers[i + 1]! });
  return epochs;
}

export const notUnderstood = (metaKey: string): RepriseError =>
  new RepriseError("buffer_unavailable", `what Redis holds under the key ${metaKey} was not written by Reprise`);
