// What the nodes store in: one Redis, a master with its replica and sentinels, or a Cluster of three masters with a replica
// each.
import { ask, type RedisServer, startRedis } from "../test/redis.js";
import { type ClusterSet, startCluster } from "../test/redis-cluster.js";
import { type SentinelSet, startSentinel } from "../test/redis-sentinel.js";
import type { T } from "../test/scope.js";
import type { StoreName } from "./schedule.js";

/** Of a store with replicas: the user that nodes are, so that others can be shut out without them. */
export const nodeUser = { name: "node", password: "secret" };

interface Common {
  /** Masters and replicas. */
  servers: RedisServer[];
}

export type Store = Common &
  (
    | { kind: "single"; redis: RedisServer }
    | { kind: "sentinel"; url: string; set: SentinelSet }
    | { kind: "cluster"; url: string; set: ClusterSet }
  );

/** @param isSynced every write is, before it is answered: for the level `fsynced` */
export async function openStore(t: T, name: StoreName, isSynced: boolean): Promise<Store> {
  const synced = isSynced ? ["--appendfsync", "always"] : [];
  if (name === "single") {
    // Redis 6 allows DEBUG as it is, and does not know the setting.
    const redis = await startRedis(t, ...synced, "--enable-debug-command", "local").catch(() =>
      startRedis(t, ...synced),
    );
    return { kind: "single", redis, servers: [redis] };
  }
  const rights = ["~*", "&*", "+@all"];
  const args = [...synced, "--user", nodeUser.name, "on", `>${nodeUser.password}`, ...rights];
  const withUser = (url: string) => url.replace("://", `://${nodeUser.name}:${nodeUser.password}@`);
  if (name === "sentinel") {
    const set = await startSentinel(t, { args });
    return { kind: "sentinel", url: withUser(set.url), set, servers: set.servers };
  }
  const set = await startCluster(t, { replicasPerMaster: 1, args });
  return { kind: "cluster", url: withUser(set.url), set, servers: [...set.masters, ...set.replicas] };
}

/** In logs, of the `i`th of its servers. */
export const redisName = (i: number): string => `redis-${i + 1}`;

/** Bytes of data, connections of clients, keys. */
export async function lookAtRedis(server: RedisServer): Promise<{ memory: number; files: number; keys: number }> {
  const info = String(await ask(server, "INFO"));
  const number = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
  const keys = Number(await ask(server, "DBSIZE"));
  return { memory: number("used_memory"), files: number("connected_clients"), keys };
}
