// Something done a number of times, evenly until an end that may still come nearer.

/** Moments that lie closer together are taken together, in ms. */
const tickMs = 10;

export interface Pace {
  /** Resolves when it was done for the last time. */
  readonly done: Promise<void>;
  /** @param end of `performance.now()`; only an earlier one counts */
  hurry(end: number): void;
}

/**
 * Begins now.
 * @param end of `performance.now()`; all of it is done before
 */
export function startPace(times: number, end: number, act: () => void): Pace {
  let left = times;
  let moment = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let resolveDone = () => {};
  const done = new Promise<void>((resolve) => {
    resolveDone = resolve;
  });
  const step = () => {
    clearTimeout(timer);
    const now = performance.now();
    for (; left > 0 && moment <= now; left--) {
      moment += Math.max(0, end - moment) / left;
      act();
    }
    if (left === 0) resolveDone();
    else timer = setTimeout(step, Math.max(tickMs, moment - now));
  };
  step();
  return {
    done,
    hurry(earlier) {
      end = Math.min(end, earlier);
      moment = Math.min(moment, end);
      step();
    },
  };
}
