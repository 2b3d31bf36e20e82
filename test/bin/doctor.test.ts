// reprise doctor, as a process, against real servers: what is wrong is named, with what to do; what is well is no noise.
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { inspectPorts } from "../../src/bin/doctor/ports.js";
import { inspectRunning } from "../../src/bin/doctor/running.js";
import { inspectSecurity } from "../../src/bin/doctor/security.js";
import type { ServeOptions } from "../../src/bin/serve.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { type Finding, inspectStore, openStore } from "../../src/store/index.js";
import { type Files, makeCertificates } from "../certificates.js";
import { startEtcd } from "../etcd.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { ask, freePort, startRedis } from "../redis.js";
import { startCluster } from "../redis-cluster.js";
import { startSentinel } from "../redis-sentinel.js";
import { run, said, start } from "./command.js";

const test = suite("reprise doctor");

const judged = (found: readonly Finding[]) => ({
  found,
  /** About what, that is not well. */
  wrong: (word: string) => found.filter(({ level, subject }) => level !== "ok" && subject.startsWith(word)),
  of: (end: string) => found.find(({ subject }) => subject.endsWith(end)),
});

/** Free ports, so that nothing but what a test is about is in its way. */
async function examine(t: T, args: readonly string[], env: Record<string, string> = {}) {
  const listen = args.includes("--listen") ? [] : ["--listen", `127.0.0.1:${await freePort()}`];
  const { code, lines, stderr } = await run(t, ["doctor", "--json", ...listen, ...args], { env });
  const found = lines.map((line) => JSON.parse(line) as Finding);
  assert.match(stderr, /^\d+ ok, \d+ warnings?, \d+ failed$/m);
  assert.is(code, found.some(({ level }) => level === "fail") ? 1 : 0, JSON.stringify(found));
  return judged(found);
}

/** Several processes on a machine that has others to run. */
const busy = { timeoutMs: 120_000 };

const goodRedis = ["--client-output-buffer-limit", "pubsub", "64mb", "16mb", "60"];

test(
  "three bad settings of a Redis are named, each with what to do, in the words of a node that starts",
  async (t) => {
    const { url } = await startRedis(
      t,
      ...["--appendonly", "no", "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"],
      ...["--client-output-buffer-limit", "pubsub", "1mb", "1mb", "10"],
    );
    const { wrong } = await examine(t, ["--buffer", url]);
    const bad = wrong("redis");
    const advice = {
      "maxmemory-policy": ["fail", "set noeviction"],
      appendonly: ["warn", "set appendonly yes"],
      "client-output-buffer-limit": ["warn", "set pubsub 64mb 16mb 60 or more"],
    };
    assert.equal(
      bad.map(({ subject }) => subject.split(" ").at(-1)),
      Object.keys(advice),
    );
    for (const { level, subject, sentence } of bad) {
      const [expected, what] = advice[subject.split(" ").at(-1) as keyof typeof advice];
      assert.is(level, expected);
      assert.match(sentence, what!);
    }
    const store = await openStore(url, { retention: retentionPolicy([]) });
    await store.close();
    assert.is(store.warnings.length, 2);
    for (const [i, warning] of store.warnings.entries()) assert.ok(warning.endsWith(bad[i]!.sentence), warning);
  },
  busy,
);

