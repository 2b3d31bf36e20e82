// How long to wait before the next try: full jitter, so that many clients that lost the same node do not return in
// step (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).

/** However long somebody is told to wait: timers of more than 2^31 ms fire at once. */
const mostToldMs = 600_000;

export interface BackoffOptions {
  /** Bound of the first wait; doubled by each failure. */
  baseMs?: number;
  /** Largest bound. */
  capMs?: number;
  /** What succeeded for less than this counts as one more failure: a node that dies at once is not hammered. */
  stableMs?: number;
  random?: () => number;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

export interface Backoff {
  /** It works now. */
  succeeded(): void;
  /**
   * It failed, or stopped working.
   * @param leastMs how long to wait at least, as whoever failed said; ten minutes at most. Default: 0
   */
  failed(leastMs?: number): { attempt: number; delayMs: number };
}

export function createBackoff(options: BackoffOptions = {}): Backoff {
  const {
    baseMs = 100,
    capMs = 10_000,
    stableMs = 5_000,
    random = Math.random,
    now = () => performance.now(),
  } = options;
  let failures = 0;
  let since: number | undefined;
  return {
    succeeded() {
      since ??= now();
    },
    failed(leastMs = 0) {
      if (since !== undefined && now() - since >= stableMs) failures = 0;
      since = undefined;
      const delayMs = Math.min(leastMs, mostToldMs) + Math.round(random() * Math.min(capMs, baseMs * 2 ** failures));
      failures++;
      return { attempt: failures, delayMs };
    },
  };
}
