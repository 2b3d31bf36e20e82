// Runs against what a channel remembers of their producer: what is new in a run, what was stored before, and what
// skips ahead. Every buffer judges by this; a store that judges inside itself (Lua) must come to the same verdict.
import { skipMessages } from "../wire/batch.js";
import type { Run } from "./buffer.js";

/**
 * A channel remembers at least the `minProducers` that appended last, and at most `maxProducers`: beyond that the
 * ones that appended longest ago are forgotten, down to `minProducers`.
 */
export const minProducers = 5_000;
export const maxProducers = 10_000;

/**
 * - `accepted`: the first `duplicates` messages are stored already: none of a new run, all of a repeated one.
 * - `skipped`: the sequence skips ahead of `expected`; the run is refused as a whole.
 */
export type Verdict = { kind: "accepted"; duplicates: number } | { kind: "skipped"; expected: number };

/**
 * @param last the producer's last sequence that is stored, 0 if the channel does not know the producer. Within one
 * append each run is judged after those before it, with their messages counted as stored.
 */
export function judge(run: Pick<Run, "sequence" | "count">, last: number): Verdict {
  const expected = last + 1;
  if (run.sequence > expected) return { kind: "skipped", expected };
  return { kind: "accepted", duplicates: Math.min(run.count, expected - run.sequence) };
}

/**
 * The run without its first `count` messages.
 * @throws RepriseError `malformed` if it does not hold that many
 */
export function withoutFirst(run: Run, count: number): Run {
  if (count === 0) return run;
  return {
    producer: run.producer,
    sequence: run.sequence + count,
    count: run.count - count,
    messages: run.messages.subarray(skipMessages(run.messages, count)),
  };
}