test(
  "a good Redis is clean, by the same configuration as serve; what its user may not do is named",
  async (t) => {
    const server = await startRedis(t, ...goodRedis);
    const config = join(temporaryFolder(t), "reprise.yaml");
    writeFileSync(config, `buffer: ${server.url}\nack: stored\n`);
    const good = await examine(t, [], { REPRISE_CONFIG: config });
    assert.equal(good.wrong("redis"), []);
    assert.ok(good.found.filter(({ subject }) => subject.startsWith("redis")).length > 10);
    assert.is(good.of("redis publishing")?.level, "ok");
    assert.is(good.of("redis following")?.level, "ok");
    assert.is(good.of(" clock")?.level, "ok");
    // Nothing of it stays.
    const keys = (await ask(server, "KEYS", "*")) as string[];
    assert.equal(
      keys.filter((key) => !key.endsWith(":probe")),
      [],
    );

    const rule = "ACL SETUSER few on >geheim ~reprise:* &reprise:* -@all +@read +@connection +@pubsub +info +time +set";
    await ask(server, "ACL", ...rule.split(" ").slice(1));
    const few = judged(await inspectStore(`redis://few:geheim@127.0.0.1:${server.port}`, {}));
    assert.match(few.of(" rights")!.sentence, /XADD, .*EVAL.*docs\/redis\.md/);
    assert.is(few.of(" settings")?.level, "warn");
    assert.not.match(JSON.stringify(few.found), "geheim");
  },
  busy,
);

test("a module for --trace that is not there", async (t) => {
  const { of } = await examine(t, ["--buffer", `embedded:${temporaryFolder(t)}`, "--trace", "/nowhere.mjs"]);
  assert.is(of("configuration")?.level, "fail");
  assert.match(of("configuration")!.sentence, "/nowhere.mjs");
});

test("a level that Redis cannot keep, a Redis that is away", async (t) => {
  const { url } = await startRedis(t, ...goodRedis);
  const level = judged(await inspectStore(url, { ackLevel: "replicated:1" }));
  assert.match(level.of("redis ack")!.sentence, "has 0 connected replicas; start more");
  const ofChannels = judged(await inspectStore(url, { ackRules: [{ pattern: "audit.*", level: "replicated:1" }] }));
  assert.match(ofChannels.of("redis ack")!.sentence, /^channels audit\.\*: .*has 0 connected replicas/);
  const away = judged(await inspectStore(`redis://127.0.0.1:${await freePort()}`, {}));
  assert.match(away.wrong("redis")[0]!.sentence, /cannot be reached.*no node would start/);
});

test(
  "Sentinel: how many there are, and whether a failover is possible",
  async (t) => {
    const set = await startSentinel(t, { sentinels: 1 });
    const { wrong, of } = judged(await inspectStore(set.url, {}));
    assert.match(wrong("sentinels quorum")[0]!.sentence, "run three, with a quorum of two");
    assert.is(of("sentinels replicas")?.level, "ok");
  },
  busy,
);

test(
  "a Cluster: slots and replicas",
  async (t) => {
    const { url, masters } = await startCluster(t);
    const { found, of } = judged(await inspectStore(url, {}));
    assert.is(of("cluster slots")?.level, "ok");
    assert.is(of("cluster masters")?.level, "ok");
    assert.match(of("cluster replicas")!.sentence, masters[0]!.port.toString());
    assert.is(found.filter(({ subject }) => subject.endsWith(" rights")).length, masters.length);
  },
  busy,
);

test(
  "etcd: it answers and may be written to, or is away",
  async (t) => {
    const etcd = await startEtcd(t);
    const folder = `embedded:${temporaryFolder(t)}`;
    const good = judged(await inspectStore(folder, { registry: `etcd://${etcd.endpoint}` }));
    assert.match(good.found.find(({ subject }) => subject.startsWith("etcd"))!.sentence, "can be written to; 0 nodes");
    const away = judged(await inspectStore(folder, { registry: `etcd://127.0.0.1:${await freePort()}` }));
    assert.match(away.wrong("etcd")[0]!.sentence, "nodes start without it");
  },
  busy,
);

