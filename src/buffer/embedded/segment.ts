// A segment: one file of a log, from its checkpoint on. Its index is sparse and learned: whoever walks the segment, or
// writes it, notes where a batch stands about every 64 KiB, so that the next one begins close to what it looks for.
import { randomInt } from "node:crypto";
import { KiB } from "../../wire/limits.js";
import type { Checkpoint } from "./checkpoint.js";
import type { Files } from "./files.js";
import { fileName, parseFileName } from "./name.js";
import { type Source, type Visit, walk } from "./walk.js";

const indexBytes = 64 * KiB;

export interface Segment extends Source {
  /** Of its file. */
  readonly name: string;
  readonly first: number;
  /** Bytes of intact and answered records; what lies behind them is not read. Undefined: not yet asked for. */
  size: number | undefined;
  /** Of the log where the segment begins. Undefined: not yet read. */
  base: Pick<Checkpoint, "bytes" | "storedAt"> | undefined;
  /** Ascending; in front of them stands the beginning of the segment. */
  readonly offsets: number[];
  readonly positions: number[];
}

/** A segment whose file is there. */
export function existingSegment(files: Files, name: string): Segment {
  const { first, marker } = parseFileName(name)!;
  return {
    name,
    first,
    marker,
    read: (position, length) => files.read(name, position, length),
    size: undefined,
    base: undefined,
    offsets: [first],
    positions: [0],
  };
}

/** The name of a segment that is to be created. */
export const newSegmentName = (channel: string, first: number): string =>
  fileName({ channel, first, marker: randomInt(1, 2 ** 32) });

/** Notes that the batch whose first message has `offset` stands at `position`. */
export function learn(segment: Segment, offset: number, position: number): void {
  if (position < segment.positions.at(-1)! + indexBytes) return;
  segment.offsets.push(offset);
  segment.positions.push(position);
}

/** Which entry of the index to begin at for `offset`: the last that does not lie behind it. */
export const indexOf = (segment: Segment, offset: number): number =>
  lastUpTo(segment.offsets.length, (i) => segment.offsets[i]!, offset);

/** Of ascending values the index of the last that is not above `wanted`; 0 if all are. */
export function lastUpTo(length: number, valueAt: (i: number) => number, wanted: number): number {
  let [low, high] = [0, length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) <= wanted) low = middle;
    else high = middle;
  }
  return low;
}

export async function sizeOf(files: Files, segment: Segment): Promise<number> {
  segment.size ??= (await files.stat(segment.name)).size;
  return segment.size;
}

/** Walks from `start`, a position of the index, to `end`, and learns. */
export async function walkSegment(
  segment: Segment,
  start: number,
  end: number,
  chunkBytes: number,
  visit: Visit,
): Promise<void> {
  await walk(segment, start, end, chunkBytes, (position, size, body) => {
    if (body?.kind === "batch") learn(segment, body.batch.first, position);
    return visit(position, size, body);
  });
}
