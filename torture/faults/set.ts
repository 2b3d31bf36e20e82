// Faults of a store with replicas: of its masters, above all.
import { setTimeout as delay } from "node:timers/promises";
import slotOf from "cluster-key-slot";
import { Redis } from "ioredis";
import { ask, type RedisServer } from "../../test/redis.js";
import type { ClusterServer } from "../../test/redis-cluster.js";
import { until } from "../../test/scope.js";
import type { HarnessLine } from "../check/history.js";
import { patienceMs, patiently, tell } from "../patience.js";
import { nodeUser } from "../store.js";
import { type Deed, type Doing, nobody } from "./deed.js";
import { killConnections } from "./redis.js";

/** A replica is behind its master by less, unless it is kept from it. */
const behindMs = 3_000;
/** Longer, and sentinels would not take the replica for one that can be promoted. */
const longestLagMs = 800;
/** A crash of a Redis costs at most what it received in about the last 2 s (P-9, `everysec`). */
const crashMs = 3_000;

interface Pair {
  master: RedisServer;
  replica: RedisServer;
  /** The channels that the master holds. */
  channels: string[];
  /** Resolves when everybody who is asked for the master knows another one. */
  replaced(): Promise<void>;
  /** As an operator asks for it. */
  replace(): Promise<void>;
}

const logOf = (channel: string): string => `reprise:{${channel}}:log`;

const masterPair = ({ store, channels, target }: Doing): Promise<Pair> => {
  if (store?.kind === "sentinel") return sentinelPair(store.set, channels);
  if (store?.kind === "cluster") return clusterPair(store.set, channels, target);
  throw new Error("a single Redis has no replica");
};

type Set<Kind> = Extract<NonNullable<Doing["store"]>, { kind: Kind }> extends { set: infer S } ? S : never;

async function sentinelPair(set: Set<"sentinel">, channels: string[]): Promise<Pair> {
  const master = await patiently(set.master);
  const replica = set.servers.find((server) => server !== master)!;
  const named = async (sentinel: RedisServer) => {
    const [, port] = (await ask(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "reprise")) as string[];
    return Number(port) !== master.port;
  };
  const agreed = async () => (await Promise.all(set.sentinels.map(named)).catch(() => [false])).every((each) => each);
  return {
    ...{ master, replica, channels },
    async replaced() {
      await patiently(() => set.promoted(master));
      await until(agreed, "all sentinels name the new master", patienceMs);
    },
    replace: async () => void (await patiently(() => ask(set.sentinels[0]!, "SENTINEL", "FAILOVER", "reprise"))),
  };
}

async function clusterPair(set: Set<"cluster">, channels: string[], target: number): Promise<Pair> {
  const owners = await patiently(() => Promise.all(channels.map((channel) => set.masterOf(logOf(channel)))));
  const key = logOf(channels[target % channels.length]!);
  const master = owners[target % channels.length]!;
  const pairs: ClusterServer[][] = set.masters.map((server, i) => [server, set.replicas[i]!]);
  const replica = pairs.find((pair) => pair.includes(master))!.find((server) => server !== master)!;
  return {
    ...{ master, replica, channels: channels.filter((_, i) => owners[i] === master) },
    replaced: async () => void (await patiently(() => set.promoted(key, master))),
    replace: async () => void (await patiently(() => ask(replica, "CLUSTER", "FAILOVER"))),
  };
}

