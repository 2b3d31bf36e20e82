// reprise doctor: each thing that can be wrong with a machine, a node that runs and a Redis, besides what doctor.test.ts has.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join, resolve } from "node:path";
import { inspectMachine } from "../../src/bin/doctor/machine.js";
import { inspectPorts } from "../../src/bin/doctor/ports.js";
import { inspectRunning } from "../../src/bin/doctor/running.js";
import { inspectSecurity } from "../../src/bin/doctor/security.js";
import type { ServeOptions } from "../../src/bin/serve.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { openGateway } from "../../src/gateway/index.js";
import { redisRegistry } from "../../src/nodes/redis.js";
import { connectRedis } from "../../src/redis/redis.js";
import { type Finding, inspectStore, openStore } from "../../src/store/index.js";
import { testGuard } from "../auth/guard.js";
import { startNode } from "../broker/node.js";
import { assert, notRun, suite, type T, temporaryFolder, until } from "../harness.js";
import { entry } from "../nodes/entry.js";
import { ask, freePort, startRedis, watch } from "../redis.js";
import { startSentinel } from "../redis-sentinel.js";
import { said, start } from "./command.js";

const test = suite("reprise doctor: what is wrong");

const busy = { timeoutMs: 120_000 };

/** The level and the sentence of the one about it. */
const of = (found: readonly Finding[], end: string): string => {
  const finding = found.find(({ subject }) => subject.endsWith(end));
  return finding === undefined ? "" : `${finding.level} ${finding.sentence}`;
};

const given = (more: Partial<ServeOptions>): ServeOptions => ({
  ...{ listen: "127.0.0.1:0", buffer: "embedded:x", retain: [], limit: [], balance: true, workers: 1 },
  ...{ logFormat: "text", logLevel: "info" },
  ...more,
});

const configured = (more: Partial<ServeOptions>) => ({ given: given(more), settings: [], file: undefined });

/** As another clock would have it; for this process alone. */
async function withClock<Answer>(aheadMs: number, work: () => Promise<Answer>): Promise<Answer> {
  const real = Date.now;
  Date.now = () => real() + aheadMs;
  try {
    return await work();
  } finally {
    Date.now = real;
  }
}

test("a machine: no limit of memory or too much of it, more workers than cores, more connections than files", () => {
  const none = of(inspectMachine(given({})), "memory");
  const [, size, unit] = /^warn .*: --limit memory=(\d+)(MiB|GiB), beyond which/.exec(none) ?? [];
  const bytes = Number(size) * (unit === "GiB" ? 2 ** 30 : 2 ** 20);
  assert.ok(bytes > 0 && bytes < totalmem(), none);
  assert.match(of(inspectMachine(given({ limit: [["memory", bytes]] })), "memory"), /^ok it sheds load beyond/);
  const much = given({ limit: [["memory", 2 * totalmem()]] });
  assert.match(of(inspectMachine(much), "memory"), /^warn .* the system ends it before/);
  const many = given({ workers: 250, buffer: "redis://10.0.0.9:6379" });
  assert.match(of(inspectMachine(many), "memory"), "for each of 250 workers");
  assert.match(of(inspectMachine(many), "workers"), /^warn 250 share \d+ cores: --workers auto/);
  const crowd = inspectMachine(given({ limit: [["connections", 1e9]] }));
  assert.match(of(crowd, "open files"), /^warn a process may have \d+, and 1000000000 connections need 1000000320/);
});

test(
  "few open files, options that contradict each other: of the process itself",
  () => {
    const program = resolve(import.meta.dirname, "../../dist/bin/reprise.js");
    const args = [
      "doctor",
      "--json",
      "--listen",
      "127.0.0.1:0",
      "--buffer",
      "redis://127.0.0.1:1",
      "--fsync",
      "always",
    ];
    const limited = ["-c", 'ulimit -n 300 && exec "$0" "$@"', process.execPath, program, ...args];
    const { status, stdout } = spawnSync("sh", limited, { encoding: "utf8", timeout: 60_000 });
    assert.is(status, 1, stdout);
    const found = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Finding);
    assert.match(
      of(found, "open files"),
      /^warn a process may have 300, and each client takes one: raise it \(ulimit -n/,
    );
    assert.match(of(found, "configuration"), /^fail --fsync is for the embedded buffer/);
    assert.match(of(found, "redis"), /^fail .*no node would start with it$/);
  },
  busy,
);

