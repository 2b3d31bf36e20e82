// P-9 over a real master and its replica: an append is answered when what the ack level asks for is done, and not
// before; a level that Redis cannot keep is refused when the buffer is opened.
import { setTimeout as delay } from "node:timers/promises";
import type { AckLevel } from "../../src/wire/ack-level.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite, type T, until } from "../harness.js";
import { ask, freePort, startRedis } from "../redis.js";
import { startCluster } from "../redis-cluster.js";
import { freeze, startReplica, thaw } from "../redis-replica.js";
import { asStored, one, rejects, store } from "./contract/open.js";
import { readLog } from "./log.js";
import { openAt, plainClient } from "./redis-handle.js";
import { produce } from "./redis-producer.js";
import { startProxy } from "./redis-proxy.js";
import { run } from "./run.js";

const test = suite("redis buffer, ack levels");

async function refusal(t: T, url: string, ackLevel: AckLevel): Promise<string> {
  const opened = await openAt(t, url, { ackLevel }).catch((error: unknown) => error);
  if (!(opened instanceof RepriseError)) throw new Error(`${ackLevel} was not refused`);
  assert.is(opened.code, "ack_level_unavailable");
  return opened.message;
}

test("a level that the configuration does not give is refused, with what to change", async (t) => {
  for (const [sentence, ...settings] of [
    [/appendfsync everysec.*set appendfsync always/],
    [/appendfsync no\b.*set appendfsync always/, "--appendfsync", "no"],
    [/set appendonly yes/, "--appendfsync", "always", "--appendonly", "no"],
    [/set no-appendfsync-on-rewrite no/, "--appendfsync", "always", "--no-appendfsync-on-rewrite", "yes"],
  ] as const) {
    const server = await startRedis(t, ...settings);
    assert.match(await refusal(t, server.url, "fsynced"), sentence);
    await server.stop();
  }
  const server = await startRedis(t, "--appendfsync", "always");
  assert.is((await openAt(t, server.url, { ackLevel: "fsynced" })).ackLevel, "fsynced");
  assert.is((await openAt(t, server.url, { ackLevel: "stored" })).ackLevel, "stored");
  assert.match(await refusal(t, server.url, "replicated:1"), /0 connected replicas; start more, or ask for less/);
  await startReplica(t, server);
  assert.is((await openAt(t, server.url, { ackLevel: "replicated:1" })).ackLevel, "replicated:1");
  assert.match(await refusal(t, server.url, "replicated:2"), /1 connected replica;/);
});

test("a user who may not ask what a level needs: refused, saying so", async (t) => {
  const server = await startRedis(t, "--appendfsync", "always");
  await startReplica(t, server);
  const at = async (user: string, ...denied: string[]) => {
    await ask(server, "ACL", "SETUSER", user, "on", ">pw", "~*", "&*", "+@all", ...denied);
    return server.url.replace("redis://", `redis://${user}:pw@`);
  };
  const noConfig = await at("noconfig", "-config");
  assert.match(await refusal(t, noConfig, "fsynced"), /CONFIG GET/);
  assert.is((await openAt(t, noConfig)).ackLevel, "stored");
  const noWait = await openAt(t, await at("nowait", "-wait"), { ackLevel: "replicated:1" }).catch((error) => error);
  assert.is(noWait.code, "buffer_unavailable");
  assert.match(noWait.message, /NOPERM.*wait/);
});

/** A replicated:1 buffer, and its master and replica. */
async function startPair(t: T, options: { appendDeadlineMs?: number } = {}) {
  const master = await startRedis(t);
  const replica = await startReplica(t, master);
  const buffer = await openAt(t, master.url, { ackLevel: "replicated:1", ...options });
  return { master, replica, buffer };
}

test("replicated:1 while the replica is frozen: not answered, then refused; the same again is answered when it is back", async (t) => {
  const { master, replica, buffer } = await startPair(t, { appendDeadlineMs: 600 });
  const first = await store(buffer, "c", run("p", 1, ["1"]));
  freeze(replica);
  const again = run("p", 2, ["2"]);
  const begun = performance.now();
  const error = await buffer.append("c", [again]).catch((error: unknown) => error);
  assert.ok(error instanceof RepriseError && error.retryable && error.code === "buffer_unavailable", `${error}`);
  assert.match(error.message, /stored it, but not confirmed replicated:1/);
  assert.ok(performance.now() - begun >= 600, "it was waited for");
  // Stored it is, and known to be: neither this node nor another one says so before the replica has it.
  const other = await openAt(t, master.url, { ackLevel: "replicated:1", appendDeadlineMs: 300 });
  await rejects(buffer.append("c", [again]), "buffer_unavailable");
  await rejects(other.append("c", [again]), "buffer_unavailable");
  // Reads and other levels do not wait.
  assert.equal((await readLog(other, "c")).contents, ["1", "2"]);
  await store(await openAt(t, master.url), "d", run("p", 1, ["1"]));
  const patient = await openAt(t, master.url, { ackLevel: "replicated:1" });
  let answered = false;
  const append = patient.append("c", [again]).finally(() => {
    answered = true;
  });
  const waits = async () =>
    Number(/cmdstat_wait:calls=(\d+)/.exec(String(await ask(master, "INFO", "commandstats")))![1]);
  const before = await waits();
  await until(async () => (await waits()) > before + 2, "it waits, and again");
  assert.not(answered);
  thaw(replica);
  const outcome = asStored(one(await append));
  assert.equal([outcome.duplicates, outcome.duplicateOffset], [1, first.offset + 1]);
});

