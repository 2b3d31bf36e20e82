// A node at an address with more sessions than the mean of all moves some of them to addresses that have fewer.
//
// Once in a lease, so that what the last step moved is in the loads that this one reads; a step against loads that do
// not know of the one before would go too far, and back, and so on.
import type { NodeEntry, NodeRegistry } from "../nodes/registry.js";
import { drawFrom, excess, type Load, loadsOf, meanOf, roomBelow, shuffled } from "./balance.js";
import type { Broker } from "./broker.js";
import { mostAddresses } from "./elsewhere.js";
import { graceMs, move } from "./move.js";
import type { Session } from "./session.js";

/** A peer that was moved and is here again could not go there, or was sent back: it is left alone for so long. */
const rememberMs = 10 * 60_000;
const mostRemembered = 10_000;

/** Producers that were moved, the latest last, and when. */
type Moved = Map<string, number>;

/** Only a peer that goes by addresses, and that would be recognized if it came back. */
function candidates(broker: Broker, moved: Moved): Session[] {
  const since = performance.now() - rememberMs;
  for (const [producer, at] of moved) if (at < since) moved.delete(producer);
  return [...broker.sessions].filter(
    ({ moving, options: { discover, producer } }) =>
      moving === undefined && discover === true && producer !== undefined && !moved.has(producer),
  );
}

function remember(moved: Moved, producer: string): void {
  moved.set(producer, performance.now());
  for (const oldest of moved.keys()) {
    if (moved.size <= mostRemembered) return;
    moved.delete(oldest);
  }
}

/** The address of this node, which nobody may have been told, and the others. */
function compare(broker: Broker, own: number, entries: readonly NodeEntry[]): { here: Load; others: Load[] } {
  const { address } = broker.nodes.entry;
  const loads = loadsOf(entries.filter(({ node, state }) => node !== broker.node && state === "ready"));
  const beside = loads.find((load) => load.address === address);
  const here = { address, sessions: own + (beside?.sessions ?? 0), nodes: 1 + (beside?.nodes ?? 0) };
  return { here, others: loads.filter((load) => load !== beside) };
}

/** One step. Nothing is moved when the registry cannot be read: loads of the past would empty this node. */
async function step(broker: Broker, registry: NodeRegistry, moved: Moved): Promise<void> {
  const entries = await registry.list().catch(() => []);
  if (broker.draining !== undefined) return;
  const own = [...broker.sessions].filter(({ moving }) => moving === undefined).length;
  const { here, others } = compare(broker, own, entries);
  if (others.length === 0) return;
  const count = excess(own, here, others, Math.random);
  if (count === 0) return;
  const rooms = roomBelow(meanOf([here, ...others]), others);
  for (const session of shuffled(candidates(broker, moved)).slice(0, count)) {
    remember(moved, session.options.producer!);
    const addresses = drawFrom(rooms, Math.random).slice(0, mostAddresses);
    move(session, broker.node, { addresses, retryAfterMs: 0, graceMs });
  }
}

/** Returns what ends it. */
export function startBalancing(broker: Broker, registry: NodeRegistry): () => void {
  const moved: Moved = new Map();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const wait = () => {
    if (!ended) timer = setTimeout(() => void step(broker, registry, moved).then(wait), registry.leaseMs);
  };
  wait();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
