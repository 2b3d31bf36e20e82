// A page of a log: batches, and gaps where messages cannot be had.
import { KiB, MiB } from "../../wire/limits.js";
import type { Gap } from "../../wire/position.js";
import type { Page, Stretch } from "../buffer.js";
import { type Contents, endOf, firstOf, segmentAt } from "./contents.js";
import { isMissing } from "./failure.js";
import type { Files } from "./files.js";
import { indexOf, sizeOf, walkSegment } from "./segment.js";

/** Read at once, whatever the size of the page. */
const minChunk = 16 * KiB;
const maxChunk = 1 * MiB;

/** A page that is being read. */
interface Reading {
  stretches: Stretch[];
  /** Of messages. */
  bytes: number;
  maxBytes: number;
  /** The offset behind the last stretch. */
  next: number;
}

export async function readPage(files: Files, contents: Contents, from: number, maxBytes: number): Promise<Page> {
  const reading: Reading = { stretches: [], bytes: 0, maxBytes: Math.max(maxBytes, 1), next: from };
  while (reading.next < contents.next && reading.bytes < reading.maxBytes) {
    // Retention may remove segments while others are read.
    if (reading.next < firstOf(contents)) addGap(reading, "trimmed", firstOf(contents));
    else await readSegment(files, contents, reading);
  }
  return { stretches: reading.stretches, end: reading.next >= contents.next };
}

/** Reads on in the segment that holds the next offset: to its end, unless the page is full before. */
async function readSegment(files: Files, contents: Contents, reading: Reading): Promise<void> {
  const i = segmentAt(contents, reading.next);
  const segment = contents.segments[i]!;
  const end = endOf(contents, i);
  const start = segment.positions[indexOf(segment, reading.next)]!;
  const chunkBytes = Math.min(Math.max(reading.maxBytes, minChunk), maxChunk);
  try {
    const size = segment.size ?? (await sizeOf(files, segment));
    await walkSegment(segment, start, size, chunkBytes, (_position, _size, body) => {
      if (body?.kind !== "batch" || body.batch.first + body.batch.count <= reading.next) return true;
      const { batch } = body;
      if (batch.first > reading.next) addGap(reading, "corrupt", batch.first);
      reading.stretches.push(batch);
      reading.bytes += batch.messages.length;
      reading.next = batch.first + batch.count;
      return reading.bytes < reading.maxBytes;
    });
  } catch (error) {
    if (!isMissing(error)) throw error;
    // Removed by retention: what is left of it is `trimmed`, not `corrupt`. Or its rest is in another file now.
    if (firstOf(contents) > reading.next || !contents.segments.includes(segment)) return;
  }
  if (reading.bytes < reading.maxBytes && reading.next < end) addGap(reading, "corrupt", end);
}

/** Adds a gap up to, not including, `next`. */
function addGap(reading: Reading, reason: Gap["reason"], next: number): void {
  const last = reading.stretches.at(-1);
  if (last !== undefined && "reason" in last && last.reason === reason) last.to = next - 1;
  else reading.stretches.push({ reason, from: reading.next, to: next - 1 });
  reading.next = next;
}
