// What happens when, all from the seed: the same seed gives the same schedule.
import type { Random } from "./random.js";

export const storeNames = ["single", "sentinel", "cluster"] as const;
export type StoreName = (typeof storeNames)[number];

/** Each fault with how often it is drawn. */
const weights = {
  /** kill -9 of a node, and started again. */
  "node killed": 4,
  /** SIGSTOP, SIGCONT. */
  "node frozen": 2,
  /** SIGTERM, and started again. */
  "node restarted": 2,
  "publisher killed": 3,
  "publisher frozen": 1,
  "subscriber killed": 4,
  "subscriber frozen": 2,
  /** kill -9, and started again. */
  "redis killed": 2,
  /** The same, and the last transactions of its append-only file are gone: a crash of its machine. */
  "redis tail lost": 2,
  /**
   * The same, and the file ends inside a transaction. Drawn only if it is asked for: Redis 7.0 leaves the beginning of the
   * transaction in the file, and carries it out at its next restart with what was written since. So a lost batch comes
   * back in the place of a newer one, and who reads it goes on no more: not mended yet.
   */
  "redis tail torn": 0,
  "redis frozen": 1,
  /** CLIENT PAUSE ALL. */
  "redis paused": 1,
  /** CLIENT KILL of all. */
  "redis connections killed": 2,
  /** FLUSHALL. */
  "redis emptied": 1,
  /** Between a node and Redis nothing passes, in either direction, and nothing is closed. */
  "node cut off from redis": 2,
  /** All connections of clients to a node are reset. */
  "connections cut": 4,
  /** They stay open, and nothing passes any more. */
  "connections dead": 2,
  /** What the node answers is lost, then they are cut: acknowledgements are. */
  "answers lost": 3,
  "connections slow": 2,
  /** All clients of all nodes are cut off at once. */
  "reconnect storm": 2,
} as const;

/** Faults of a store with replicas, which it has in the place of those of a single Redis. */
const setWeights = {
  /** Its replica gets nothing more for a while, then it is killed: the replica takes its place, and lacks that while. */
  "master lost": 4,
  /** SIGSTOP until it is replaced: then it goes on with what it was about. */
  "master frozen": 2,
  /** For sentinels and replicas it is away until it is replaced; nodes still reach it. */
  "master partitioned": 2,
  /** As an operator asks for it. */
  "master replaced": 2,
  /** kill -9, and started again at once: it loses what it had not written, and its replica follows it in that. */
  "master killed": 1,
  "replica killed": 2,
  /** CLIENT KILL of all connections of one server, but those of replicas. */
  "master connections killed": 1,
  /** FLUSHALL. */
  "master emptied": 1,
  /** Of the Cluster, to another master, with its keys. */
  "slot moved": 3,
} as const;

export type SetFaultName = keyof typeof setWeights;
export type FaultName = keyof typeof weights | SetFaultName;

const allWeights: Record<FaultName, number> = { ...weights, ...setWeights };

function mayHappen(name: FaultName, store: StoreName): boolean {
  if (store === "single") return !(name in setWeights);
  if (name === "slot moved") return store === "cluster";
  return !name.includes("redis") && (store === "sentinel" || name !== "master partitioned");
}

export interface Fault {
  /** ms since the beginning. */
  at: number;
  fault: FaultName;
  /** Which of those that it may hit: taken modulo how many there are. */
  target: number;
  /** ms. */
  lasts: number;
}

/** At an average of one in `everyMs`. */
export function drawSchedule(
  random: Random,
  totalMs: number,
  everyMs: number,
  only: readonly string[],
  store: StoreName = "single",
): Fault[] {
  const possible = faultNames.filter((name) => mayHappen(name, store));
  const names = possible.filter((name) => only.length === 0 || only.includes(name));
  if (names.length === 0) throw new Error(`none of these faults can happen to the store ${store}`);
  const weight = (name: FaultName) => allWeights[name] || (only.includes(name) ? 1 : 0);
  const urn = names.flatMap((name) => Array<FaultName>(weight(name)).fill(name));
  const faults: Fault[] = [];
  for (let at = 2_000; at < totalMs - 2_000; at += Math.round(everyMs * (0.5 + random.next()))) {
    const fault = random.pick(urn);
    const target = random.between(0, 1_000);
    faults.push({ at, fault, target, lasts: random.between(100, random.chance(0.2) ? 12_000 : 3_000) });
  }
  return faults;
}

export const faultNames = Object.keys(allWeights) as FaultName[];
