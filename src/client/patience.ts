// How long a caller waits for something: up to a time limit, and until its signal is aborted.
import { RepriseError } from "../wire/errors.js";
import { abortError, onAbort } from "./abort.js";
import { onDeadline } from "./deadline.js";

export interface Patience {
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Calls `over` when it has waited long enough. Returns what takes that back; undefined: it waits for ever.
 * @throws RepriseError what `over` would be called with, if it is too late already
 */
export function limitPatience(
  { timeoutMs, signal }: Patience,
  over: (error: RepriseError) => void,
): (() => void) | undefined {
  if (timeoutMs === undefined && signal === undefined) return undefined;
  if (signal?.aborted) throw abortError(signal);
  const late = () => over(new RepriseError("deadline_exceeded", `no acknowledgement within ${timeoutMs} ms`));
  const stop = onDeadline(timeoutMs ?? Number.POSITIVE_INFINITY, late);
  const ignore = onAbort(signal, over);
  return () => {
    stop();
    ignore();
  };
}
