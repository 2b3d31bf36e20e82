// Durations in µs, in buckets whose width is at most 1/64 of their value; histograms of many processes add up.

const subBits = 6;
const sub = 1 << subBits;
const buckets = (32 - subBits + 1) * sub;

export type Histogram = number[];

export const newHistogram = (): Histogram => new Array<number>(buckets).fill(0);

function bucketOf(us: number): number {
  if (us < sub) return Math.max(0, us | 0);
  const power = 31 - Math.clz32(us);
  return (power - subBits + 1) * sub + ((us >>> (power - subBits)) - sub);
}

/** The middle of a bucket. */
function middleOf(bucket: number): number {
  if (bucket < sub) return bucket;
  const shift = Math.floor(bucket / sub) - 1;
  return ((bucket % sub) + sub + 0.5) * 2 ** shift;
}

export function record(histogram: Histogram, us: number): void {
  histogram[bucketOf(us)]!++;
}

export function sum(histograms: readonly Histogram[]): Histogram {
  const total = newHistogram();
  for (const one of histograms) for (let i = 0; i < buckets; i++) total[i]! += one[i]!;
  return total;
}

/** In µs; NaN if nothing was recorded. */
export function percentile(histogram: Histogram, part: number): number {
  const count = histogram.reduce((a, b) => a + b, 0);
  let left = count * part;
  for (const [bucket, n] of histogram.entries()) {
    left -= n;
    if (n > 0 && left <= 0) return middleOf(bucket);
  }
  return Number.NaN;
}
