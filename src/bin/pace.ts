// No faster than asked for: `--rate`.
import { setTimeout as delay } from "node:timers/promises";

/** What was not sent in time is made up for as far as this, and no further: a stall is not followed by a flood. */
const burstMs = 100;

/** Passes on `perSecond` items a second. Ends early when `signal` is aborted. */
export async function* paced<A>(
  items: AsyncIterable<A> | Iterable<A>,
  perSecond: number,
  signal: AbortSignal,
): AsyncGenerator<A, undefined> {
  let due = performance.now();
  for await (const item of items) {
    const early = due - performance.now();
    if (early > 0) await delay(early, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    due = Math.max(due, performance.now() - burstMs) + 1_000 / perSecond;
    yield item;
  }
}
