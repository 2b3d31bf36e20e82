// Redis dies and comes back, whole or shorter.

import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { head, resume } from "../../src/wire/position.js";
import { assert, suite, until } from "../harness.js";
import { collect } from "../log.js";
import { freePort, startRedis } from "../redis.js";
import { asStored, one, rejects, store } from "./contract/open.js";
import { follow } from "./follower.js";
import { readLog, stateOf } from "./log.js";
import { openAt, plainClient } from "./redis-handle.js";
import { produce } from "./redis-producer.js";
import { run, texts } from "./run.js";

const test = suite("redis buffer, Redis restarts");

test("killed and started again in the middle of appends: all that was acked is there once, watchers go on", async (t) => {
  const server = await startRedis(t, "--appendfsync", "always");
  const buffers = [await openAt(t, server.url), await openAt(t, server.url)];
  const watchers = await Promise.all(buffers.map((buffer) => follow(t, buffer, "c")));
  const producers = buffers.flatMap((buffer, i) => [produce(buffer, "c", `a${i}`), produce(buffer, "c", `b${i}`)]);
  const total = () => producers.reduce((sum, producer) => sum + producer.acked.length, 0);
  const epochs = new Set<number>();
  for (let restarts = 0; restarts < 3; restarts++) {
    const before = total();
    await until(() => total() > before + 100, "appends are acked");
    epochs.add((await stateOf(buffers[0]!, "c")).epochs.at(-1)!.epoch);
    await server.kill();
    await server.start();
  }
  const before = total();
  await until(() => total() > before + 100, "appends are acked after the last restart");
  for (const producer of producers) await producer.stop();
  const log = await readLog(buffers[0]!, "c");
  assert.equal(log.gaps, []);
  assert.is(new Set(log.contents).size, log.contents.length, "nothing is there twice");
  for (const { acked } of producers) {
    for (const { content, offset } of acked) assert.is(log.contents[offset - 1], content);
  }
  assert.is(log.contents.length, total());
  const state = await stateOf(buffers[1]!, "c");
  assert.is(state.epochs.length, 4, "each restart opens an epoch");
  for (const watcher of watchers) {
    await watcher.reaches(state.next);
    assert.equal(watcher.contents(), log.contents);
    assert.ok(watcher.changes.length >= 1);
  }
});

test("the log is shorter after a crash: changed, diverged, and the lost offsets are given again", async (t) => {
  const server = await startRedis(t);
  const buffer = await openAt(t, server.url);
  const other = await openAt(t, server.url);
  await store(buffer, "c", run("p", 1, texts("p", 50)));
  const folder = join(server.folder, "appendonlydir");
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith(".incr.aof"))!);
  const size = statSync(file).size;
  const watchers = [await follow(t, buffer, "c"), await follow(t, other, "c")];
  const acked = await store(buffer, "c", run("p", 51, texts("p", 10, 51)));
  assert.is(acked.offset, 51);
  for (const watcher of watchers) await watcher.reaches(61);
  const position = head(await stateOf(buffer, "c"));
  await server.kill();
  truncateSync(file, size);
  await server.start();
  // Noticed by the comparison, before anything is appended.
  for (const watcher of watchers) await watcher.hasChanged(1);
  for (const watcher of watchers) assert.is(watcher.next, 51);
  assert.equal(resume(position, await other.state("c")).gaps, [{ reason: "diverged", from: 51, to: 60 }]);
  // The producer that goes on learns that acknowledged messages are lost.
  assert.equal(await other.append("c", [run("p", 61, ["61"])]), [{ kind: "skipped", expected: 51 }]);
  const again = await store(other, "c", run("q", 1, texts("q", 30)));
  assert.is(again.offset, 51);
  assert.ok(again.epoch > acked.epoch);
  for (const watcher of watchers) {
    await watcher.reaches(81);
    assert.equal(watcher.contents(), [...texts("p", 10, 51), ...texts("q", 30)]);
  }
  const state = await stateOf(buffer, "c");
  assert.equal(state.epochs, [{ epoch: acked.epoch, first: 1 }, { epoch: again.epoch, first: 51 }]); // biome-ignore format: one line
  assert.equal(resume(position, state).gaps, [{ reason: "diverged", from: 51, to: 60 }]);
  assert.equal(resume({ epoch: acked.epoch, offset: 50 }, state).gaps, []);
});

test("a shorter log that has grown beyond again before anybody looked: diverged all the same", async (t) => {
  const server = await startRedis(t);
  const writer = await openAt(t, server.url);
  const { epoch } = await store(writer, "c", run("p", 1, texts("p", 50)));
  const folder = join(server.folder, "appendonlydir");
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith(".incr.aof"))!);
  const size = statSync(file).size;
  await store(writer, "c", run("p", 51, texts("p", 10, 51)));
  await server.kill();
  truncateSync(file, size);
  await server.start();
  // A node that knows nothing of what was lost.
  const newcomer = await openAt(t, server.url);
  await store(newcomer, "c", run("q", 1, texts("q", 100)));
  assert.equal(resume({ epoch, offset: 60 }, await newcomer.state("c")).gaps, [
    { reason: "diverged", from: 51, to: 60 },
  ]);
});