test("answered once the replica has it: what a replica that was cut off had not is not acknowledged", async (t) => {
  const master = await startRedis(t);
  const link = await startProxy(t, master.port);
  const replica = await startReplica(t, link);
  const acked: string[] = [];
  // Long enough for any append on a busy machine: the first one that fails is one that the replica cannot confirm.
  const buffer = await openAt(t, master.url, { ackLevel: "replicated:1", appendDeadlineMs: 4_000 });
  let going = true;
  const channels = Array.from({ length: 10 }, async (_, i) => {
    for (let k = 1; going; k++) {
      const [outcome] = await buffer.append(`c${i}`, [run("p", k, [`${k}`])]).catch(() => []);
      if (outcome === undefined) return;
      acked.push(`c${i} ${asStored(outcome).offset} ${k}`);
    }
  });
  await until(() => acked.length > 200, "appends are acked");
  await delay(Math.random() * 20);
  link.stall("");
  await Promise.all(channels);
  going = false;
  await master.kill();
  await replica.promote();
  const survivor = await openAt(t, replica.url);
  const found = new Set<string>();
  for (let i = 0; i < 10; i++) {
    const { contents } = await readLog(survivor, `c${i}`);
    for (const [index, content] of contents.entries()) found.add(`c${i} ${index + 1} ${content}`);
  }
  assert.equal(
    acked.filter((message) => !found.has(message)),
    [],
  );
});

test("a master killed at any moment and its replica promoted: all that was acked is there, once", async (t) => {
  for (let round = 0; round < 2; round++) await killAndPromote(t);
});

async function killAndPromote(t: T): Promise<void> {
  const master = await startRedis(t);
  const address = await startProxy(t, master.port);
  const replica = await startReplica(t, master);
  const open = () => openAt(t, `redis://127.0.0.1:${address.port}`, { ackLevel: "replicated:1" });
  const buffers = [await open(), await open()];
  const producers = buffers.flatMap((buffer, i) =>
    ["c", "c", "d", "e"].map((channel, k) => ({ channel, ...produce(buffer, channel, `p${i}${k}`) })),
  );
  const acks = () => producers.reduce((sum, { acked }) => sum + acked.length, 0);
  const enough = 300 + Math.random() * 100;
  await until(() => acks() > enough, "appends are acked");
  await master.kill();
  await replica.promote();
  await startReplica(t, replica);
  address.moveTo(replica.port);
  const before = acks();
  await until(() => acks() > before + 100, "appends are acked by the new master");
  for (const { stop } of producers) await stop();
  for (const { channel, acked } of producers) {
    const { contents } = await readLog(buffers[0]!, channel);
    assert.is(new Set(contents).size, contents.length, "nothing is there twice");
    for (const { content, offset } of acked) assert.is(contents[offset - 1], content);
  }
  for (const buffer of buffers) await buffer.close();
}

test("closing while the replica is frozen: bounded, and what is under way is rejected", async (t) => {
  const { replica, buffer } = await startPair(t);
  freeze(replica);
  const append = rejects(buffer.append("c", [run("p", 1, ["1"])]), "closed");
  const begun = performance.now();
  await buffer.close();
  assert.ok(performance.now() - begun < 2_000);
  await append;
});

test("appends of many channels share a wait", async (t) => {
  const { master, buffer } = await startPair(t);
  const count = async (name: string) =>
    Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(String(await ask(master, "INFO", "commandstats")))?.[1]);
  await store(buffer, "c", run("p", 1, ["1"]));
  const before = await count("wait");
  await Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      for (let k = 1; k <= 10; k++) await store(buffer, `c${i}`, run("p", k, [`${k}`]));
    }),
  );
  const waits = (await count("wait")) - before;
  assert.ok(waits >= 10 && waits < 300, `${waits} waits for 1,000 appends`);
});

