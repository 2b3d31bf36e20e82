// The server at the other end: may we work there, and what should its operator know?
import { RepriseError } from "../wire/errors.js";
import type { Address } from "./address.js";
import type { Client } from "./client.js";

/**
 * Returns what an operator should be warned of, a sentence each.
 * @throws RepriseError `invalid_argument` if this server will never do, else what Redis answers
 */
export async function checkServer(client: Client, { where, prefix }: Address): Promise<string[]> {
  const info = await client.info();
  const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, "m").exec(info)?.[1] ?? "";
  const unfit = (what: string) => new RepriseError("invalid_argument", `Redis at ${where} ${what}`);
  const [major = 0, minor = 0] = field("redis_version").split(".").map(Number);
  if (major < 6 || (major === 6 && minor < 2)) throw unfit(`is version ${major}.${minor}; 6.2 or later is needed`);
  if (field("cluster_enabled") === "1") throw unfit("is a node of a cluster, which this version does not support");
  const warnings: string[] = [];
  const policy = field("maxmemory_policy");
  if (field("maxmemory") !== "0" && policy !== "noeviction") {
    warnings.push(
      `Redis at ${where} may evict channels when its memory is full (maxmemory-policy ${policy}); set noeviction`,
    );
  }
  if (field("aof_enabled") === "0") {
    warnings.push(
      `Redis at ${where} keeps no append-only file: when it restarts, stored messages are lost; set appendonly yes`,
    );
  }
  // Nobody listens there. It shows now, and not at the first append, if the user may not publish.
  await client.publish(`${prefix}{}:live`, "");
  return warnings;
}
