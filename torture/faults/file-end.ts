// The end of Redis' append-only file, cut off as a crash of its machine may do, and what was in it.
import { readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";

const tailBytes = 20_000;

const beginning = "*1\r\n$5\r\nMULTI\r\n";
const end = "*1\r\n$4\r\nEXEC\r\n";
/** Without it everything that it deleted would be back. */
const emptying = "\r\nFLUSHALL\r\n";
/** An entry of a channel's log, under its first offset. */
const entry = /\r\nXADD\r\n\$\d+\r\nreprise:\{([^}]+)\}:log\r\n\$\d+\r\n(\d+)-\d+\r\n/gi;

export interface Cut {
  /** The lowest offset that was taken, by channel. */
  offsets: Record<string, number>;
  bytes: number;
}

/** @param inside cuts there in the first transaction of the end, from 0 up to, not including, 1; else in front of it */
export function cutTail(folder: string, inside: number | undefined): Cut {
  const appends = join(folder, "appendonlydir");
  // While it is rewritten there are two, of which the second goes on.
  const number = (name: string) => Number(/\.(\d+)\.incr\.aof$/.exec(name)?.[1] ?? -1);
  const path = join(appends, readdirSync(appends).sort((a, b) => number(b) - number(a))[0]!);
  const text = readFileSync(path).toString("latin1");
  const least = text.toUpperCase().lastIndexOf(emptying) + 1;
  const last = text.lastIndexOf(beginning, Math.max(0, text.length - tailBytes));
  const at = last >= least ? last : text.indexOf(beginning, least);
  // There is nothing in it but what must stay.
  if (at < 0) return { offsets: {}, bytes: 0 };
  const from = at + beginning.length;
  const kept = inside === undefined ? at : from + Math.floor(inside * (text.indexOf(end, at) + end.length - from));
  truncateSync(path, kept);
  return { offsets: lowestOffsets(text.slice(at)), bytes: text.length - kept };
}

function lowestOffsets(text: string): Record<string, number> {
  const offsets: Record<string, number> = {};
  for (const [, channel, id] of text.matchAll(entry)) {
    offsets[channel!] = Math.min(Number(id), offsets[channel!] ?? Number.POSITIVE_INFINITY);
  }
  return offsets;
}
