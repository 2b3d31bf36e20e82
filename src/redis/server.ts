// A server at the other end: may we work there, and what should its operator know?
import { RepriseError } from "../wire/errors.js";
import { type Address, display, type Endpoint } from "./address.js";
import type { Client } from "./client.js";

/**
 * Returns what an operator should be warned of, a sentence each.
 * @throws RepriseError `invalid_argument` if this server will never do, else what Redis answers
 */
export async function checkServer(client: Client, { form, where }: Address, server: Endpoint): Promise<string[]> {
  const info = await client.info();
  const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, "m").exec(info)?.[1] ?? "";
  const here = form === "server" ? `Redis at ${where}` : `Redis at ${where} (${display(server)})`;
  const unfit = (what: string) => new RepriseError("invalid_argument", `${here} ${what}`);
  const [major = 0, minor = 0] = field("redis_version").split(".").map(Number);
  if (major < 6 || (major === 6 && minor < 2)) throw unfit(`is version ${major}.${minor}; 6.2 or later is needed`);
  const clustered = field("cluster_enabled") === "1";
  if (clustered && form !== "cluster") throw unfit("is a node of a Cluster: write redis-cluster:// for redis://");
  if (clustered && major < 7) throw unfit(`is version ${major}.${minor}; in a Cluster 7.0 or later is needed`);
  // The sentinels are just replacing it.
  if (form === "sentinel" && field("role") !== "master") throw new Error(`${display(server)} is a replica`);
  const warnings: string[] = [];
  const policy = field("maxmemory_policy");
  if (field("maxmemory") !== "0" && policy !== "noeviction") {
    warnings.push(`${here} may evict channels when its memory is full (maxmemory-policy ${policy}); set noeviction`);
  }
  if (field("aof_enabled") === "0") {
    warnings.push(`${here} keeps no append-only file: when it restarts, stored messages are lost; set appendonly yes`);
  }
  // Redis tells how many good replicas it has only if it needs some.
  if (form === "sentinel" && field("min_slaves_good_slaves") === "") {
    warnings.push(
      `${here} goes on storing when it has lost its replicas (min-replicas-to-write 0): what it stores while the ` +
        "sentinels put another one in its place is lost; set min-replicas-to-write 1",
    );
  }
  return warnings;
}
