// Lines about peers that somebody could cause again and again: they shall not fill the log.
const everyMs = 10_000;

/** Logs one line in 10 s, and in the next one how many were left out. */
export function sparing(log: (line: string) => void): (line: string) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  let untold = 0;
  return (line) => {
    const now = performance.now();
    if (now < toldAt + everyMs) {
      untold++;
      return;
    }
    const others = untold === 0 ? "" : `, and ${untold} more since the last time`;
    log(`${line}${others}`);
    toldAt = now;
    untold = 0;
  };
}
