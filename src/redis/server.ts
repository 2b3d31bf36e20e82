// A server at the other end: may we work there, and what should its operator know?
import { RepriseError } from "../wire/errors.js";
import { type Address, display, type Endpoint } from "./address.js";
import type { Client } from "./client.js";
import { takeNotes } from "./finding.js";
import { judgeInfo, readInfo } from "./settings.js";

/**
 * Returns what an operator should be warned of, a sentence each.
 * @throws RepriseError `invalid_argument` if this server will never do, else what Redis answers
 */
export async function checkServer(client: Client, { form, where }: Address, server: Endpoint): Promise<string[]> {
  const info = readInfo(await client.info());
  const here = form === "server" ? `Redis at ${where}` : `Redis at ${where} (${display(server)})`;
  const unfit = (what: string) => new RepriseError("invalid_argument", `${here} ${what}`);
  const [major = 0, minor = 0] = info("redis_version").split(".").map(Number);
  if (major < 6 || (major === 6 && minor < 2)) throw unfit(`is version ${major}.${minor}; 6.2 or later is needed`);
  const clustered = info("cluster_enabled") === "1";
  if (clustered && form !== "cluster") throw unfit("is a node of a Cluster: write redis-cluster:// for redis://");
  if (clustered && major < 7) throw unfit(`is version ${major}.${minor}; in a Cluster 7.0 or later is needed`);
  // The sentinels are just replacing it.
  if (form === "sentinel" && info("role") !== "master") throw new Error(`${display(server)} is a replica`);
  const notes = takeNotes(here);
  judgeInfo(notes, info, form);
  return notes.found.filter(({ level }) => level !== "ok").map(({ sentence }) => `${here} ${sentence}`);
}
