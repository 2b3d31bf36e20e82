// What happens to logs that nobody asks for: messages that have become too old are removed, and logs that were not
// used for minutes are closed, so that memory is needed for the channels in use only.
import type { Log } from "./log.js";
import type { Shelf } from "./shelf.js";

const everyMs = 1_000;
/** A log is closed after so many sweeps without use. */
const idleSweeps = 300;
/** A sweep does no more of either; the next one goes on. */
const maxExpired = 1_000;
const maxClosed = 100;

/** Answers how to end it, which waits for the sweep under way. */
export function startSweeping(shelf: Shelf, logs: Map<string, Log>): () => Promise<void> {
  let sweeping: Promise<void> | undefined;
  const timer = setInterval(() => {
    sweeping ??= sweep(shelf, logs).finally(() => {
      sweeping = undefined;
    });
  }, everyMs).unref();
  return async () => {
    clearInterval(timer);
    await sweeping;
  };
}

async function sweep(shelf: Shelf, logs: Map<string, Log>): Promise<void> {
  const now = shelf.now();
  const due: Log[] = [];
  const idle: Log[] = [];
  for (const [channel, log] of logs) {
    if (log.vacant) logs.delete(channel);
    else if (log.isDue(now)) due.push(log);
    else if (log.opened && ++log.idle > idleSweeps) idle.push(log);
  }
  for (const log of due.slice(0, maxExpired)) {
    const { channel } = log;
    await log.expire(now).catch((error: Error) => shelf.operator.warn({ channel }, error.message));
  }
  for (const log of idle.slice(0, maxClosed)) await log.close();
}
