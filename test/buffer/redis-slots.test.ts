// Slots of a Cluster move from one master to another while their channels are in use.
import slotOf from "cluster-key-slot";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { assert, suite, until } from "../harness.js";
import { ask } from "../redis.js";
import type { ClusterServer } from "../redis-cluster.js";
import { store } from "./contract/open.js";
import { follow } from "./follower.js";
import { readLog, stateOf } from "./log.js";
import { openAt } from "./redis-handle.js";
import { produce } from "./redis-producer.js";
import { sharedCluster } from "./redis-sets.js";
import { run, texts } from "./run.js";

const [cluster, last] = sharedCluster();
const test = suite("redis buffer, slots move");

const keysOf = (channel: string) => ["log", "meta", "producers"].map((key) => `reprise:{${channel}}:${key}`);
const subscribers = async (server: ClusterServer, channel: string) =>
  Number(((await ask(server, "PUBSUB", "SHARDNUMSUB", `reprise:{${channel}}:live`)) as [string, number])[1]);

/** A master that does not serve the channel, and the one that does. */
async function between(channel: string): Promise<[from: ClusterServer, to: ClusterServer]> {
  const { masters, masterOf } = await cluster();
  const from = await masterOf(`{${channel}}`);
  return [from, masters.find((master) => master !== from)!];
}

test("there and back under appends and watches of two nodes: all of it once, in order, and live again", async (t) => {
  const { url, migrate } = await cluster();
  const buffers = [await openAt(t, url), await openAt(t, url)];
  const watchers = await Promise.all(buffers.map((buffer) => follow(t, buffer, "a")));
  const producers = buffers.map((buffer, i) => produce(buffer, "a", `p${i}`));
  const more = async (count: number) => {
    const before = producers.map(({ acked }) => acked.length);
    await until(() => producers.every(({ acked }, i) => acked.length > before[i]! + count), "appends are acked");
  };
  for (let round = 0; round < 2; round++) {
    await more(100);
    const [, to] = await between("a");
    await migrate(slotOf("{a}"), to);
    await more(100);
    await until(async () => (await subscribers(to, "a")) === 2, "both listen at the new master");
  }
  // Away and back before anybody has looked: the new master is the old one, which has ended the subscriptions.
  const [from, to] = await between("a");
  await migrate(slotOf("{a}"), to);
  await migrate(slotOf("{a}"), from);
  await until(async () => (await subscribers(from, "a")) === 2, "both listen there again");
  for (const producer of producers) await producer.stop();
  const { contents, gaps } = await readLog(buffers[0]!, "a");
  assert.equal(gaps, []);
  assert.is(
    contents.length,
    producers.reduce((sum, { acked }) => sum + acked.length, 0),
  );
  for (const { acked } of producers) {
    for (const { content, offset } of acked) assert.is(contents[offset - 1], content);
  }
  for (const watcher of watchers) {
    await watcher.reaches(contents.length + 1);
    assert.equal(watcher.contents(), contents);
  }
  // Live: with a comparison for each message it would take 20 s.
  const started = performance.now();
  for (let i = 1; i <= 20; i++) {
    await store(buffers[i % 2]!, "a", run("q", i, [`q/${i}`]));
    for (const watcher of watchers) await watcher.reaches(contents.length + i + 1);
  }
  assert.ok(performance.now() - started < 12_000, `it took ${performance.now() - started} ms`);
});

test("subscriptions killed at all masters again and again: all of it once, in order, on many channels", async (t) => {
  const { url, masters } = await cluster();
  const buffer = await openAt(t, `${url}?prefix=kill:`);
  const names = Array.from({ length: 10 }, (_, i) => `k${i}`);
  const watchers = await Promise.all(names.map((name) => follow(t, buffer, name)));
  const producers = names.map((name) => produce(buffer, name, "p"));
  let killed = 0;
  for (let round = 0; round < 5; round++) {
    const before = producers.map(({ acked }) => acked.length);
    await until(() => producers.every(({ acked }, i) => acked.length > before[i]! + 20), "appends are acked");
    for (const master of masters) killed += Number(await ask(master, "CLIENT", "KILL", "TYPE", "pubsub"));
  }
  assert.ok(killed >= masters.length, `${killed} were killed`);
  for (const producer of producers) await producer.stop();
  for (const [i, { acked }] of producers.entries()) {
    await watchers[i]!.reaches(acked.length + 1);
    assert.equal(
      watchers[i]!.contents(),
      acked.map(({ content }) => content),
    );
    assert.equal(watchers[i]!.changes, []);
  }
});

