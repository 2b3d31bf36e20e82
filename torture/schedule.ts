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
  /** All of them, one after the other, as for an upgrade. */
  "nodes replaced": 1,
  /** It can open none, until it may again; and its clients are cut off. */
  "node out of files": 2,
  /** Its time of day, and back. */
  "node clock moved": 2,
  "publisher killed": 3,
  "publisher frozen": 1,
  "subscriber killed": 4,
  "subscriber frozen": 2,
  /** kill -9, and started again. */
  "redis killed": 2,
  /** The same, and the last transactions of its append-only file are gone: a crash of its machine. */
  "redis tail lost": 2,
  /** The same, and the file ends inside a transaction: what Redis 7.0 leaves of that, it carries out at its next restart. */
  "redis tail torn": 2,
  "redis frozen": 1,
  /** CLIENT PAUSE ALL. */
  "redis paused": 1,
  /** DEBUG SLEEP. */
  "redis asleep": 1,
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
  /** Clients are cut off, and the node is not told. */
  "connections half-open": 2,
  /** What the node answers is lost, then they are cut: acknowledgements are. */
  "answers lost": 3,
  "connections slow": 2,
  "connections throttled": 2,
  /** All clients of all nodes are cut off at once. */
  "reconnect storm": 2,
  /** Of the embedded buffer. */
  "disk full": 4,
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

const allWeights = { ...weights, ...setWeights };

export type FaultName = keyof typeof allWeights;

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
export function drawSchedule(random: Random, totalMs: number, everyMs: number, only: readonly string[]): Fault[] {
  const names = faultNames.filter((name) => only.length === 0 || only.includes(name));
  const urn = names.flatMap((name) => Array<FaultName>(allWeights[name]).fill(name));
  const faults: Fault[] = [];
  for (let at = 2_000; at < totalMs - 2_000; at += Math.round(everyMs * (0.5 + random.next()))) {
    const fault = random.pick(urn);
    const target = random.between(0, 1_000);
    faults.push({ at, fault, target, lasts: random.between(100, random.chance(0.2) ? 12_000 : 3_000) });
  }
  return faults;
}

export const faultNames = Object.keys(allWeights) as FaultName[];

/** What the nodes keep their messages in, and when that syncs. */
export interface StoreKind {
  buffer: "redis" | "embedded";
  fsync: "always" | "everysec";
  /** Of Redis. */
  store: StoreName;
}

/** What can happen to nodes over such a store. */
export function faultsOf({ buffer, fsync, store }: StoreKind): FaultName[] {
  const isOfSet = (name: FaultName) => name in setWeights;
  if (buffer === "embedded") return faultNames.filter((name) => !/redis/.test(name) && !isOfSet(name));
  if (store !== "single") {
    const elsewhere = store === "cluster" ? "master partitioned" : "slot moved";
    return faultNames.filter((name) => !/redis|disk/.test(name) && name !== elsewhere);
  }
  // What nothing could survive would excuse the loss of whatever was acknowledged before.
  const excuses: FaultName[] = fsync === "always" ? ["redis tail lost", "redis tail torn", "redis emptied"] : [];
  return faultNames.filter((name) => name !== "disk full" && !isOfSet(name) && !excuses.includes(name));
}
