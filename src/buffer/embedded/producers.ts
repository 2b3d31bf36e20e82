// What a channel remembers of its producers: a function of its log, because the runs stand in the batch records.
import { maxProducers, minProducers } from "../runs.js";

/** The end of what a producer has stored in a channel. */
export interface LastRun {
  /** Its last sequence that is stored, and the offset and epoch of that message. */
  sequence: number;
  offset: number;
  epoch: number;
  /** From this sequence on its messages lie one behind the other, up to `offset`, in `epoch`. */
  since: number;
}

/** In the order of their last append, oldest first. */
export type Producers = Map<string, LastRun>;

/** What is remembered once `count` messages from `sequence` on were stored at `offset`. */
export function lastRun(
  before: LastRun | undefined,
  run: { sequence: number; count: number },
  epoch: number,
  offset: number,
): LastRun {
  const continued =
    before !== undefined &&
    before.epoch === epoch &&
    before.sequence + 1 === run.sequence &&
    before.offset + 1 === offset;
  return {
    sequence: run.sequence + run.count - 1,
    offset: offset + run.count - 1,
    epoch,
    since: continued ? before.since : run.sequence,
  };
}

/** Puts a producer behind all others; forgets the oldest when they have become too many. */
export function remember(producers: Producers, producer: string, last: LastRun): void {
  producers.delete(producer);
  producers.set(producer, last);
  if (producers.size <= maxProducers) return;
  for (const oldest of producers.keys()) {
    if (producers.size <= minProducers) return;
    producers.delete(oldest);
  }
}