test("half of a channel's keys have moved: it waits rather than lie; when all have, it works from both masters", async (t) => {
  const { url, migration } = await cluster();
  const buffer = await openAt(t, url, { commandTimeoutMs: 300, appendDeadlineMs: 300 });
  for (let i = 1; i <= 50; i += 5) await store(buffer, "half", run("p", i, texts("p", 5, i)));
  const before = await stateOf(buffer, "half");
  const watcher = await follow(t, buffer, "half");
  const [, to] = await between("half");
  const { moveKeys, finish } = await migration(slotOf("{half}"), to);
  const [log, meta, producers] = keysOf("half") as [string, string, string];
  for (const key of [log, meta]) {
    await moveKeys(key);
    if (key === meta) break;
    // What it cannot see as a whole it does not take for trimmed.
    const answers = await Promise.allSettled([buffer.state("half"), buffer.read("half", 1, 1e6)]);
    const codes = answers.map((each) => (each.status === "rejected" ? each.reason.code : each.value));
    assert.equal(codes, ["buffer_unavailable", "buffer_unavailable"]);
  }
  await moveKeys(producers);
  assert.equal(await stateOf(buffer, "half"), before);
  assert.equal((await readLog(buffer, "half")).contents, texts("p", 50));
  const late = await follow(t, buffer, "half");
  await store(buffer, "half", run("p", 51, ["p/51"]));
  // Not live: it was published where nobody listens yet.
  for (const each of [watcher, late]) await each.reaches(52);
  await finish();
  await store(buffer, "half", run("p", 52, ["p/52"]));
  for (const each of [watcher, late]) await each.reaches(53);
  assert.equal(watcher.contents(), ["p/51", "p/52"]);
});

test("channels are listed each at least once, also when slots move between the pages", async (t) => {
  const { url, migrate } = await cluster();
  const buffer = await openAt(t, `${url}?prefix=list:`);
  const names = Array.from({ length: 120 }, (_, i) => `n${i}`);
  await Promise.all(names.map((name) => store(buffer, name, run("p", 1, ["1"]))));
  const found = new Set<string>();
  let [token, pages] = [undefined as string | undefined, 0];
  do {
    const page = await buffer.channels("n", token, 20);
    for (const name of page.channels) found.add(name);
    token = page.token;
    pages++;
    if (pages <= 2) {
      const [, to] = await between(`n${pages}`);
      await migrate(slotOf(`{n${pages}}`), to);
    }
  } while (token !== undefined && pages < 100);
  assert.equal([...found].sort(), [...names].sort());
});

test("many channels over all masters: their heads are compared in one call for each master", async (t) => {
  const { url, masters } = await cluster();
  const buffer: ReplayBuffer = await openAt(t, `${url}?prefix=many:`);
  const names = Array.from({ length: 100 }, (_, i) => `m${i}`);
  const watchers = await Promise.all(names.map((name) => follow(t, buffer, name)));
  const calls = async () =>
    (await Promise.all(masters.map((master) => ask(master, "INFO", "commandstats")))).map((stats) => {
      const calls = (name: string) =>
        Number(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, "m").exec(String(stats))?.[1] ?? 0);
      return calls("evalsha") + calls("eval");
    });
  const before = await calls();
  const started = performance.now();
  await until(async () => (await calls()).every((count, i) => count >= before[i]! + 3), "three comparisons");
  const seconds = (performance.now() - started) / 1_000;
  for (const [i, count] of (await calls()).entries()) assert.ok(count - before[i]! <= seconds + 3, `${count} calls`);
  for (const name of names) await store(buffer, name, run("p", 1, ["1"]));
  for (const watcher of watchers) await watcher.reaches(2);
});

test.run();
last.run();
