// A chunk of a log in memory: what was stored together, encoded once, as every subscriber gets it.
import type { StoredBatch, Stretch } from "../buffer/buffer.js";
import { encodeBatch } from "../wire/batch.js";
import { epochAt, type Gap, knownEpoch, type LogState } from "../wire/position.js";
import { encodeGap } from "../wire/server-item.js";

/** Of a chunk. An object of its own, so that many cursors can note it: a number would be allocated for each. */
export interface Times {
  /** When it came to this node, in the time of `performance.now`. */
  readonly arrivedAt: number;
  /** Unix ms by the store's clock; of a gap undefined. */
  readonly storedAt: number | undefined;
}

/** Consecutive offsets `first` ≤ … < `end`, encoded once, the same bytes for every subscriber. */
export type Chunk = {
  first: number;
  end: number;
  epoch: number;
  frame: Buffer;
  times: Times;
} & ({ batch: StoredBatch; gap?: undefined } | { gap: Gap; batch?: undefined });

/** What an object in memory costs beside its bytes, roughly. */
const chunkOverhead = 256;

/** @param state the log as it is known now, which says by which epoch positions are told */
export function chunkOf(channel: string, stretch: Stretch, state: LogState | undefined): Chunk {
  if (!("reason" in stretch)) {
    const { first, count } = stretch;
    const epoch = knownEpoch(state, stretch.epoch);
    const batch = { ...stretch, epoch };
    const frame = encodeBatch(channel, batch, stretch.messages);
    // A view of the frame: what was read or received may be part of something much larger.
    batch.messages = frame.subarray(frame.length - stretch.messages.length);
    const times = { arrivedAt: performance.now(), storedAt: stretch.storedAt };
    return { first, end: first + count, epoch, frame, times, batch };
  }
  const { from, to } = stretch;
  const epoch = state === undefined ? 0 : epochAt(state, to + 1);
  const frame = encodeGap(channel, stretch, { epoch, offset: to });
  const times = { arrivedAt: performance.now(), storedAt: undefined };
  return { first: from, end: to + 1, epoch, frame, times, gap: stretch };
}

export const sizeOf = (chunks: readonly Chunk[]): number =>
  chunks.reduce((sum, chunk) => sum + chunk.frame.length + chunkOverhead, 0);

/** Index of the chunk that holds `offset`; chunks follow each other without holes. */
export function indexOf(chunks: readonly Chunk[], offset: number): number | undefined {
  let low = 0;
  let high = chunks.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const chunk = chunks[middle]!;
    if (offset < chunk.first) high = middle - 1;
    else if (offset >= chunk.end) low = middle + 1;
    else return middle;
  }
  return undefined;
}
