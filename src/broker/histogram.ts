// How often something took how long: fixed bounds and plain counters, cheap enough for every append and every frame.

export class Histogram {
  /** In seconds, ascending; what took at most a bound is counted there, what took longer than all behind the last. */
  readonly bounds: readonly number[];
  readonly counts: number[];
  /** In seconds. */
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array(bounds.length + 1).fill(0);
  }

  observe(ms: number): void {
    const seconds = ms / 1_000;
    this.sum += seconds;
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > this.bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
  }
}

/** From a script of Redis to a store that is about to be given up. */
export const latencyBounds = [
  0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;
