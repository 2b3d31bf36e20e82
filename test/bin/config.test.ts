// reprise config, serve --config, and what SIGHUP does, as processes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../src/client/index.js";
import { callPublish, refusalOf } from "../broker/calls.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { someRedis, watch } from "../redis.js";
import { type Running, run, said, start } from "./command.js";

const test = suite("reprise config");

/** A file in a folder of its own, and how to write it anew. */
function configFile(t: T, text: string) {
  const path = join(temporaryFolder(t), "reprise.yaml");
  const write = (text: string) => writeFileSync(path, text);
  write(text);
  return { path, write };
}

async function serve(t: T, args: readonly string[], env: Record<string, string> = {}) {
  const running = start(t, ["serve", "--listen", "127.0.0.1:0", ...args], { env });
  const watchdog = watch(running.child);
  t.after(() => watchdog.stop());
  await said(running, "chat lobby");
  const address = /listens on (\S+)/.exec(running.stderr)![1]!;
  const server = ["--server", address];
  const publish = (channel: string, bytes: number) => run(t, ["pub", channel, "x".repeat(bytes), ...server]);
  return { running, address, server, publish };
}

const embedded = (t: T) => `embedded:${join(temporaryFolder(t), "data")}`;

const times = (text: string, part: string): number => text.split(part).length - 1;

