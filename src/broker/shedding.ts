// What a node does before it runs out of memory. Once a second it is looked at. Above the quota nothing begins that would add
// to it; if that was not enough for a while, the session ends for which the node holds most, and a second later the next.
import type { Socket } from "node:net";
import { getHeapStatistics } from "node:v8";
import type { Log } from "../log/log.js";
import type { Broker } from "./broker.js";
import { retryAfterMs } from "./quotas.js";
import type { Session } from "./session.js";

const lookMs = 1_000;
/** Garbage is in it too: it may take V8 so many looks to find that out. */
const patientLooks = 3;
/** It is over only below this part. */
const roomPart = 0.9;

/**
 * Returns what ends it.
 * @param used bytes that the process uses
 */
export function startShedding(broker: Broker, log: Log, used = usedBytes, everyMs = lookMs): () => void {
  const { gate, quotas, refusals } = broker;
  let looks = 0;
  /** Of those that were ended the last time. */
  let cut: Socket | undefined;
  const look = () => {
    // What it has not read by now it does not read.
    cut?.destroy();
    cut = undefined;
    broker.overloaded = used() > quotas.memory * (broker.overloaded ? roomPart : 1);
    looks = broker.overloaded ? looks + 1 : 0;
    if (looks <= patientLooks) return;
    const session = heaviest(broker.sessions);
    if (session === undefined) return;
    const { about, heldBytes } = session;
    log.warn({ ...about, heldBytes }, "short of memory: the session ends for which most is held");
    cut = gate.connection(session.options.peer)?.socket;
    session.close(refusals.of("memory", "this node is short of memory", retryAfterMs, about));
  };
  const timer = setInterval(look, everyMs);
  return () => clearInterval(timer);
}

/** Not by `process.memoryUsage`, which opens a file: a node that has no more of them would end. */
const usedBytes = (): number => {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
};

/** Of those for whom anything is held. */
function heaviest(sessions: Iterable<Session>): Session | undefined {
  let found: Session | undefined;
  let most = 0;
  for (const session of sessions) {
    if (session.heldBytes <= most) continue;
    most = session.heldBytes;
    found = session;
  }
  return found;
}
