// Sessions that are older than the maximum age are moved, so that load evens out after a deploy, also where peers find
// nodes by something that we do not see (a load balancer, DNS).
import { loadsOf, shuffled } from "./balance.js";
import type { Broker } from "./broker.js";
import { mostAddresses } from "./elsewhere.js";
import { graceMs, move } from "./move.js";
import type { Session } from "./session.js";

/** Ages differ by up to this part, so that peers that came together do not leave together. */
const jitter = 0.1;

/** How often the oldest are looked for, at least this often in one age. */
const looksInAge = 20;
const longestLookMs = 1_000;

/** Drawn from the session's id, which is random: nothing has to be kept. */
const drawOf = ({ id }: Session): number => Number(BigInt(id) % 1_000n) / 1_000;

export const ageOf = (session: Session, maxAgeMs: number): number =>
  maxAgeMs * (1 - jitter + 2 * jitter * drawOf(session));

/** Siblings, too: they go on, and the session may be given to one of them. */
const readyOthers = ({ nodes, node }: Broker) =>
  nodes.list.filter((entry) => entry.node !== node && entry.state === "ready");

/** Returns what ends it. */
export function startAgeing(broker: Broker, maxAgeMs: number): () => void {
  const look = () => {
    const now = Date.now();
    for (const session of broker.sessions) {
      if (session.moving !== undefined || now - session.connectedAt < ageOf(session, maxAgeMs)) continue;
      const addresses = loadsOf(readyOthers(broker)).map(({ address }) => address);
      move(session, broker.node, {
        addresses: shuffled(addresses).slice(0, mostAddresses),
        retryAfterMs: 0,
        graceMs,
      });
    }
  };
  const timer = setInterval(look, Math.min(longestLookMs, maxAgeMs / looksInAge));
  return () => clearInterval(timer);
}