test("addresses and credentials: everybody gets in, nobody is sent here, files that cannot be used", async (t) => {
  const listen = "0.0.0.0:0";
  const open = await inspectSecurity(configured({ listen, insecure: true }));
  assert.match(of(open, "TLS"), /^warn none \(--insecure\)/);
  assert.match(of(open, "authentication"), /^warn none: whoever reaches the node/);
  const missing = join(temporaryFolder(t), "none");
  const auth = configured({ authTokens: missing, policy: missing });
  assert.match(of(await inspectSecurity(auth), "authentication"), /^fail cannot read/);
  const tls = configured({ tlsCert: missing, tlsKey: missing });
  assert.match(of(await inspectSecurity(tls), "TLS files"), /^fail .*ENOENT/);
  const shared = await inspectPorts(given({ listen, buffer: "redis://10.0.0.9:6379" }), undefined);
  assert.match(of(shared, "advertise"), /^warn 0\.0\.0\.0:0 is no address that clients could be sent to/);
  const unknown = await inspectPorts(given({ listen: `${"x".repeat(70)}.test:0` }), undefined);
  assert.match(unknown[0]!.sentence, "nobody knows this name");
});

test(
  "a Redis: what it is set to, what it has failed in, and a clock that is off",
  async (t) => {
    const server = await startRedis(t, "--dbfilename", "taken");
    // A snapshot has to be renamed to what is a folder.
    mkdirSync(join(server.folder, "taken", "full"), { recursive: true });
    const set = (name: string, value: string) => ask(server, "CONFIG", "SET", name, value);
    await set("appendfsync", "no");
    await set("timeout", "30");
    await set("save", "3600 1");
    await ask(server, "SET", "x", "y");
    await ask(server, "BGSAVE");
    const info = async (section: string) => String(await ask(server, "INFO", section));
    await until(async () => (await info("persistence")).includes("rdb_last_bgsave_status:err"), "it has failed");
    const bad = await inspectStore(server.url, {});
    assert.match(of(bad, " appendfsync"), /^warn syncs when the system sees fit.*set everysec/);
    assert.match(of(bad, " timeout"), /^warn closes connections that are quiet for 30 s.*set timeout 0/);
    assert.match(of(bad, " save"), /^fail could not make its last snapshot and refuses messages/);
    assert.match(of(bad, "redis publishing"), /^fail takes no writes: .*MISCONF/);

    await set("save", "");
    const used = Number(/^used_memory:(\d+)/m.exec(await info("memory"))![1]);
    await set("maxmemory", String(Math.round(used * 1.08)));
    await set("maxclients", "6");
    // What is told is right to half of the time that the answer took.
    const full = await withClock(90_000, () => inspectStore(server.url, {}));
    assert.match(of(full, " memory"), /^warn uses (9\d|1\d\d) % of maxmemory: at 100 publishers are refused/);
    assert.match(of(full, " maxmemory-policy"), /^ok removes nothing when its memory is full/);
    assert.match(of(full, " clock"), /^warn its clock is [89]\d(\.\d+)? s behind this machine's: .*let NTP set both$/);
    assert.match(of(await withClock(-5_000, () => inspectStore(server.url, {})), " clock"), /ahead of this machine's/);
  },
  busy,
);

test(
  "Sentinel: a replica's settings, sentinels that are away, a master that goes on alone; a replica by its own address",
  async (t) => {
    const set = await startSentinel(t, { sentinels: 1 });
    const [master, replica] = set.servers;
    const away = await inspectStore(set.url.replace("/reprise", `,127.0.0.1:${await freePort()}/reprise`), {});
    assert.match(of(away, " min-replicas-to-write"), /^warn goes on storing when it has lost its replicas/);
    assert.ok(away.some(({ level, sentence }) => level === "warn" && sentence.startsWith("does not answer (")));
    await ask(master!, "CONFIG", "SET", "min-replicas-to-write", "1");
    const slow = await inspectStore(set.url, {});
    assert.match(of(slow, " min-replicas-to-write"), /^ok refuses messages when it has lost its replicas; 1 are good/);
    assert.match(of(slow, " min-replicas-max-lag"), /^warn takes 10 s to notice.*set it to 2/);
    await ask(set.sentinels[0]!, "SENTINEL", "SET", "reprise", "quorum", "2");
    await ask(set.sentinels[0]!, "SENTINEL", "SET", "reprise", "down-after-milliseconds", "30000");
    const poor = await inspectStore(set.url, {});
    assert.match(of(poor, "sentinels quorum"), /^fail are 1, 2 must agree: no failover is possible/);
    assert.match(of(poor, "sentinels down-after"), /^warn take 30 s to notice/);
    const direct = await inspectStore(replica!.url, {});
    assert.ok(
      direct.some(({ level, sentence }) => level === "fail" && sentence.includes("replica")),
      JSON.stringify(direct),
    );
  },
  busy,
);

test("a data folder: damaged files, and little room", async (t) => {
  const folder = join(temporaryFolder(t), "data");
  assert.match(of(await inspectStore(`embedded:${folder}`, {}), " writable"), /^ok can be created/);
  mkdirSync(join(folder, "channels"), { recursive: true });
  writeFileSync(join(folder, "channels", "c,0000000000000001-00000000.log.damaged"), "x");
  assert.match(of(await inspectStore(`embedded:${folder}`, {}), " damage"), /^warn has 1 files that could not be read/);
  const small = temporaryFolder(t);
  const mount = (size: string) => spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", small]).status === 0;
  if (!mount("200m")) notRun("mounting a small disk takes root on Linux");
  t.after(() => spawnSync("umount", ["-l", small]));
  assert.match(of(await inspectStore(`embedded:${small}`, {}), " space"), /^warn 0\.2 GiB are free: when it is full/);
  spawnSync("mount", ["-o", "remount,size=8m", small]);
  assert.match(of(await inspectStore(`embedded:${small}`, {}), " space"), /^fail 0\.0 GiB are free/);
});

/** With a node in this process, and another that only its entry tells of. */
async function fleet(t: T) {
  const server = await startRedis(t);
  const store = await openStore(server.url, { retention: retentionPolicy([]) });
  t.after(() => store.close());
  const { buffer, registry } = store;
  const node = await startNode(t, { node: "n", buffer, registry });
  const redis = await connectRedis({ url: server.url });
  t.after(() => redis.close());
  const other = redisRegistry(redis);
  await other.announce(entry("other", { address: "", version: "0.0.7", state: "draining", warnings: ["a dog"] }));
  const gateway = await openGateway(node.node, "127.0.0.1:0");
  t.after(() => gateway.close());
  return { server, node, http: gateway.address };
}

test(
  "a node that runs: versions that differ, one that drains, warnings of others, not ready, its clock",
  async (t) => {
    const { server, node, http } = await fleet(t);
    const look = (more: object = {}) => inspectRunning({ server: [node.address], http, version: "9.9.9", ...more });
    await until(async () => (await node.node.vitals()).nodes === 2, "they know each other");
    const { answers, found } = await withClock(7_000, look);
    assert.ok(answers);
    assert.match(of(found, "node n"), /^warn it is version \S+, and this command 9\.9\.9: upgrade the older one/);
    assert.match(of(found, "nodes"), /^warn run versions \S+ and \S+: right during an upgrade/);
    const told = found
      .filter(({ subject }) => subject === "node other")
      .map(({ level, sentence }) => [level, sentence]);
    assert.equal(told, [
      ["warn", "a dog"],
      ["warn", "is draining: it stops"],
    ]);
    assert.match(of(found, `http ${http} clock`), /^warn is \d+ s behind this machine's: tokens will expire/);
    assert.match(of(found, `http ${http} health`), /^ok is ready/);

    await ask(server, "CONFIG", "SET", "min-replicas-to-write", "1");
    await until(async () => !(await node.node.vitals()).ready, "it is not ready");
    const ill = (await look()).found;
    assert.match(of(ill, "node n health"), /^fail is not ready/);
    assert.match(of(ill, `http ${http} health`), /^fail is not ready, and no peers should be sent there: publishing: /);
    const elsewhere = await look({ http: `127.0.0.1:${await freePort()}` });
    assert.ok(
      elsewhere.found.some(({ level, sentence }) => level === "fail" && sentence.startsWith("does not tell its")),
    );
    await ask(server, "CONFIG", "SET", "min-replicas-to-write", "0");
  },
  busy,
);

test(
  "a node whose clock is wrong, and one that does not tell us",
  async (t) => {
    const folder = temporaryFolder(t);
    const wrong = join(folder, "clock.mjs");
    writeFileSync(wrong, "const now = Date.now; Date.now = () => now() + 60_000;");
    const args = ["serve", "--listen", "127.0.0.1:0", "--node", "n", "--buffer", `embedded:${join(folder, "data")}`];
    const running = start(t, args, { env: { NODE_OPTIONS: `--import ${wrong}` } });
    const watchdog = watch(running.child);
    t.after(() => watchdog.stop());
    await said(running, "chat lobby");
    const address = /listens on (\S+)/.exec(running.stderr)![1]!;
    const { found } = await inspectRunning({ server: [address], version: "" });
    assert.match(of(found, "node n clock"), /^warn is (59|60|61) s ahead of this machine's: .*let NTP set both$/);

    const guard = testGuard(t, `\n  ada: { rules: [{ allow: publish, channels: "*" }] }\n`);
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, guard.tokenOf("ada"), { mode: 0o600 });
    await guard.changed();
    const guarded = await startNode(t, { guard: guard.guard, token: guard.root });
    const little = await inspectRunning({ server: [guarded.address], tokenFile, version: "" });
    assert.ok(little.answers);
    assert.match(little.found[0]!.sentence, "it does not tell us: ada has no right to admin");
  },
  busy,
);

test.run();