test(
  "a port and a folder that are in use, and by whom; with --server it is the node that runs",
  async (t) => {
    const folder = join(temporaryFolder(t), "data");
    const [listen, http] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const args = ["--listen", listen, "--http", http, "--buffer", `embedded:${folder}`];
    const node = start(t, ["serve", ...args]);
    await said(node, "chat lobby");
    const taken = await examine(t, args);
    const who = `process ${node.child.pid}`;
    for (const word of ["listen", "http", "folder"]) assert.match(taken.wrong(word)[0]!.sentence, who);
    const running = await examine(t, [...args, "--server", listen]);
    assert.equal(
      running.found.filter(({ level }) => level === "fail"),
      [],
    );
    assert.match(
      running.found.find(({ subject }) => subject.startsWith("node "))!.sentence,
      "it answers, and is version",
    );
    assert.is(running.of(" health")?.sentence, "is ready");
    assert.is(running.of(`${http} clock`)?.level, "ok");
  },
  busy,
);

const given = (more: Partial<ServeOptions>): ServeOptions => ({
  ...{ listen: "127.0.0.1:0", buffer: "embedded:x", retain: [], limit: [], balance: true, workers: 1 },
  ...{ logFormat: "text", logLevel: "info" },
  ...more,
});

test("TLS: a certificate for another name, one that has expired, a key that everybody can read", async (t) => {
  const certificates = await makeCertificates(t);
  const look = async ({ cert, key }: Files, advertise = "localhost:50051") =>
    judged(
      await inspectSecurity({
        given: given({ tlsCert: cert, tlsKey: key, advertise }),
        settings: [],
        file: undefined,
      }),
    );
  chmodSync(certificates.server.key, 0o600);
  const good = await look(certificates.server);
  // It lives for a day: that is told.
  assert.equal(
    good.wrong("TLS").map(({ subject, level }) => `${level} ${subject}`),
    ["warn TLS time"],
  );
  assert.is(good.of("TLS name")?.sentence, "it is for localhost");
  const old = await certificates.issue("old", { hosts: ["elsewhere.test"], from: new Date(0), to: new Date(1e12) });
  chmodSync(old.key, 0o644);
  const bad = await look(old);
  assert.match(bad.of("TLS time")!.sentence, "has expired");
  assert.match(bad.of("TLS name")!.sentence, /localhost.*elsewhere\.test/);
  assert.match(bad.of("TLS key")!.sentence, "chmod 640");
  const other = await look({ cert: certificates.server.cert, key: old.key });
  assert.match(other.of("TLS files")!.sentence, "does not belong to the certificate");
});

test("authentication: a secret that everybody can read", async (t) => {
  const secret = join(temporaryFolder(t), "secret");
  writeFileSync(secret, "x".repeat(32));
  const look = async (mode: number) => {
    chmodSync(secret, mode);
    const flags = given({ authJwtSecretFile: secret, authJwtAudience: "reprise" });
    return judged(await inspectSecurity({ given: flags, settings: [], file: undefined }));
  };
  assert.is((await look(0o640)).of("JWT secret"), undefined);
  assert.match((await look(0o644)).of("JWT secret")!.sentence, /everybody .*secret: chmod 640/);
});

test("an address that leads elsewhere; a name that nobody knows; a port that is not ours", async (t) => {
  const elsewhere = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  t.after(() => elsewhere.close());
  const { port } = elsewhere.address() as { port: number };
  const there = judged(await inspectPorts(given({ advertise: `127.0.0.1:${port}` }), undefined));
  assert.match(there.wrong("advertise")[0]!.sentence, "does not lead here");
  // A label of more than 63 characters: no server has to be asked.
  const unknown = judged(await inspectPorts(given({ advertise: `${"x".repeat(70)}.test:50051` }), undefined));
  assert.match(unknown.wrong("advertise")[0]!.sentence, "nobody knows the name");
  const foreign = judged(await inspectPorts(given({ listen: "192.0.2.1:50051" }), undefined));
  assert.match(foreign.wrong("listen")[0]!.sentence, "no such address");
});

test("a node that is not there", async () => {
  const { answers, found } = await inspectRunning({ server: [`127.0.0.1:${await freePort()}`], version: "" });
  assert.not(answers);
  assert.is(found[0]?.level, "fail");
});

test.run();
