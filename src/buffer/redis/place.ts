// Where the messages of a producer stand in the log: what a duplicate gets told.
import type { Client } from "../../redis/client.js";
import { parseEntry, type RawEntry } from "./entry.js";
import type { Keys } from "./keys.js";

/** Messages of one producer that were stored together: sequence + i has the offset offset + i. */
export interface Span {
  producer: string;
  sequence: number;
  count: number;
  epoch: number;
  offset: number;
}

/** How far back duplicates are looked for. */
const mostEntries = 1_024;
const pageEntries = 8;

/**
 * Where `count` messages of the producer from `sequence` on stand, if they stand together; the epoch is that of the
 * first. Offset 0 if they do not, or if `spans` does not know.
 */
export function placeOf(spans: readonly Span[], producer: string, sequence: number, count: number): Place {
  const at = (wanted: number) =>
    spans.find((s) => s.producer === producer && s.sequence <= wanted && wanted < s.sequence + s.count);
  const offsetIn = (span: Span, wanted: number) => span.offset + wanted - span.sequence;
  const first = at(sequence);
  if (!first) return { epoch: 0, offset: 0 };
  const offset = offsetIn(first, sequence);
  for (let done = first.sequence + first.count; done < sequence + count; ) {
    const span = at(done);
    if (!span || offsetIn(span, done) !== offset + done - sequence) return { epoch: 0, offset: 0 };
    done = span.sequence + span.count;
  }
  return { epoch: first.epoch, offset };
}

export interface Place {
  epoch: number;
  offset: number;
}

/**
 * Reads the log backwards from `last` on until it has found, for every producer, the message with the sequence
 * number in `wanted` and all that follow; or until the log, or `mostEntries` of it, are through.
 */
export async function findSpans(
  client: Client,
  keys: Keys,
  wanted: ReadonlyMap<string, number>,
  last: number,
): Promise<Span[]> {
  const missing = new Map(wanted);
  const spans: Span[] = [];
  let bound = `${last}-0`;
  for (let read = 0; missing.size > 0 && read < mostEntries; read += pageEntries) {
    const raw = (await client.xrevrangeBuffer(keys.log, bound, "-", "COUNT", pageEntries)) as RawEntry[];
    for (const entry of raw.map(parseEntry)) {
      if (!entry) continue;
      for (const span of spansOf(entry.runs, entry.epoch, entry.first)) {
        if (!wanted.has(span.producer)) continue;
        spans.push(span);
        if (span.sequence <= wanted.get(span.producer)!) missing.delete(span.producer);
      }
    }
    if (raw.length < pageEntries) break;
    bound = `(${raw.at(-1)![0]}`;
  }
  return spans;
}

/** The runs of an entry, each with its place. */
export function spansOf(runs: string, epoch: number, first: number): Span[] {
  const words = runs.split(" ");
  const spans: Span[] = [];
  let offset = first;
  for (let i = 0; i + 2 < words.length; i += 3) {
    const count = Number(words[i + 2]);
    spans.push({ producer: words[i]!, sequence: Number(words[i + 1]), count, epoch, offset });
    offset += count;
  }
  return spans;
}
