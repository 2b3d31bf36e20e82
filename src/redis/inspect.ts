// A Redis, looked over for reprise doctor: every master by itself, and the form that they have together.
import type { Address } from "./address.js";
import { display, type Endpoint } from "./address.js";
import { type Client, closeClient, createClient, opened } from "./client.js";
import { type Finding, type Notes, takeNotes } from "./finding.js";
import type { Master } from "./masters.js";
import type { Redis } from "./redis.js";
import { judgeRights } from "./rights.js";
import { judgeInfo, judgeSettings, judgeState, readInfo, type Settings } from "./settings.js";

/** A clock that is further off is told. */
const skewMs = 1_000;

const settingNames = [
  "appendfsync",
  "save",
  "stop-writes-on-bgsave-error",
  "client-output-buffer-limit",
  "timeout",
  "min-replicas-max-lag",
];

/** @throws RepriseError `buffer_unavailable` if a master does not answer any more */
export async function inspectRedis(redis: Redis): Promise<Finding[]> {
  const { address, masters, writer, commandTimeoutMs } = redis;
  const servers = await Promise.all(
    masters.all.map((master) =>
      writer.attempt(
        performance.now() + commandTimeoutMs,
        (client) => inspectMaster(client, master, address, masters.sharded),
        master,
      ),
    ),
  );
  return [...servers.flat(), ...(await inspectForm(redis))];
}

async function inspectMaster(client: Client, { id }: Master, address: Address, sharded: boolean): Promise<Finding[]> {
  const notes = takeNotes(`redis ${id}`);
  const info = readInfo(await client.info());
  notes.ok("version", `is version ${info("redis_version")}`);
  judgeInfo(notes, info, address.form);
  judgeState(notes, info);
  judgeSettings(notes, await readSettings(client), info);
  await judgeRights(notes, client, address.prefix, sharded);
  await judgeClock(notes, client);
  return [...notes.found];
}

/** One by one: an older Redis takes one name only. Empty if the user may not ask. */
async function readSettings(client: Client): Promise<Settings> {
  const settings = new Map<string, string>();
  for (const name of settingNames) {
    const [, value] = ((await client.config("GET", name).catch(() => [])) as string[]) ?? [];
    if (value !== undefined) settings.set(name, value);
  }
  return settings;
}

async function judgeClock(notes: Notes, client: Client): Promise<void> {
  const before = Date.now();
  const [seconds, micros] = await client.time();
  const tripMs = Date.now() - before;
  const aheadMs = Math.round(Number(seconds) * 1_000 + Number(micros) / 1_000 - before - tripMs / 2);
  const off = `${Math.abs(aheadMs) / 1_000} s ${aheadMs > 0 ? "ahead of" : "behind"} this machine's`;
  notes.unless(
    Math.abs(aheadMs) < skewMs + tripMs,
    "warn",
    "clock",
    `its clock agrees with this machine's, and it answers in ${tripMs} ms`,
    `its clock is ${off}: times of messages and what is left of tokens will be wrong; let NTP set both`,
  );
}

async function inspectForm({ address, masters, writer, commandTimeoutMs }: Redis): Promise<Finding[]> {
  if (address.form === "sentinel") return inspectSentinels(address, commandTimeoutMs);
  if (address.form === "server") return [];
  const notes = takeNotes("cluster");
  const deadline = performance.now() + commandTimeoutMs;
  const [state, ranges] = await writer.attempt(
    deadline,
    async (client) =>
      [
        String(await client.cluster("INFO")),
        (await client.cluster("SLOTS")) as [number, number, ...unknown[]][],
      ] as const,
  );
  const assigned = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  notes.unless(
    /^cluster_state:ok/m.test(state) && assigned === 16_384,
    "fail",
    "slots",
    `all slots are served, by ${masters.all.length} masters`,
    `${16_384 - assigned} slots are served by nobody, or the Cluster is down: redis-cli --cluster check, then --cluster fix`,
  );
  const bare = new Set(
    ranges.filter(([, , , ...replicas]) => replicas.length === 0).map(([, , master]) => idOf(master)),
  );
  notes.unless(
    bare.size === 0,
    "warn",
    "replicas",
    "each master has a replica",
    `no replica would take the place of ${[...bare].join(", ")}: redis-cli --cluster add-node … --cluster-slave`,
  );
  const sentence = `has ${masters.all.length} masters: with fewer than three no failover can be agreed on`;
  notes.unless(masters.all.length >= 3, "warn", "masters", "has enough masters to agree on a failover", sentence);
  return [...notes.found];
}

const idOf = (master: unknown): string => {
  const [host, port] = master as [string | null, number];
  return `${host ?? ""}:${port}`;
};

/** What a sentinel says of the master, by name. */
type Said = ReadonlyMap<string, string>;

async function inspectSentinels(address: Address, timeoutMs: number): Promise<Finding[]> {
  const notes = takeNotes("sentinels");
  const asked = await Promise.all(address.endpoints.map((endpoint) => askSentinel(address, endpoint, timeoutMs)));
  const answers: Said[] = [];
  for (const [i, said] of asked.entries()) {
    if (typeof said !== "string") answers.push(said);
    else notes.warn(display(address.endpoints[i]!), `does not answer (${said}): start it, or take it out of the URL`);
  }
  const [first] = answers;
  if (first === undefined) return [...notes.found];
  const places = new Set(answers.map((said) => `${said.get("ip")}:${said.get("port")}`));
  const differ = `do not agree on the master (${[...places].join(", ")}): are they of one group, or is one cut off?`;
  notes.unless(places.size === 1, "warn", "master", `name the master ${[...places].join()}`, differ);
  judgeQuorum(notes, first);
  return [...notes.found];
}

function judgeQuorum(notes: Notes, said: Said): void {
  const number = (name: string) => Number(said.get(name) ?? 0);
  const sentinels = number("num-other-sentinels") + 1;
  const quorum = number("quorum");
  const majority = Math.floor(sentinels / 2) + 1;
  const few = `are ${sentinels}, ${quorum} must agree: ${
    quorum > sentinels ? "no failover is possible" : "if one is lost there is no failover"
  }; run three, with a quorum of two`;
  const enough = sentinels >= 3 && Math.max(quorum, majority) < sentinels;
  const level = quorum > sentinels ? "fail" : "warn";
  notes.unless(enough, level, "quorum", `are ${sentinels}, ${quorum} must agree`, few);
  const replicas = number("num-slaves");
  const none = "know no replica that could take the place of the master: start one with replicaof";
  notes.unless(replicas > 0, "warn", "replicas", `know ${replicas} replicas`, none);
  const downMs = number("down-after-milliseconds");
  const late = `take ${downMs / 1_000} s to notice that the master is gone (down-after-milliseconds), so long publishers wait; 3000 is a good value`;
  notes.unless(
    downMs <= 10_000,
    "warn",
    "down-after",
    `notice after ${downMs / 1_000} s that the master is gone`,
    late,
  );
}

/** Why it did not answer, as text. */
async function askSentinel(address: Address, endpoint: Endpoint, timeoutMs: number): Promise<Said | string> {
  const { sentinelUser, sentinelPassword, tls, master } = address;
  const login = { username: sentinelUser, password: sentinelPassword, tls, db: 0 };
  const client = createClient(endpoint, login, "doctor", timeoutMs);
  try {
    await opened(client);
    const fields = (await client.call("SENTINEL", "MASTER", master)) as string[];
    return new Map(fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? ""] as const] : [])));
  } catch (thrown) {
    return (thrown as Error).message;
  } finally {
    closeClient(client);
  }
}
