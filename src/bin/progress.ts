// How far something long has come: a line at the bottom of a terminal, and nothing anywhere else.
import { hasStatus, status } from "./output.js";

export interface Progress {
  /** Takes the line away. */
  end(): void;
}

/** What was done, of `total`. `detail` is told beside the bar. */
export interface Done {
  done: number;
  total: number;
  detail: string;
}

/** The first time is also how long something may take without a word. */
const everyMs = 250;

const width = 24;

/** Asks `done` now and then; the line appears once there is a total. */
export function startProgress(done: () => Done): Progress {
  if (!hasStatus()) return { end() {} };
  const began = performance.now();
  const show = () => {
    const now = done();
    if (now.total > 0) status(barOf(now, (performance.now() - began) / 1_000));
  };
  const timer = setInterval(show, everyMs);
  return {
    end() {
      clearInterval(timer);
      status("");
    },
  };
}

/** @param seconds since nothing was done */
export function barOf({ done, total, detail }: Done, seconds: number): string {
  const part = Math.min(1, done / total);
  const full = Math.round(part * width);
  const left = part > 0 && part < 1 ? `, ${durationOf((seconds / part) * (1 - part))} left` : "";
  const percent = `${Math.floor(part * 100)}`.padStart(3);
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${percent} %  ${detail}${left}`;
}

const durationOf = (seconds: number): string =>
  seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
