// Durations and sizes as one writes them on a command line.
import { InvalidArgumentError } from "commander";

const timeUnits: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Record<string, number> = { "": 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

const isKey = (table: Record<string, number>, word: string): boolean => Object.hasOwn(table, word);

/** `500ms`, `10s`, `2m`, `1h`, `7d` in milliseconds; undefined for anything else. */
export function readDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text);
  if (match === null || !isKey(timeUnits, match[2]!)) return undefined;
  return Number(match[1]) * timeUnits[match[2]!]!;
}

export function parseDuration(text: string): number {
  const ms = readDuration(text);
  // Timers hold no more than 2^31 - 1 ms.
  if (ms !== undefined && ms >= 1 && ms < 2 ** 31) return ms;
  throw new InvalidArgumentError("Expected a duration such as 500ms, 10s, 2m or 1h, at most 24d.");
}

/** The shortest text that `parseDuration` reads so. */
export const writeDuration = (ms: number): string => write(ms, timeUnits);

export const writeSize = (bytes: number): string => write(bytes, { "": 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 });

function write(value: number, units: Record<string, number>): string {
  const [unit, size] = Object.entries(units).findLast(([, size]) => value % size === 0) ?? [Object.keys(units)[0]!, 1];
  return `${value / size}${unit}`;
}

export function parseSize(text: string): number {
  const match = /^(\d+)([A-Za-z]*)$/.exec(text);
  const bytes = match !== null && isKey(sizeUnits, match[2]!) ? Number(match[1]) * sizeUnits[match[2]!]! : 0;
  if (bytes >= 1 && bytes <= 2 ** 30) return bytes;
  throw new InvalidArgumentError("Expected a size such as 65536, 512KiB or 1MiB, at most 1GiB.");
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= 1) return count;
  throw new InvalidArgumentError("Expected a whole number, 1 or more.");
}

export function parseRate(text: string): number {
  const perSecond = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && perSecond >= 0.001 && perSecond <= 1e9) return perSecond;
  throw new InvalidArgumentError("Expected a number such as 1000 or 0.5.");
}
