// Ack levels and permissions of single channels, as they are written into a configuration file, through processes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createToken } from "../../src/auth/index.js";
import { type Bus, connect } from "../../src/client/index.js";
import { failure } from "../failure.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { ask, startRedis, watch } from "../redis.js";
import { freeze, startReplica, thaw } from "../redis-replica.js";
import { run, said, start } from "./command.js";

const test = suite("settings of single channels");

/** A broker that knows ada, bob and eve, and how they connect to it. */
async function serve(t: T, text: string, more: Record<string, string> = {}) {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  const people = ["ada", "bob", "eve"] as const;
  const tokens = people.map((name) => createToken(name));
  const settings = `listen: 127.0.0.1:0\nauth-tokens: ${path("tokens")}\n`;
  const write = (text: string) => writeFileSync(path("reprise.yaml"), settings + text.replaceAll("FOLDER", folder));
  writeFileSync(path("tokens"), tokens.map(({ line }) => `${line}\n`).join(""));
  for (const [name, content] of Object.entries(more)) writeFileSync(path(name), content);
  write(text);
  const running = start(t, ["serve", "--config", path("reprise.yaml")]);
  const watchdog = watch(running.child);
  t.after(() => watchdog.stop());
  await said(running, "chat lobby");
  const address = /listens on (\S+)/.exec(running.stderr)![1]!;
  const as = async (name: (typeof people)[number]): Promise<Bus> => {
    const bus = await connect(address, { token: tokens[people.indexOf(name)]!.token, timeoutMs: 40_000 });
    t.after(() => bus.close({ timeoutMs: 0 }));
    return bus;
  };
  let reloads = 0;
  const reload = async (text: string) => {
    write(text);
    running.child.kill("SIGHUP");
    reloads++;
    await until(() => running.stderr.split("was read again").length > reloads, "it has read the file again");
  };
  return { running, as, reload };
}

/** How it ends, if it is refused. */
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );

const read = async (bus: Bus, channel: string): Promise<string[]> => {
  const texts: string[] = [];
  for await (const message of bus.history(channel)) texts.push(message.text);
  return texts;
};

const policy = `
roles: { shop: [] }
identities:
  ada: { roles: [shop] }
  eve: { rules: [{ allow: [publish, subscribe], channels: "orders.*" }] }
`;

const embedded = (shop: string, ack: string) => `
buffer: embedded:FOLDER/data
policy: FOLDER/policy.yaml
channels:
  - pattern: "orders.*"
    permissions:
      - { allow: [${shop}], roles: shop }
      - { deny: publish, identities: eve }
  - { pattern: "audit.*", ack: ${ack}, permissions: [{ allow: publish }] }
`;

test(
  "permissions come on top of the policy, deny wins; SIGHUP takes a right from a live subscription; ack takes a restart",
  async (t) => {
    const file = embedded("publish, subscribe, history", "fsynced");
    const { running, as, reload } = await serve(t, file, { "policy.yaml": policy });
    const [ada, bob, eve] = [await as("ada"), await as("bob"), await as("eve")];
    const heard = ada.subscribe("orders.1");
    await heard.ready;
    await ada.publish("orders.1", "one");
    for (const bus of [ada, bob, eve]) await bus.publish("audit.1", "anybody");
    assert.is(await codeOf(bob.publish("orders.1", "no")), "permission_denied");
    assert.is(await codeOf(eve.publish("orders.1", "no")), "permission_denied", "whatever the policy says");
    assert.is(await codeOf(eve.subscribe("orders.1").ready), "ok", "which counts as well");
    assert.is(await codeOf(bob.subscribe("audit.1").ready), "permission_denied");
    assert.equal(await read(ada, "orders.1"), ["one"]);

    await reload(embedded("publish", "stored"));
    const texts: string[] = [];
    const { code } = await failure(
      (async () => {
        for await (const message of heard) texts.push(message.text);
      })(),
    );
    assert.equal([code, texts], ["permission_denied", ["one"]]);
    await ada.publish("orders.1", "two");
    assert.is(await codeOf(read(ada, "orders.1")), "permission_denied");
    assert.match(running.stderr, "reprise.yaml: channels: ack has changed, which takes a restart");
    assert.not.match(running.stderr, "policy has changed");
    running.child.kill("SIGTERM");
    assert.is(await running.exit, 0);
  },
  { timeoutMs: 90_000 },
);

test(
  "a level that the embedded buffer cannot keep, and permissions of nobody, keep the node from starting",
  async (t) => {
    const path = join(temporaryFolder(t), "reprise.yaml");
    const refused = async (entry: string) => {
      writeFileSync(path, `buffer: embedded:${path}.data\nchannels:\n  - { pattern: "audit.*", ${entry} }\n`);
      return run(t, ["serve", "--listen", "127.0.0.1:0", "--config", path]);
    };
    const nobody = await refused("permissions: [{ allow: all }]");
    assert.is(nobody.code, 2);
    assert.match(
      nobody.stderr,
      /yaml:3: channels: permissions of audit\.\* need identities: auth-tokens, auth-jwks or/,
    );
    const { code, stderr } = await refused("ack: replicated:1");
    assert.is(code, 1);
    assert.match(
      stderr,
      /^reprise: channels audit\.\*: replicated:1 is not to be had: .*use Redis, or ask for fsynced\n$/,
    );
  },
  { timeoutMs: 60_000 },
);

/** The processes that this one has started. */
function workersOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.trim().split(" ").filter(Boolean).map(Number);
}

const shared = (url: string, bob: string) => `
buffer: ${url}
workers: 2
channels:
  - pattern: "*"
    permissions: [{ allow: all, identities: [ada] }, { allow: publish, identities: [${bob}] }]
  - { pattern: "audit.*", ack: replicated:1 }
`;

test(
  "workers: a channel that waits for the replica holds up no other, and permissions without a policy get to all of them",
  async (t) => {
    const master = await startRedis(t);
    const replica = await startReplica(t, master);
    const { running, as, reload } = await serve(t, shared(master.url, "bob"));
    const ada = await as("ada");
    assert.is(ada.state.kind === "connected" && ada.state.ackLevel, "stored");
    await ada.publish("audit.1", "one");
    freeze(replica);
    t.after(() => thaw(replica));
    let answered = false;
    const waiting = ada.publish("audit.1", "two").finally(() => {
      answered = true;
    });
    const waits = async () => /blocked_clients:[1-9]/.test(String(await ask(master, "INFO", "clients")));
    await until(waits, "it waits for the replica");
    for (let i = 1; i <= 10; i++) await ada.publish("chat", `${i}`);
    assert.not(answered);
    thaw(replica);
    await waiting;
    assert.equal(await read(ada, "audit.1"), ["one", "two"]);

    /** Connections go to the workers in turn. */
    const both = async () => {
      const found = [await as("bob"), await as("bob")].map((bus) => codeOf(bus.publish("chat", "x")));
      return (await Promise.all(found)).join();
    };
    assert.is(await both(), "ok,ok");
    await reload(shared(master.url, "eve"));
    await until(async () => (await both()) === "permission_denied,permission_denied", "both have heard of it");
    const pids = workersOf(running.child.pid!);
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await until(
      () => workersOf(running.child.pid!).filter((pid) => !pids.includes(pid)).length === 2,
      "there are others",
    );
    assert.is(await both(), "permission_denied,permission_denied", "what was taken back is not given again by others");
    running.child.kill("SIGTERM");
    assert.is(await running.exit, 0);
  },
  { timeoutMs: 120_000 },
);

test.run();
