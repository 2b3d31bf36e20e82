// The master is lost, and a replica takes its place: found by Sentinel, and in a Cluster.
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { currentEpoch, head, resume } from "../../src/wire/position.js";
import { startNode } from "../broker/node.js";
import { connectPeer, textsOf } from "../broker/peer.js";
import { assert, suite, type T, until } from "../harness.js";
import { ask, type RedisServer } from "../redis.js";
import { startCluster } from "../redis-cluster.js";
import { replicated, startSentinel } from "../redis-sentinel.js";
import { store } from "./contract/open.js";
import { follow } from "./follower.js";
import { readLog, stateOf } from "./log.js";
import { openAt } from "./redis-handle.js";
import { produce } from "./redis-producer.js";
import { run, texts } from "./run.js";

const test = suite("redis buffer, failover");

/** One master and one replica that can take its place, for the channel `c`. */
interface Pair {
  url: string;
  master: RedisServer;
  replica: RedisServer;
  /** Waits until it has. */
  promoted(): Promise<unknown>;
}

async function sentinelPair(t: T): Promise<Pair> {
  const { url, servers, promoted } = await startSentinel(t);
  const [master, replica] = servers as [RedisServer, RedisServer];
  return { url, master, replica, promoted: () => promoted(master) };
}

async function clusterPair(t: T): Promise<Pair> {
  const { url, masters, replicas, masterOf, promoted } = await startCluster(t, { replicasPerMaster: 1 });
  const master = await masterOf("reprise:{c}:log");
  const replica = replicas[masters.indexOf(master)]!;
  return { url, master, replica, promoted: () => promoted("reprise:{c}:log", master) };
}

const total = (producers: { acked: unknown[] }[]) => producers.reduce((sum, { acked }) => sum + acked.length, 0);

/** Appends and watches on two nodes while `change` happens; nothing must be lost but what an epoch says. */
async function underLoad(t: T, url: string, change: () => Promise<void>): Promise<ReplayBuffer> {
  const buffers = [await openAt(t, url), await openAt(t, url)];
  const watchers = await Promise.all(buffers.map((buffer) => follow(t, buffer, "c")));
  const producers = buffers.flatMap((buffer, i) => [produce(buffer, "c", `a${i}`), produce(buffer, "c", `b${i}`)]);
  await until(() => total(producers) > 200, "appends are acked");
  await change();
  const before = producers.map(({ acked }) => acked.length);
  await until(() => producers.every(({ acked }, i) => acked.length > before[i]! + 20), "appends are acked again");
  for (const producer of producers) await producer.stop();
  const [first] = buffers as [ReplayBuffer, ReplayBuffer];
  const { contents, gaps } = await readLog(first, "c");
  assert.equal(gaps, []);
  assert.is(new Set(contents).size, contents.length, "nothing is there twice");
  const state = await stateOf(first, "c");
  for (const watcher of watchers) {
    // It may have seen more than is left.
    await until(() => watcher.next === state.next, "the watcher is where the log ends");
    await watcher.reaches(state.next);
    assert.equal(watcher.contents().slice(-40), contents.slice(-40));
  }
  // What is lost was acknowledged in an older epoch, and who has seen it is told so.
  const lost = producers.flatMap(({ acked }) =>
    acked.filter(({ content, offset }) => contents[offset - 1] !== content),
  );
  for (const { content, epoch, offset } of lost) {
    const [gap] = resume({ epoch, offset }, state).gaps;
    assert.ok(
      gap?.reason === "diverged" && gap.from <= offset && offset <= gap.to,
      `${content} at ${epoch}:${offset}, where ${contents[offset - 1]} is; ${JSON.stringify(state)}`,
    );
  }
  return first;
}