test("no more than 16 epochs are kept", async (t) => {
  const server = await startRedis(t);
  const buffer = await openAt(t, server.url);
  const opened: number[] = [];
  for (let i = 1; i <= 18; i++) {
    opened.push((await store(buffer, "c", run("p", i, [`${i}`]))).epoch);
    if (i === 18) break;
    await server.kill();
    await server.start();
  }
  const { epochs } = await stateOf(buffer, "c");
  assert.equal(epochs, opened.map((epoch, i) => ({ epoch, first: i + 1 })).slice(-16));
  assert.equal((await readLog(buffer, "c")).contents.length, 18);
});

test("while Redis is away everything is refused in time, nothing hangs; then all of it works again", async (t) => {
  const server = await startRedis(t);
  const warnings: string[] = [];
  const limits = { commandTimeoutMs: 300, appendDeadlineMs: 600, log: collect(warnings) };
  const buffer = await openAt(t, server.url, limits);
  await store(buffer, "c", run("p", 1, ["p/1"]));
  const watcher = await follow(t, buffer, "c");
  await server.kill();
  const silent = { stretch: () => {}, changed: () => {} };
  const calls = [
    () => buffer.append("c", [run("p", 2, ["p/2"])]),
    () => buffer.read("c", 1, 1000),
    () => buffer.state("c"),
    () => buffer.watch("c", silent),
    () => buffer.channels("", undefined, 10),
  ];
  for (let round = 0; round < 2; round++) {
    const started = performance.now();
    await Promise.all(calls.map((call) => rejects(call(), "buffer_unavailable")));
    assert.ok(performance.now() - started < 5_000, `it took ${performance.now() - started} ms`);
  }
  await server.start();
  await until(
    () =>
      buffer.append("c", [run("p", 2, ["p/2"])]).then(
        () => true,
        () => false,
      ),
    "appends work again",
  );
  await watcher.reaches(3);
  assert.equal((await readLog(buffer, "c")).contents, ["p/1", "p/2"]);
  assert.is(warnings.length, 2, warnings.join("\n"));
  assert.match(warnings[0]!, /not connected/);
  assert.match(warnings[1]!, /connected again/);
});

test("an append that finds Redis away is stored once it is back within the deadline", async (t) => {
  const server = await startRedis(t);
  const buffer = await openAt(t, server.url);
  await store(buffer, "c", run("p", 1, ["p/1"]));
  await server.kill();
  const appends = Array.from({ length: 20 }, (_, i) => buffer.append("d", [run(`p${i}`, 1, [`p${i}`])]));
  await server.start();
  const outcomes = (await Promise.all(appends)).map((outcome) => asStored(one(outcome)));
  const { contents } = await readLog(buffer, "d");
  for (const [i, outcome] of outcomes.entries()) {
    const offset = outcome.duplicates > 0 ? outcome.duplicateOffset : outcome.offset;
    assert.is(contents[offset - 1], `p${i}`);
  }
  assert.is(contents.length, 20);
});

test("a server demoted to a replica: appends wait, reads go on; promoted again it opens an epoch", async (t) => {
  const server = await startRedis(t);
  const buffer = await openAt(t, server.url, { appendDeadlineMs: 500 });
  const redis = await plainClient(t, server.port);
  const first = await store(buffer, "c", run("p", 1, ["1"]));
  await redis.replicaof("127.0.0.1", await freePort());
  await rejects(buffer.append("c", [run("p", 2, ["2"])]), "buffer_unavailable");
  assert.equal((await readLog(buffer, "c")).contents, ["1"]);
  const waiting = await openAt(t, server.url);
  const refusals = async () => Number(/errorstat_READONLY:count=(\d+)/.exec(await redis.info("errorstats"))?.[1] ?? 0);
  const before = await refusals();
  const append = waiting.append("c", [run("q", 1, ["q"])]);
  await until(async () => (await refusals()) > before, "the append is refused");
  await redis.replicaof("NO", "ONE");
  const outcome = asStored(one(await append));
  assert.is(outcome.offset, 2);
  assert.ok(outcome.epoch > first.epoch);
});

test("closing while Redis is away: bounded, and what is under way is rejected", async (t) => {
  const server = await startRedis(t);
  const buffer = await openAt(t, server.url, { commandTimeoutMs: 300 });
  const watcher = await follow(t, buffer, "c");
  await server.kill();
  const append = rejects(buffer.append("c", [run("p", 1, ["1"])]), "closed");
  const started = performance.now();
  await buffer.close();
  assert.ok(performance.now() - started < 8_000);
  await append;
  assert.equal(watcher.changes, []);
});

test.run();
