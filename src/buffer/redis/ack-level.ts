// What makes an answer of Redis mean an ack level: its own configuration, or a command that waits.
import type { Client } from "../../redis/client.js";
import { isRefusal } from "../../redis/failure.js";
import { type AckLevel, replicasOf } from "../../wire/ack-level.js";
import { RepriseError } from "../../wire/errors.js";

/**
 * Waits until all that this connection has written is as safe as the level says: whether it became so in time.
 * Commands that follow on the connection wait behind it.
 */
export type Wait = (client: Client, timeoutMs: number) => Promise<boolean>;

/**
 * The level of a server: the one that is wanted, or else the highest that its configuration gives for nothing.
 * @throws RepriseError `ack_level_unavailable`, with what to change there
 */
export async function settleAckLevel(client: Client, wanted?: AckLevel): Promise<AckLevel> {
  if (wanted === undefined) return (await readSyncing(client)).obstacle === undefined ? "fsynced" : "stored";
  await waitFor(client, wanted);
  const replicas = replicasOf(wanted);
  if (replicas > 0) await checkReplicas(client, replicas);
  return wanted;
}

/**
 * How this server, which a failover may have put in the place of another, keeps the level.
 * @throws RepriseError `ack_level_unavailable` if it cannot
 */
export async function waitFor(client: Client, level: AckLevel): Promise<Wait> {
  const replicas = replicasOf(level);
  if (replicas > 0) return async (client, timeoutMs) => (await client.wait(replicas, timeoutMs)) >= replicas;
  if (level === "stored") return async () => true;
  const { obstacle, waitable } = await readSyncing(client);
  if (obstacle === undefined) return async () => true;
  if (!waitable) throw unavailable(client, level, obstacle);
  return async (client, timeoutMs) => {
    const [here] = (await client.call("WAITAOF", 1, 0, timeoutMs)) as number[];
    return here === 1;
  };
}

async function checkReplicas(client: Client, wanted: number): Promise<void> {
  // Shows now, and not at the first append, whether the user may.
  await client.wait(0, 1);
  const connected = Number(/^connected_slaves:(\d+)/m.exec(await client.info("replication"))?.[1] ?? 0);
  if (connected >= wanted) return;
  const has = `has ${connected} connected ${connected === 1 ? "replica" : "replicas"}`;
  throw unavailable(client, `replicated:${wanted}`, `${has}; start more, or ask for less`);
}

function unavailable({ options }: Client, level: AckLevel, obstacle: string): RepriseError {
  const where = `Redis at ${options.host}:${options.port}`;
  return new RepriseError("ack_level_unavailable", `${level} is not to be had: ${where} ${obstacle}`);
}

/** Why an answer of Redis does not mean that the write is on its disk, if so; and whether WAITAOF would wait for that. */
interface Syncing {
  obstacle: string | undefined;
  waitable: boolean;
}

async function readSyncing(client: Client): Promise<Syncing> {
  const info = await client.info();
  if (!/^aof_enabled:1\r?$/m.test(info)) {
    return { obstacle: "keeps no append-only file; set appendonly yes", waitable: false };
  }
  const policy = await readSetting(client, "appendfsync");
  // With this one set, Redis leaves the syncs out while it rewrites its file.
  const leftOut = await readSetting(client, "no-appendfsync-on-rewrite");
  if (policy === undefined || leftOut === undefined) {
    return { obstacle: "does not tell this user when it syncs; allow it CONFIG GET (+config|get)", waitable: false };
  }
  const [, major = 0, minor = 0] = /^redis_version:(\d+)\.(\d+)/m.exec(info)?.map(Number) ?? [];
  // Since 7.2. It waits for a sync that something else causes: under `no` nothing does.
  const waitable = (major > 7 || (major === 7 && minor >= 2)) && policy !== "no";
  if (policy !== "always") {
    return { obstacle: `answers before it syncs (appendfsync ${policy}); set appendfsync always`, waitable };
  }
  if (leftOut !== "no") {
    return { obstacle: "does not sync while it rewrites its file; set no-appendfsync-on-rewrite no", waitable };
  }
  return { obstacle: undefined, waitable };
}

/** Undefined if this user may not ask. */
async function readSetting(client: Client, name: string): Promise<string | undefined> {
  try {
    const [, value] = (await client.config("GET", name)) as string[];
    return value;
  } catch (error) {
    if (error instanceof Error && isRefusal(error)) return undefined;
    throw error;
  }
}
