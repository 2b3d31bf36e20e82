// What changes while sessions last: credentials expire or are taken back, and what identities may do is configured anew.
import { type RepriseError, toRepriseError } from "../wire/errors.js";
import type { Broker } from "./broker.js";
import type { Session } from "./session.js";

const lookMs = 1_000;

/** Ends sessions whose credentials are no longer good, and makes all follow a change. Returns what ends it. */
export function startExpiry(broker: Broker): () => void {
  const { guard } = broker;
  if (guard === undefined) return () => {};
  /** What sessions were told at the last look, and nothing that they show now changes it. */
  const lastWords = new WeakMap<Session, RepriseError>();
  const look = () => {
    for (const session of broker.sessions) {
      const told = lastWords.get(session);
      // Who does not read its last word is cut.
      if (told !== undefined) session.close(told);
      else {
        const reason = whyOver(session);
        if (reason === undefined) continue;
        lastWords.set(session, reason);
        session.finish(reason);
      }
    }
  };
  const timer = setInterval(look, lookMs);
  const ignore = guard.onChange(() => {
    for (const session of [...broker.sessions]) session.followRights();
  });
  return () => {
    clearInterval(timer);
    ignore();
  };
}

/** Undefined: it is not. A session that begins while its credentials are taken back sees nothing of the change by itself. */
function whyOver({ access }: Session): RepriseError | undefined {
  try {
    access.checkCredentials();
    return undefined;
  } catch (thrown) {
    return toRepriseError(thrown);
  }
}