/** Commands over one connection of the user that nodes are. */
async function asNode({ port }: RedisServer, ...commands: (readonly [string, ...string[]])[]): Promise<void> {
  const client = new Redis({ port, username: nodeUser.name, password: nodeUser.password, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    for (const [command, ...args] of commands) await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

/** Resolves when one of them is master, and the other its replica with all that it had at some moment since. */
async function inStep({ master: a, replica: b }: Pair): Promise<void> {
  const info = async (server: RedisServer) => String(await ask(server, "INFO", "replication").catch(() => ""));
  const number = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  let written = Number.POSITIVE_INFINITY;
  const met = async () => {
    const [first, second] = await Promise.all([info(a), info(b)]);
    const masters = [first, second].filter((text) => text.includes("role:master"));
    const [own] = masters;
    if (masters.length !== 1 || ![first, second].some((text) => text.includes("master_link_status:up"))) return false;
    const has = number(own!, /^slave0:.*state=online,offset=(\d+)/m);
    if (!Number.isFinite(written)) written = number(own!, /^master_repl_offset:(\d+)/m);
    return has >= written;
  };
  await until(met, "a master and its replica in step", patienceMs);
}

type Loss = Omit<Extract<HarnessLine, { kind: "loss" }>, "t" | "kind" | "since" | "until">;

/** Something that happens to a master. It is over when there is a master with a replica again. */
const losing =
  (loss: Loss | ((pair: Pair, isReplaced: boolean) => Loss), act: (pair: Pair, doing: Doing) => Promise<void>): Deed =>
  async (doing) => {
    const pair = await masterPair(doing);
    const since = Date.now();
    await act(pair, doing);
    await inStep(pair);
    const isReplaced = String(await tell(pair.master, "INFO", "replication")).includes("role:slave");
    const costs = typeof loss === "function" ? loss(pair, isReplaced) : loss;
    doing.journal.write({ kind: "loss", since, until: Date.now(), channels: pair.channels, ...costs });
    return nameOf(doing, pair.master);
  };

const nameOf = ({ store }: Doing, server: RedisServer): string => `redis-${store!.servers.indexOf(server) + 1}`;

/** What a failover may cost: what the replica had not received yet. */
const unreplicated: Loss = { withinMs: behindMs, spares: ["replicated:1"] };

export const setDeeds = {
  "master lost": losing(unreplicated, async ({ master, replica, replaced }, { lasts }) => {
    replica.freeze();
    // So that nothing more is on its way to it.
    await tell(master, "CLIENT", "KILL", "TYPE", "replica");
    await delay(Math.min(lasts, longestLagMs));
    await master.kill();
    replica.thaw();
    await replaced();
    await master.start();
  }),
  "master frozen": losing(unreplicated, async ({ master, replaced }) => {
    master.freeze();
    await replaced();
    master.thaw();
  }),
  "master partitioned": losing(unreplicated, async ({ master, replaced }, { lasts }) => {
    // Sentinels and replicas are the default user: what is open is closed, and nothing else is let in.
    const shutOut = [
      ["ACL", "SETUSER", "default", "off"],
      ["CLIENT", "KILL", "TYPE", "replica"],
      ["CLIENT", "KILL", "USER", "default"],
    ] as const;
    await asNode(master, ...shutOut);
    await replaced();
    await delay(Math.min(lasts, 1_000));
    await asNode(master, ["ACL", "SETUSER", "default", "on"]);
  }),
  "master replaced": losing(unreplicated, async ({ replace, replaced }) => {
    await replace();
    await replaced();
  }),
  // If the replica is faster than that, it is the other kind of loss.
  "master killed": losing(
    (_, isReplaced) => ({ withinMs: crashMs, spares: isReplaced ? [] : ["fsynced"] }),
    async ({ master }) => {
      await master.kill();
      await master.start();
    },
  ),
  async "replica killed"(doing) {
    const pair = await masterPair(doing);
    await pair.replica.kill();
    await delay(doing.lasts);
    await pair.replica.start();
    await inStep(pair);
    return nameOf(doing, pair.replica);
  },
  async "master connections killed"(doing) {
    const { master } = await masterPair(doing);
    const connections = await killConnections(master);
    return connections === 0 ? nobody : `${nameOf(doing, master)} (${connections} connections)`;
  },
  "master emptied": losing({ withinMs: null, spares: [] }, async ({ master }) => void (await tell(master, "FLUSHALL"))),
  async "slot moved"(doing) {
    const { store, channels, target } = doing;
    if (store?.kind !== "cluster") throw new Error("only a Cluster has slots");
    const channel = channels[target % channels.length]!;
    const owner = await patiently(() => store.set.masterOf(logOf(channel)));
    const masters = await mastersOf(store.set);
    const to = masters.filter((master) => master !== owner)[target % (masters.length - 1)]!;
    await store.set.migrate(slotOf(logOf(channel)), to);
    return `${channel} to ${nameOf(doing, to)}`;
  },
} satisfies Record<string, Deed>;

async function mastersOf({ masters, replicas }: Set<"cluster">): Promise<ClusterServer[]> {
  const all = [...masters, ...replicas];
  const roles = await Promise.all(all.map(async (server) => ((await tell(server, "ROLE")) as [string])[0]));
  return all.filter((_, i) => roles[i] === "master");
}
