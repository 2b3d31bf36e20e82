// Where a subscription or a page of history starts, as one writes it.
import type { Start } from "../wire/client-frame.js";
import { RepriseError } from "../wire/errors.js";
import type { Position } from "../wire/position.js";

/** A number is an offset of the current epoch; the others are made by `last`, `since` and `after`. */
export type From = "new" | "earliest" | number | Start;

/** The last `count` messages retained. */
export const last = (count: number): Start => ({ from: "last", count: whole(count, "last") });

/** The first message stored at or after a point in time; a number counts milliseconds back from now, by this clock. */
export const since = (time: Date | number): Start => {
  const timeMs = typeof time === "number" ? Date.now() - time : time.getTime();
  return { from: "time", timeMs: whole(Math.max(0, Math.floor(timeMs)), "since") };
};

/** The message after `position`: resume. */
export const after = (position: Position): Start => ({ from: "position", position });

/** @throws RepriseError `invalid_argument` */
export function startOf(from: From): Start {
  if (from === "new" || from === "earliest") return { from };
  if (typeof from !== "number") return from;
  if (whole(from, "from") === 0) throw new RepriseError("invalid_argument", "offsets begin at 1");
  return { from: "offset", offset: from };
}

function whole(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RepriseError("invalid_argument", `${what}: expected a whole number, 0 or more, not ${value}`);
}
