// Time limits as callers give them: in milliseconds, Infinity for none.
import { RepriseError } from "../wire/errors.js";

/** The longest that a timer can wait, about 25 days. What is further away than that counts as never. */
const longestMs = 2 ** 31 - 1;

/**
 * Calls `late` after `timeoutMs`. Returns what takes it back.
 * @throws RepriseError `invalid_argument`
 */
export function onDeadline(timeoutMs: number, late: () => void): () => void {
  if (!(timeoutMs >= 0)) throw new RepriseError("invalid_argument", `timeoutMs: ${timeoutMs} is no number of ms`);
  if (timeoutMs > longestMs) return () => {};
  const timer = setTimeout(late, timeoutMs);
  return () => clearTimeout(timer);
}
