// The server at the other end: may this buffer work there, what is an append worth, and what should its operator know?
import type { AckLevel } from "../../wire/ack-level.js";
import { RepriseError } from "../../wire/errors.js";
import type { Address } from "./address.js";
import type { Client } from "./client.js";
import { isRefusal } from "./failure.js";
import { keysOf } from "./keys.js";

/**
 * Returns what an append that it answered survives.
 * @throws RepriseError `invalid_argument` if this server will never do, else what Redis answers
 */
export async function checkServer(
  client: Client,
  address: Address,
  warn: (message: string) => void,
): Promise<AckLevel> {
  const { where, prefix } = address;
  const info = await client.info();
  const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, "m").exec(info)?.[1] ?? "";
  const unfit = (what: string) => new RepriseError("invalid_argument", `Redis at ${where} ${what}`);
  const [major = 0, minor = 0] = field("redis_version").split(".").map(Number);
  if (major < 6 || (major === 6 && minor < 2)) throw unfit(`is version ${major}.${minor}; 6.2 or later is needed`);
  if (field("cluster_enabled") === "1") throw unfit("is a node of a cluster, which this version does not support");
  const policy = field("maxmemory_policy");
  if (field("maxmemory") !== "0" && policy !== "noeviction") {
    warn(`Redis at ${where} may evict channels when its memory is full (maxmemory-policy ${policy}); set noeviction`);
  }
  if (field("aof_enabled") === "0") {
    warn(`Redis at ${where} keeps no append-only file: when it restarts, stored messages are lost; set appendonly yes`);
  }
  // Nobody listens there. It shows now, and not at the first append, if the user may not publish.
  await client.publish(keysOf(prefix, "").topic, "");
  return field("aof_enabled") === "1" && (await syncsAlways(client)) ? "fsynced" : "stored";
}

/** Whether Redis answers a write only after it is on the disk. A user who may not ask does not know, so it is not. */
async function syncsAlways(client: Client): Promise<boolean> {
  const setting = async (name: string) => {
    const [, value] = (await client.config("GET", name)) as string[];
    return value;
  };
  try {
    // With the latter set, Redis leaves the syncs out while it rewrites its file.
    return (await setting("appendfsync")) === "always" && (await setting("no-appendfsync-on-rewrite")) === "no";
  } catch (error) {
    if (error instanceof Error && isRefusal(error)) return false;
    throw error;
  }
}
