// AbortSignals: what ends a wait, with its listener removed afterwards.
import { RepriseError } from "../wire/errors.js";

/** What a caller's abort becomes: `deadline_exceeded` for `AbortSignal.timeout`, else `cancelled`. */
export function abortError(signal: AbortSignal): RepriseError {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return new RepriseError("deadline_exceeded", "the caller's time limit passed", { cause: reason });
  }
  return new RepriseError("cancelled", "aborted by the caller", { cause: reason });
}

/** Calls `aborted` once, at once if it is too late already. Returns what removes the listener. */
export function onAbort(signal: AbortSignal | undefined, aborted: (error: RepriseError) => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    aborted(abortError(signal));
    return () => {};
  }
  const listener = () => aborted(abortError(signal));
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}