test("sentinel: the master killed, then a failover asked for: appends go on, nobody stays on the old master", async (t) => {
  const set = await startSentinel(t);
  const [first, second] = set.servers as [RedisServer, RedisServer];
  await underLoad(t, set.url, async () => {
    // The channel itself must not be lost: who saw it would be told of a reset.
    await replicated(first);
    await first.kill();
    await set.promoted(first);
    await first.start();
    // The sentinels cut connections when they make a replica of it.
    const role = () => ask(first, "ROLE").catch(() => []) as Promise<unknown[]>;
    await until(async () => String((await role())[3]) === "connected", "the old master is a replica in sync");
    assert.is(await set.failover(), first);
    // Also those that only read and listen.
    const names = async () =>
      String(await ask(second, "CLIENT", "LIST").catch(() => "name=reprise-?")).match(/name=reprise-\S+/g) ?? [];
    await until(async () => (await names()).length === 0, "nobody is connected to the demoted one", 5_000);
  });
});

test("cluster: a master killed under load, its replica takes over; channels elsewhere notice nothing", async (t) => {
  const set = await startCluster(t, { replicasPerMaster: 1 });
  const master = await set.masterOf("reprise:{c}:log");
  const other = ["d", "e", "f", "g", "h", "i", "j"];
  const buffer = await openAt(t, set.url);
  const elsewhere: string[] = [];
  for (const name of other) if ((await set.masterOf(`reprise:{${name}}:log`)) !== master) elsewhere.push(name);
  await underLoad(t, set.url, async () => {
    await replicated(master);
    await master.kill();
    const started = performance.now();
    for (const name of elsewhere) await store(buffer, name, run("p", 1, ["1"]));
    assert.ok(performance.now() - started < 2_500, "they do not wait for the lost master");
    await set.promoted("reprise:{c}:log", master);
  });
  await master.start();
});

for (const [form, start] of [
  ["sentinel", sentinelPair],
  ["cluster", clusterPair],
] as const) {
  test(`${form}: acknowledged and not replicated: diverged with the exact range, then all that the new master has`, async (t) => {
    const { url, master, replica, promoted } = await start(t);
    const [writer, stranger] = [await openAt(t, url), await openAt(t, url)];
    const node = await startNode(t, { buffer: stranger });
    const subscriber = await connectPeer(t, node.address);
    await subscriber.subscribe("c", { from: "earliest" });
    for (let i = 1; i <= 95; i++) await store(writer, "c", run("p", i, [`p/${i}`]));
    await until(async () => (await offset(replica)) === (await offset(master)), "95 are replicated");
    replica.freeze();
    // What it had in its socket it would still read.
    await ask(master, "CLIENT", "KILL", "TYPE", "replica");
    for (let i = 96; i <= 100; i++) await store(writer, "c", run("p", i, [`p/${i}`]));
    const watcher = await follow(t, writer, "c");
    assert.is(watcher.next, 101);
    await subscriber.hears("c", 100);
    const position = head(await stateOf(writer, "c"));
    await master.kill();
    replica.thaw();
    await promoted();
    const again = texts("q", 10);
    let first = 0;
    for (const [i, text] of again.entries()) {
      const stored = await store(writer, "c", run("q", i + 1, [text]));
      first ||= stored.offset;
    }
    assert.is(first, 96);
    await watcher.reaches(106);
    assert.equal(watcher.contents(), again);
    const state = await stateOf(stranger, "c");
    assert.equal(resume(position, state).gaps, [{ reason: "diverged", from: 96, to: 100 }]);
    const heard = await subscriber.hears("c", 110);
    assert.equal(textsOf(heard).slice(100), again);
    const gaps = subscriber.all("gap").map(({ gap: { reason, from, to } }) => ({ reason, from, to }));
    assert.equal(gaps, [{ reason: "diverged", from: 96, to: 100 }]);
    assert.ok(currentEpoch(state) > position.epoch);
  });
}

/** How far its replication stream has come. */
async function offset(server: RedisServer): Promise<number> {
  const info = String(await ask(server, "INFO", "replication"));
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? Number.NaN);
  return info.includes("role:master") ? field("master_repl_offset") : field("slave_repl_offset");
}

test.run();
