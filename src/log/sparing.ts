// A log for lines that strangers could cause again and again: they shall not fill it.
import { createLog, type Log } from "./log.js";

const defaultEveryMs = 10_000;

/** Lines of one kind: they have the same message. */
interface Kind {
  toldAt: number;
  leftOut: number;
}

/**
 * Passes on one line of each message in 10 s. The next one says in `leftOut` how many there were in between. Every message
 * is kept in memory: what varies has to be in the fields.
 */
export function sparing(log: Log, everyMs = defaultEveryMs): Log {
  const kinds = new Map<string, Kind>();
  return createLog((level, fields, message) => {
    const now = performance.now();
    let kind = kinds.get(message);
    if (kind === undefined) {
      kind = { toldAt: Number.NEGATIVE_INFINITY, leftOut: 0 };
      kinds.set(message, kind);
    }
    if (now < kind.toldAt + everyMs) {
      kind.leftOut++;
      return;
    }
    log[level](kind.leftOut === 0 ? fields : { ...fields, leftOut: kind.leftOut }, message);
    kind.toldAt = now;
    kind.leftOut = 0;
  });
}
