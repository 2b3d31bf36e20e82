// A page of a channel's log, and what is missing in it told from what is not there yet:
//
//   nothing stands before the offset asked for, the first entry behind it   trimmed
//   a hole behind an entry, or between the last one and the head            corrupt
//
// Entries that are not ours, or damaged, count as missing. So do those of another epoch than their place belongs to:
// whatever brought them back, no position would lead on from there. The log may grow and be trimmed between the commands
// that read a part of it; their order keeps the verdict right. The head comes first: what it covers should be there. What
// stands before the offset is looked at last: if something does, trimming has not come so far.

import type { Client } from "../../redis/client.js";
import { together } from "../../redis/pipeline.js";
import { batchBytes } from "../../wire/limits.js";
import { epochAt, type GapReason, knownEpoch, type LogState } from "../../wire/position.js";
import type { Page, Stretch } from "../buffer.js";
import { batchOf, type Entry, parseEntry, type RawEntry } from "./entry.js";
import { type Head, parseEpochs, parseHead } from "./head.js";
import { bothThere, type Keys } from "./keys.js";

/** A page and the head of the log at the time it was read. */
export interface HeadedPage extends Page {
  head: Head;
}

/** What one round trip brought. */
interface Part {
  head: Head;
  /** An entry of ours lies wholly before the offset asked for. */
  preceded: boolean;
  /** Ours, the first one behind or at the offset asked for. */
  entries: Entry[];
  /** No entry lies behind these. */
  last: boolean;
}

const mostEntries = 256;

/** As `ReplayBuffer.read`. */
export async function readPage(client: Client, keys: Keys, from: number, maxBytes: number): Promise<HeadedPage> {
  const stretches: Stretch[] = [];
  let bytes = 0;
  let next = from;
  let head: Head | undefined;
  // Batches are about this large where it matters.
  let count = Math.min(Math.ceil(maxBytes / batchBytes), 16);
  for (;;) {
    const part = await readPart(client, keys, next, count);
    // Another log has taken its place: what was read so far is a page of the old one.
    if (head && part.head.epoch !== head.epoch) return { stretches, end: false, head };
    head = part.head;
    const before = { next, bytes };
    const gap = (to: number) => {
      const reason: GapReason = part.preceded || next > before.next ? "corrupt" : "trimmed";
      stretches.push({ reason, from: next, to: to - 1 });
      next = to;
    };
    for (const entry of part.entries) {
      if (entry.first + entry.count <= next || entry.first + entry.count > head.next) continue;
      if (entry.first > next) gap(entry.first);
      stretches.push(batchOf(entry));
      next = entry.first + entry.count;
      bytes += entry.messages.length;
      if (bytes >= maxBytes) return { stretches, end: next >= head.next, head };
    }
    if (part.last && next < head.next) gap(head.next);
    if (part.last || next >= head.next) return { stretches, end: true, head };
    const average = (bytes - before.bytes) / part.entries.length;
    // Foreign entries alone bring nothing: then more at a time, or they would never be passed.
    const wanted = next > before.next ? Math.ceil((maxBytes - bytes) / average) : 2 * count;
    count = Math.max(1, next > before.next ? Math.min(wanted, mostEntries) : wanted);
  }
}

async function readPart(client: Client, keys: Keys, from: number, count: number): Promise<Part> {
  for (let back = 1; ; ) {
    const [, [headText, epochsText], behind, before, headAfter] = (await together(client, (pipeline) =>
      bothThere(pipeline, keys)
        .hmget(keys.meta, "head", "epochs")
        .xrangeBuffer(keys.log, `(${from}-0`, "+", "COUNT", count)
        .xrevrangeBuffer(keys.log, `${from}-0`, "-", "COUNT", back)
        .hget(keys.meta, "head"),
    )) as [number, (string | null)[], RawEntry[], RawEntry[], string | null];
    const head = parseHead(headText, keys.meta);
    const after = parseHead(headAfter, keys.meta);
    // It was not one log all the time.
    if (after.epoch !== head.epoch || after.next < head.next) continue;
    if (from >= head.next) return { head, preceded: false, entries: [], last: true };
    const log = { epochs: parseEpochs(epochsText, keys.meta), first: from, next: head.next };
    const ours = (raw: RawEntry[]) =>
      raw.map(parseEntry).filter((entry): entry is Entry => entry !== undefined && standsIn(log, entry));
    const [previous] = ours(before);
    if (!previous && before.length === back) {
      back *= 16;
      continue;
    }
    const holds = previous !== undefined && previous.first + previous.count > from;
    const entries = ours(behind);
    if (holds) entries.unshift(previous);
    return { head, preceded: previous !== undefined && !holds, entries, last: behind.length < count };
  }
}

/** Whether all of the entry lies in the epoch that it says. Those older than the table count as its oldest. */
function standsIn(log: LogState, { epoch, first, count }: Entry): boolean {
  const known = knownEpoch(log, epoch);
  return epochAt(log, first) === known && epochAt(log, first + count - 1) === known;
}

/** The first entry of the log that is ours; undefined if there is none among the first few. */
export async function firstEntry(client: Client, keys: Keys): Promise<Entry | undefined> {
  const raw = (await client.xrangeBuffer(keys.log, "-", "+", "COUNT", 16)) as RawEntry[];
  return raw.map(parseEntry).find((entry) => entry !== undefined);
}