test("the connection breaks during the wait: tried again on another, which writes before it waits", async (t) => {
  const master = await startRedis(t);
  await startReplica(t, master);
  const proxy = await startProxy(t, master.port);
  const buffer = await openAt(t, `redis://127.0.0.1:${proxy.port}`, { ackLevel: "replicated:1" });
  await store(buffer, "c", run("p", 1, ["1"]));
  await ask(master, "CONFIG", "RESETSTAT");
  proxy.cutAfter("wait");
  const outcome = asStored(one(await buffer.append("c", [run("p", 2, ["2"])])));
  assert.is(proxy.cuts, 1);
  assert.equal([outcome.duplicates, outcome.duplicateOffset], [1, 2]);
  const stats = String(await ask(master, "INFO", "commandstats"));
  // Two of the first try: head and producer.
  assert.match(stats, "cmdstat_hset:calls=3,");
});

test("a master demoted during the wait: the append is tried again, at the master there is then", async (t) => {
  const { master, replica, buffer } = await startPair(t);
  const first = await store(buffer, "c", run("p", 1, ["1"]));
  freeze(replica);
  const append = buffer.append("c", [run("p", 2, ["2"])]);
  await until(async () => /blocked_clients:1\b/.test(String(await ask(master, "INFO", "clients"))), "the append waits");
  await ask(master, "REPLICAOF", "127.0.0.1", String(await freePort()));
  const refused = async () => /errorstat_(UNBLOCKED|READONLY)/.test(String(await ask(master, "INFO", "errorstats")));
  await until(refused, "the wait is refused");
  await ask(master, "REPLICAOF", "NO", "ONE");
  thaw(replica);
  const outcome = asStored(one(await append));
  assert.is(outcome.duplicates, 1);
  assert.is(outcome.duplicateOffset, first.offset + 1);
});

test("memory is full when an append is tried again: what is stored already is never called unstored", async (t) => {
  const { master, replica, buffer } = await startPair(t, { appendDeadlineMs: 500 });
  await store(buffer, "c", run("p", 1, ["1"]));
  freeze(replica);
  await rejects(buffer.append("c", [run("p", 2, ["2"])]), "buffer_unavailable");
  thaw(replica);
  await ask(master, "CONFIG", "SET", "maxmemory", "1");
  await rejects(buffer.append("c", [run("p", 2, ["2"])]), "buffer_unavailable");
  await rejects(buffer.append("c", [run("p", 3, ["3"])]), "buffer_full");
  await ask(master, "CONFIG", "SET", "maxmemory", "0");
  assert.is(asStored(one(await buffer.append("c", [run("p", 2, ["2"])]))).duplicates, 1);
});

test("fsynced, and the server behind the address becomes one that does not sync: nothing is acknowledged", async (t) => {
  const always = await startRedis(t, "--appendfsync", "always");
  const everysec = await startRedis(t);
  const proxy = await startProxy(t, always.port);
  const buffer = await openAt(t, `redis://127.0.0.1:${proxy.port}`, { appendDeadlineMs: 2_000 });
  assert.is(buffer.ackLevel, "fsynced");
  await store(buffer, "c", run("p", 1, ["1"]));
  proxy.moveTo(everysec.port);
  await until(async () => (await plainClient(t, proxy.port)).status === "ready", "the address leads somewhere");
  const error = await buffer.append("d", [run("p", 1, ["1"])]).catch((error: unknown) => error);
  assert.ok(error instanceof RepriseError && error.code === "buffer_unavailable", `${error}`);
  assert.match(error.message, /set appendfsync always/);
  await ask(everysec, "CONFIG", "SET", "appendfsync", "always");
  assert.is(asStored(one(await buffer.append("d", [run("p", 1, ["1"])]))).duplicates, 1);
});

test("in a Cluster: a master whose replica is frozen holds up its own channels only", async (t) => {
  const { url, masters, replicas, masterOf } = await startCluster(t, { replicasPerMaster: 1 });
  assert.match(await refusal(t, url, "replicated:2"), /1 connected replica;/);
  const buffer = await openAt(t, url, { ackLevel: "replicated:1", appendDeadlineMs: 600 });
  const channels = ["c0", "c1", "c2"];
  for (const channel of channels) await store(buffer, channel, run("p", 1, ["1"]));
  freeze(replicas[0]!);
  for (const channel of channels) {
    const held = (await masterOf(`reprise:{${channel}}:log`)) === masters[0];
    const append = buffer.append(channel, [run("p", 2, ["2"])]);
    if (held) await rejects(append, "buffer_unavailable");
    else asStored(one(await append));
  }
  thaw(replicas[0]!);
  const again = await Promise.all(channels.map((channel) => buffer.append(channel, [run("p", 2, ["2"])])));
  assert.equal(
    again.map((outcomes) => asStored(one(outcomes)).duplicates),
    [1, 1, 1],
  );
});

test.run();
