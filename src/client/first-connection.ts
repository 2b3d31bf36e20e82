// The first connection of a bus: unlike the later ones, somebody waits for it, and not for ever.
import { RepriseError } from "../wire/errors.js";
import { onAbort } from "./abort.js";
import { onDeadline } from "./deadline.js";
import type { Link } from "./link.js";
import type { StateCell } from "./state.js";

export interface FirstConnectionOptions {
  addresses: readonly string[];
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/**
 * Opens the link. Resolves when a node has said welcome; rejects when the link has failed, which it does when none has
 * in time or when the signal is aborted.
 */
export function firstConnection(
  link: Link,
  state: StateCell,
  { addresses, timeoutMs, signal }: FirstConnectionOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let reason: RepriseError | undefined;
    const stop = onDeadline(timeoutMs, () => {
      const why = reason === undefined ? "no answer" : reason.message;
      const message = `cannot connect to ${addresses.join(", ")} within ${timeoutMs / 1_000} s: ${why}`;
      link.fail(new RepriseError("unavailable", message, { cause: reason }));
    });
    let forget = () => {};
    const ignore = state.listen((now) => {
      if (now.kind === "reconnecting") reason = now.reason;
      if (now.kind !== "connected" && now.kind !== "failed" && now.kind !== "closed") return;
      stop();
      forget();
      ignore();
      if (now.kind === "connected") resolve();
      else reject(now.kind === "failed" ? now.error : new RepriseError("closed", "closed while connecting"));
    });
    forget = onAbort(signal, (error) => link.fail(error));
    link.open();
  });
}
