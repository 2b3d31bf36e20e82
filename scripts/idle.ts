// How much of this machine's CPU nobody uses.
import { cpus } from "node:os";

/** Returns the share, 0 to 1, since it was asked last. */
export function watchIdle(): () => number {
  let last = total();
  return () => {
    const now = total();
    const share = (now.idle - last.idle) / Math.max(1, now.all - last.all);
    last = now;
    return share;
  };
}

function total(): { idle: number; all: number } {
  let [idle, all] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    for (const each of Object.values(times)) all += each;
  }
  return { idle, all };
}
