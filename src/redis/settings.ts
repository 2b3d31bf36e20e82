// What a server of Redis is set to, judged. The one list behind the warnings of a node that starts (server.ts), which knows
// what INFO says, and behind reprise doctor (inspect.ts), which asks for the settings as well.
import type { Address } from "./address.js";
import type { Notes } from "./finding.js";

/** A field of what INFO answers; empty if there is none. */
export type Info = (name: string) => string;

/** A setting by CONFIG GET; undefined if the user may not ask, or there is none. */
export type Settings = ReadonlyMap<string, string>;

export const readInfo =
  (text: string): Info =>
  (name) =>
    new RegExp(`^${name}:(.*?)\r?$`, "m").exec(text)?.[1] ?? "";

const MiB = 2 ** 20;

/** What may lose messages, as far as INFO tells: every user of a node may ask for that. */
export function judgeInfo(notes: Notes, info: Info, form: Address["form"]): void {
  const policy = info("maxmemory_policy");
  notes.unless(
    info("maxmemory") === "0" || policy === "noeviction",
    "fail",
    "maxmemory-policy",
    info("maxmemory") === "0" ? "removes nothing: there is no maxmemory" : "removes nothing when its memory is full",
    `may evict channels when its memory is full (maxmemory-policy ${policy}); set noeviction`,
  );
  notes.unless(
    info("aof_enabled") !== "0",
    "warn",
    "appendonly",
    "keeps an append-only file",
    "keeps no append-only file: when it restarts, stored messages are lost; set appendonly yes",
  );
  if (form !== "sentinel") return;
  // Redis tells how many good replicas it has only if it needs some.
  notes.unless(
    info("min_slaves_good_slaves") !== "",
    "warn",
    "min-replicas-to-write",
    `refuses messages when it has lost its replicas; ${info("min_slaves_good_slaves")} are good now`,
    "goes on storing when it has lost its replicas (min-replicas-to-write 0): what it stores while the " +
      "sentinels put another one in its place is lost; set min-replicas-to-write 1",
  );
}

/** What shows in the state of the server and not in its settings. */
export function judgeState(notes: Notes, info: Info): void {
  if (info("role") === "slave") {
    notes.fail("role", "is a replica and takes no writes: name its master, or its sentinels by redis-sentinel://");
  }
  if (info("aof_last_write_status") === "err") {
    notes.fail("disk", "cannot write its append-only file and refuses messages: look at its log, and for a full disk");
  }
  const [used, most] = [Number(info("used_memory")), Number(info("maxmemory"))];
  if (most > 0) {
    const share = `${Math.round((100 * used) / most)} % of maxmemory`;
    const ill = `uses ${share}: at 100 publishers are refused; raise maxmemory, or keep less (--retain)`;
    notes.unless(used < 0.9 * most, "warn", "memory", `uses ${share}`, ill);
  }
  const [clients, mostClients] = [Number(info("connected_clients")), Number(info("maxclients") || 10_000)];
  const ill = `has ${clients} connections of ${mostClients} (maxclients): raise it, or nodes will not get in`;
  notes.unless(clients < 0.9 * mostClients, "warn", "maxclients", `has room for more than its ${clients} clients`, ill);
}

export function judgeSettings(notes: Notes, settings: Settings, info: Info): void {
  if (settings.size === 0) {
    notes.warn("settings", "does not tell this user what it is set to: allow it CONFIG GET (+config|get)");
    return;
  }
  if (info("aof_enabled") !== "0") judgeSyncing(notes, settings.get("appendfsync") ?? "");
  judgeSnapshots(notes, settings, info);
  judgeOutput(notes, settings.get("client-output-buffer-limit") ?? "");
  const timeout = settings.get("timeout") ?? "0";
  const ill = `closes connections that are quiet for ${timeout} s (timeout); set timeout 0`;
  notes.unless(timeout === "0", "warn", "timeout", "closes nothing that is quiet", ill);
  const lag = Number(settings.get("min-replicas-max-lag") ?? 0);
  if (info("min_slaves_good_slaves") !== "" && lag > 5) {
    const sentence = `takes ${lag} s to notice that a replica is gone (min-replicas-max-lag); set it to 2`;
    notes.warn("min-replicas-max-lag", sentence);
  }
}

function judgeSyncing(notes: Notes, policy: string): void {
  notes.unless(
    policy !== "no",
    "warn",
    "appendfsync",
    policy === "always" ? "syncs each write before it answers" : "syncs its file every second",
    "syncs when the system sees fit (appendfsync no): a crash of its machine loses what is not on the disk; set everysec",
  );
}

/** With an append-only file they are a copy; they matter where one that fails stops all writes. */
function judgeSnapshots(notes: Notes, settings: Settings, info: Info): void {
  const save = settings.get("save") ?? "";
  const stops = save !== "" && settings.get("stop-writes-on-bgsave-error") !== "no";
  notes.unless(
    !stops || info("rdb_last_bgsave_status") !== "err",
    "fail",
    "save",
    save === "" ? "makes no snapshots" : `makes snapshots (save ${save})`,
    "could not make its last snapshot and refuses messages until it can: mend its disk or memory, or set save to nothing",
  );
}

/** As Redis writes it: `normal 0 0 0 slave … pubsub 33554432 8388608 60`. */
function judgeOutput(notes: Notes, text: string): void {
  const [, hard, soft, seconds] = /pubsub (\d+) (\d+) (\d+)/.exec(text)?.map(Number) ?? [];
  if (hard === undefined || soft === undefined || seconds === undefined) return;
  const enough = (hard === 0 || hard >= 64 * MiB) && (soft === 0 || (soft >= 16 * MiB && seconds >= 60));
  notes.unless(
    enough,
    "warn",
    "client-output-buffer-limit",
    "lets a node be slow for a while",
    `cuts a node off that is slow for a moment (client-output-buffer-limit pubsub ${hard} ${soft} ${seconds}); set ` +
      "pubsub 64mb 16mb 60 or more",
  );
}