test("a flag counts before the environment, that before the file, that before the default", async (t) => {
  const { path } = configFile(t, "node: file\nzone: file\nmax-message: 1KiB\nbalance: false\nfsync: always\n");
  const env = { REPRISE_CONFIG: path, REPRISE_ZONE: "variable", REPRISE_NODE: "variable" };
  const { running, publish } = await serve(t, ["--buffer", embedded(t), "--node", "flag"], env);
  assert.match(running.stderr, "node flag listens");
  assert.match(running.stderr, "fsync always");
  assert.match((await publish("c", 1_100)).stderr, "at most 1024 are allowed");
  const { lines, code } = await run(t, ["config", "print", "--node", "flag"], { env });
  assert.is(code, 0);
  const of = (key: string) => lines.find((line) => line.startsWith(`${key}:`) || line.startsWith(`# ${key}:`))!;
  assert.match(of("node"), /^node: flag +# --node$/);
  assert.match(of("zone"), /^zone: variable +# REPRISE_ZONE$/);
  assert.match(of("max-message"), /^max-message: 1KiB +# .*reprise\.yaml: max-message$/);
  assert.match(of("balance"), /^balance: false +# .*reprise\.yaml: balance$/);
  assert.match(of("workers"), /^workers: 1 +# default$/);
  assert.match(of("drain-window"), /^# drain-window: 5s$/);
  assert.match(of("tls-cert"), /^# tls-cert: not set$/);
});

test("what is printed is a configuration file that means the same, and holds no password", async (t) => {
  const secret = "redis://user:geh%40eim@127.0.0.1:1/0";
  const text = `buffer: redis://127.0.0.1:1
retain: [messages=1000 age=24h, "a.* bytes=1KiB"]
drain-window: 90s
max-session-age: 36h
receive-window: 300000
tls-min: 1.2
tls-cert: c
tls-key: k
channels:
  - pattern: "*.b"
    retain: { messages: none, age: 1h }
    max-message: 1536
    ack: replicated:1
    permissions:
      - { allow: [publish, subscribe], roles: shop, identities: ["a, b"] }
      - deny: all
auth-tokens: t
`;
  const { path, write } = configFile(t, text);
  const first = await run(t, ["config", "print", path]);
  assert.is(first.code, 0, first.stderr);
  write(first.stdout);
  const second = await run(t, ["config", "print", path]);
  assert.is(second.code, 0, second.stderr);
  const values = (lines: string[]) =>
    lines.filter((line) => !line.startsWith("#")).map((line) => line.replace(/ +# .*/, ""));
  assert.equal(values(second.lines), values(first.lines));
  for (const line of ["max-session-age: 36h", "drain-window: 90s", "receive-window: 300000", '  - pattern: "*.b"']) {
    assert.ok(values(first.lines).includes(line), line);
  }
  for (const line of ["    ack: replicated:1", '      - { deny: ["all"] }']) {
    assert.ok(values(first.lines).includes(line), line);
  }
  assert.is((await run(t, ["config", "check", path])).code, 0);
  const hidden = await run(t, ["config", "print"], { env: { REPRISE_BUFFER: secret } });
  assert.match(hidden.stdout, "redis://user:***@127.0.0.1:1/0");
  assert.not.match(hidden.stdout + hidden.stderr, "geh%40eim");
});

test("check: exit code 0, or 2 and what is wrong; serve does not start with it either", async (t) => {
  const { path } = configFile(t, "listen: 127.0.0.1:0\n");
  const right = await run(t, ["config", "check", path]);
  assert.equal([right.code, right.stdout], [0, `${path}: all right\n`]);
  const wrong: [string, RegExp][] = [
    [
      "listen: here\nbufer: x\n",
      /^reprise: .*reprise\.yaml:1: listen: .*HOST:PORT.*\n.*yaml:2: "bufer" is no key; is buffer meant\?\n$/,
    ],
    ["buffer: memory", /expected embedded:FOLDER/],
    ["buffer: redis://127.0.0.1:1\nfsync: always", /--fsync is for the embedded buffer/],
    ["workers: 2", /--workers 2 needs a buffer/],
    ["listen: 0.0.0.0:0", /there is no TLS/],
    ["policy: p.yaml", /needs identities/],
    ["registry: nowhere", /etcd/],
    ["receive-window: 1KiB", /window of 1024 bytes/],
    [
      "max-message: 1KiB\nchannels:\n  - { pattern: a, max-message: 2KiB }",
      /yaml:3: channels: max-message of a: at most 1024 bytes/,
    ],
  ];
  const refused = async ([text, what]: [string, RegExp], command: readonly string[]) => {
    const { code, stderr, stdout } = await run(t, [...command, configFile(t, text).path]);
    assert.is(code, 2, text);
    assert.match(stderr, what);
    assert.not.match(stderr, "    at ");
    assert.is(stdout, "");
  };
  await Promise.all(wrong.map((one) => refused(one, ["config", "check"])));
  for (const one of [wrong[0]!, wrong.at(-1)!]) await refused(one, ["serve", "--config"]);
  const gone = await run(t, ["serve", "--config", `${path}.gone`]);
  assert.equal([gone.code, /cannot read the configuration: ENOENT/.test(gone.stderr)], [2, true]);
  assert.is((await run(t, ["config", "check"])).code, 2);
});

test("doc prints the page in docs", async (t) => {
  const { stdout } = await run(t, ["config", "doc"]);
  assert.is(stdout, readFileSync(join(import.meta.dirname, "../../docs/configuration.md"), "utf8"));
});

test("a variable of a switch says whether; one that is misspelt is said", async (t) => {
  const printed = async (env: Record<string, string>) => (await run(t, ["config", "print"], { env })).stdout;
  assert.match(await printed({ REPRISE_AUTH_CERT: "false", REPRISE_BALANCE: "off" }), /^auth-cert: false .*\n[\s\S]*/m);
  assert.match(await printed({ REPRISE_BALANCE: "0" }), /^balance: false +# REPRISE_BALANCE$/m);
  assert.match(await printed({ REPRISE_BALANCE: "true" }), /^balance: true +# REPRISE_BALANCE$/m);
  const bad = await run(t, ["serve"], { env: { REPRISE_AUTH_CERT: "maybe" } });
  assert.equal([bad.code, bad.stderr], [2, 'reprise: REPRISE_AUTH_CERT is "maybe": expected true or false\n']);
  const env = { REPRISE_RETIAN: "messages=1", REPRISE_PORT: "tcp://10.0.0.1:50051", REPRISE_AUTH_CERT: "no" };
  const { running } = await serve(t, ["--buffer", embedded(t)], env);
  assert.match(running.stderr, "warning: REPRISE_RETIAN means nothing; is REPRISE_RETAIN meant?");
  assert.is(times(running.stderr, "means nothing"), 1);
  assert.match(running.stderr, "without authentication");
});

test(
  "SIGHUP: message sizes, retention and limits change, the rest is said to take a restart, what is wrong changes nothing",
  async (t) => {
    const begun = "zone: a\nchannels:\n  - { pattern: small, max-message: 100 }\n";
    const { path, write } = configFile(t, begun);
    const { running, address, server, publish } = await serve(t, [
      "--buffer",
      embedded(t),
      "--config",
      path,
      "--node",
      "n",
      "--log-level",
      "info",
    ]);
    assert.match((await publish("small", 200)).stderr, "at most 100 are allowed");
    assert.is((await publish("large", 200)).code, 0);

    write(
      "zone: b\nnode: m\nlog-level: error\nlimit: [channels=1]\nchannels:\n  - { pattern: l*, max-message: 50, retain: { age: 1ms } }\n",
    );
    running.child.kill("SIGHUP");
    await said(running, "was read again");
    assert.match(running.stderr, "reprise.yaml: zone has changed, which takes a restart");
    assert.match(running.stderr, "log-level is not taken from it: --log-level counts before it");
    assert.not.match(running.stderr, "node has changed");
    assert.not.match(running.stderr, "limit has changed");
    assert.is((await publish("small", 200)).code, 0);
    const another = () => callPublish(t, address, "third", ["x"]);
    assert.match((await refusalOf(another())).message, "the most allowed");
    assert.match((await publish("large", 60)).stderr, "at most 50 are allowed");
    await until(
      async () => (await run(t, ["channels", ...server])).stdout.includes("large") === false,
      "it was too old",
    );

    write("zone: b\nchannels:\n  - { patern: small }\n");
    running.child.kill("SIGHUP");
    await said(running, "the configuration stays as it was");
    assert.match(running.stderr, /yaml:3: channels: "patern" is no key; is pattern meant\?/);
    assert.match((await publish("large", 60)).stderr, "at most 50 are allowed");

    write(begun);
    running.child.kill("SIGHUP");
    await until(() => times(running.stderr, "was read again") === 2, "it is as it was at the start");
    assert.is(times(running.stderr, "zone has changed"), 1);
    assert.match((await publish("small", 200)).stderr, "at most 100 are allowed");
    await another();
    running.child.kill("SIGTERM");
    assert.is(await running.exit, 0);
  },
  { timeoutMs: 120_000 },
);

/** The processes that this one has started. */
function workersOf({ child }: Running): number[] {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
  return children.trim().split(" ").filter(Boolean).map(Number);
}

/** The largest message on c, as a node says that refuses one. */
async function allowedBy(address: string): Promise<string | undefined> {
  // There is nobody while both workers begin anew.
  const bus = await connect(address, { timeoutMs: 40_000 });
  const answer = await bus.publish("c", "x".repeat(900)).catch((error: Error) => error.message);
  await bus.close({ timeoutMs: 0 });
  return typeof answer === "string" ? /at most (\d+)/.exec(answer)?.[1] : "all";
}

/** Of the worker that the next connection gets to. */
const isShortOfMemory = (t: T, address: string): Promise<boolean> =>
  callPublish(t, address, "c", ["x"]).then(
    () => false,
    ({ message }: Error) => message.includes("short of memory"),
  );

test(
  "workers go by the file as the first process has read it, also those that come later",
  async (t) => {
    const { url } = await someRedis(t);
    const limited = (bytes: number) => `channels:\n  - { pattern: c, max-message: ${bytes} }\n`;
    const { path, write } = configFile(t, `buffer: ${url}\nworkers: 2\n${limited(100)}`);
    const { running, address } = await serve(t, ["--config", path]);
    /** Connections go to the workers in turn. */
    const allowed = () => Promise.all([allowedBy(address), allowedBy(address)]);
    const replaceAll = async () => {
      const before = workersOf(running);
      for (const pid of before) process.kill(pid, "SIGKILL");
      const isNew = (pid: number) => !before.includes(pid);
      await until(() => workersOf(running).filter(isNew).length === 2, "there are others", 40_000);
    };
    assert.is(workersOf(running).length, 2);
    assert.equal(await allowed(), ["100", "100"]);
    // Half of what somebody is writing.
    write("channels: [");
    await replaceAll();
    await until(
      async () => (await allowed().catch(() => [])).join() === "100,100",
      "the file as it was is what counts",
      40_000,
    );

    write(`buffer: ${url}\nworkers: 2\n${limited(50)}`);
    // As a terminal does it: to all processes.
    for (const pid of [running.child.pid!, ...workersOf(running)]) process.kill(pid, "SIGHUP");
    await said(running, "was read again");
    await until(async () => (await allowed().catch(() => [])).join() === "50,50", "both have heard of it", 40_000);
    write("channels: [");
    running.child.kill("SIGHUP");
    await said(running, "the configuration stays as it was");
    await replaceAll();
    await until(
      async () => (await allowed().catch(() => [])).join() === "50,50",
      "and so do those that come later",
      40_000,
    );
    assert.is(times(running.stderr, "was read again"), 1);

    write(`buffer: ${url}\nworkers: 2\nlimit: [memory=1KiB]\n${limited(50)}`);
    running.child.kill("SIGHUP");
    await until(
      async () => (await Promise.all([0, 1, 2, 3].map(() => isShortOfMemory(t, address)))).every(Boolean),
      "both go by the limit",
      40_000,
    );
    running.child.kill("SIGTERM");
    assert.is(await running.exit, 0);
  },
  { timeoutMs: 200_000 },
);

test.run();
