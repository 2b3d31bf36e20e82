// Times in ms, counted by size: percentiles to within 5 %, in little memory.

export interface Histogram {
  add(ms: number): void;
  readonly count: number;
  /** @param part 0.5 is the median. Undefined if there is nothing */
  percentile(part: number): number | undefined;
  /** What the other has is in this one as well. */
  take(other: Histogram): void;
  readonly buckets: Uint32Array;
}

const step = Math.log(1.05);
/** Beyond an hour. */
const buckets = Math.ceil(Math.log(3_600_001) / step) + 1;

export function createHistogram(): Histogram {
  const counts = new Uint32Array(buckets);
  let count = 0;
  return {
    buckets: counts,
    get count() {
      return count;
    },
    add(ms) {
      // Clocks are read at whole ms: 0 is less than one.
      counts[Math.min(buckets - 1, Math.round(Math.log(Math.max(0, ms) + 1) / step))]!++;
      count++;
    },
    percentile(part) {
      if (count === 0) return undefined;
      let rest = Math.ceil(count * part);
      const at = counts.findIndex((number) => {
        rest -= number;
        return rest <= 0;
      });
      return Math.expm1(at * step);
    },
    take(other) {
      for (const [i, number] of other.buckets.entries()) counts[i]! += number;
      count += other.count;
    },
  };
}
