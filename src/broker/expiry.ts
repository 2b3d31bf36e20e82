// What changes while sessions last: credentials expire, and what identities may do is configured anew.
import { expired } from "./access.js";
import type { Broker } from "./broker.js";

const lookMs = 1_000;

/** Ends sessions whose time is over, and makes all follow a change. Returns what ends it. */
export function startExpiry(broker: Broker): () => void {
  const { guard } = broker;
  if (guard === undefined) return () => {};
  const look = () => {
    const now = Date.now();
    for (const session of broker.sessions) {
      if (now < session.access.endsAt) continue;
      // Who does not read what is its last word is cut the next time.
      if (session.finishing) session.close(expired());
      else session.finish(expired());
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
