// The network between a node and Redis: connections that break, stall and lose what was published.
import { readFileSync } from "node:fs";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { assert, suite, until } from "../harness.js";
import { startRedis } from "../redis.js";
import { asStored, one, store } from "./contract/open.js";
import { follow } from "./follower.js";
import { isGap, readLog, stateOf } from "./log.js";
import { openAt, plainClient } from "./redis-handle.js";
import { startProxy } from "./redis-proxy.js";
import { message, run, texts } from "./run.js";

const test = suite("redis buffer, network");

test("the connection breaks between storing and answering: stored once, answered with its offset", async (t) => {
  const server = await startRedis(t);
  const proxy = await startProxy(t, server.port);
  const buffer = await openAt(t, `redis://127.0.0.1:${proxy.port}`);
  // From now on Redis knows the script: the first call is the one that stores.
  await store(buffer, "d", run("p", 1, ["1"]));
  const started = performance.now();
  let next = 1;
  for (let round = 1; round <= 10; round++) {
    proxy.cutAfter("evalsha");
    const runs = [run("p", round * 3 - 2, texts("p", 3, round * 3 - 2)), run(`q${round}`, 1, texts(`q${round}`, 2))];
    const outcomes = (await buffer.append("c", runs)).map(asStored);
    assert.equal(
      outcomes.map((outcome) => [outcome.duplicates, outcome.duplicateOffset]),
      [[3, next], [2, next + 3]], // biome-ignore format: pairs
    );
    next += 5;
  }
  assert.is(proxy.cuts, 10);
  // A connection that breaks is noticed, not waited for.
  assert.ok(performance.now() - started < 20_000);
  const log = await readLog(buffer, "c");
  assert.equal(
    log.contents,
    Array.from({ length: 10 }, (_, i) => [...texts("p", 3, i * 3 + 1), ...texts(`q${i + 1}`, 2)]).flat(),
  );
});

test("many appends in flight when the connection breaks: each is stored once", async (t) => {
  const server = await startRedis(t);
  const proxy = await startProxy(t, server.port);
  const buffer = await openAt(t, `redis://127.0.0.1:${proxy.port}`);
  for (let round = 0; round < 5; round++) {
    proxy.cutAfter("evalsha");
    const contents = texts(`r${round}`, 50);
    const answers = await Promise.all(
      contents.map((text, i) => buffer.append(`c${i % 5}`, [run(text.replace("/", "-"), 1, [text])])),
    );
    const logs = await Promise.all([0, 1, 2, 3, 4].map((c) => readLog(buffer, `c${c}`)));
    for (const [i, answer] of answers.entries()) {
      const outcome = asStored(one(answer));
      const offset = outcome.duplicates > 0 ? outcome.duplicateOffset : outcome.offset;
      assert.is(logs[i % 5]!.contents[offset - 1], contents[i]);
    }
    assert.is(logs.flatMap((log) => log.contents).length, 50 * (round + 1));
  }
  assert.is(proxy.cuts, 5);
});

test("an append connection that stalls is replaced, the append stored once", async (t) => {
  const server = await startRedis(t);
  const proxy = await startProxy(t, server.port);
  const buffer = await openAt(t, `redis://127.0.0.1:${proxy.port}`, { commandTimeoutMs: 300 });
  await store(buffer, "c", run("p", 1, ["1"]));
  proxy.stall("reprise-append");
  const append = buffer.append("c", [run("p", 2, ["2"])]);
  // Reads have a connection of their own.
  assert.is((await stateOf(buffer, "c")).next, 2);
  const other = await openAt(t, server.url);
  const redis = await plainClient(t, server.port);
  await until(async () => !/name=reprise-append.*cmd=evalsha/.test(`${await redis.client("LIST")}`), "it was cut off");
  proxy.recover();
  assert.is(asStored(one(await append)).offset, 2);
  assert.equal((await readLog(other, "c")).contents, ["1", "2"]);
});

/** Appends until told to stop; answers how many messages. */
function flood(buffer: ReplayBuffer, producer: string) {
  let going = true;
  const done = (async () => {
    let sequence = 0;
    while (going) {
      await store(buffer, "c", run(producer, sequence + 1, texts(producer, 3, sequence + 1)));
      sequence += 3;
    }
    return sequence;
  })();
  return () => {
    going = false;
    return done;
  };
}

test("subscriptions killed again and again during a flood from two nodes: all of it once, in order", async (t) => {
  const server = await startRedis(t);
  const buffers = [await openAt(t, server.url), await openAt(t, server.url)];
  const watchers = await Promise.all(buffers.map((buffer) => follow(t, buffer, "c")));
  const redis = await plainClient(t, server.port);
  const floods = buffers.flatMap((buffer, i) => [flood(buffer, `a${i}`), flood(buffer, `b${i}`)]);
  let killed = 0;
  for (let i = 0; i < 15; i++) {
    const seen = watchers[0]!.next;
    await until(() => watchers[0]!.next > seen + 100, "the flood goes on");
    killed += Number(await redis.call("CLIENT", "KILL", "TYPE", "pubsub"));
  }
  const counts = await Promise.all(floods.map((stop) => stop()));
  assert.ok(killed > 10, `${killed} subscriptions were killed`);
  const { contents } = await readLog(buffers[0]!, "c");
  assert.is(
    contents.length,
    counts.reduce((sum, count) => sum + count, 0),
  );
  for (const watcher of watchers) {
    await watcher.reaches(contents.length + 1);
    assert.equal(watcher.contents(), contents);
    assert.equal(watcher.changes, []);
    assert.ok(!watcher.stretches.some(isGap));
  }
});

test("all connections of two nodes killed during a flood: all of it once, in order", async (t) => {
  const server = await startRedis(t);
  const buffers = [await openAt(t, server.url), await openAt(t, server.url)];
  const watchers = await Promise.all(buffers.map((buffer) => follow(t, buffer, "c")));
  const redis = await plainClient(t, server.port);
  let going = true;
  const work = buffers.map(async (buffer, i) => {
    let sequence = 1;
    for (; going; sequence++) {
      const [outcome] = await buffer.append("c", [run(`p${i}`, sequence, [`p${i}/${sequence}`])]);
      assert.is(outcome?.kind, "stored");
    }
    return sequence - 1;
  });
  for (let i = 0; i < 10; i++) {
    const seen = watchers[0]!.next;
    await until(() => watchers[0]!.next > seen + 50, "the flood goes on");
    await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await redis.call("CLIENT", "KILL", "TYPE", "pubsub");
  }
  going = false;
  const total = (await Promise.all(work)).reduce((sum, count) => sum + count, 0);
  const { contents } = await readLog(buffers[1]!, "c");
  assert.is(contents.length, total);
  for (const watcher of watchers) {
    await watcher.reaches(total + 1);
    assert.equal(watcher.contents(), contents);
    assert.equal(watcher.changes, []);
  }
});

for (const way of ["stall", "mute"] as const) {
  test(`a subscription that silently ${way === "stall" ? "stalls" : "hears nothing any more"}: on a quiet channel the message arrives within 2 s`, async (t) => {
    const server = await startRedis(t);
    const proxy = await startProxy(t, server.port);
    const buffer = await openAt(t, `redis://127.0.0.1:${proxy.port}`, { commandTimeoutMs: 500 });
    const other = await openAt(t, server.url);
    await store(other, "c", run("p", 1, ["1"]));
    const watcher = await follow(t, buffer, "c");
    const redis = await plainClient(t, server.port);
    const connections = async () =>
      `${await redis.client("LIST")}`
        .split("\n")
        .filter((line) => line.includes(`name=reprise-watch`) && /cmd=(p|un)?(ing|subscribe)/.test(line));
    const subscriptions = (await connections()).map((line) => /^id=\d+/.exec(line)![0]);
    proxy[way]("reprise-watch");
    const started = performance.now();
    await store(other, "c", run("p", 2, ["2"]));
    await watcher.reaches(3);
    assert.ok(performance.now() - started < 8_000, `it took ${performance.now() - started} ms`);
    // The stalled connection is found out, and its successor works.
    await until(async () => !(await connections()).some((line) => line.startsWith(subscriptions[0]!)), "it is cut off");
    proxy.recover();
    await until(async () => {
      const answer = (await redis.pubsub("NUMSUB", "reprise:{c}:live")) as [string, number];
      return Number(answer[1]) === 1;
    }, "it subscribes again");
    for (let i = 3; i <= 20; i++) await store(other, "c", run("p", i, [`${i}`]));
    await watcher.reaches(21);
    assert.equal(
      watcher.contents(),
      Array.from({ length: 19 }, (_, i) => `${i + 2}`),
    );
  });
}

test("every message overflows the output buffer of the subscription: each arrives all the same", async (t) => {
  const server = await startRedis(t, "--client-output-buffer-limit", "pubsub 16kb 16kb 1");
  const buffer = await openAt(t, server.url);
  const other = await openAt(t, server.url);
  const redis = await plainClient(t, server.port);
  const watcher = await follow(t, buffer, "c");
  for (let i = 1; i <= 3; i++) {
    const started = performance.now();
    await store(other, "c", run("p", i, [Buffer.alloc(100_000, `${i}`)]));
    await watcher.reaches(i + 1);
    assert.ok(performance.now() - started < 8_000, `it took ${performance.now() - started} ms`);
  }
  const cut = /client_output_buffer_limit_disconnections:(\d+)/.exec(await redis.info("stats"))?.[1];
  if (cut !== undefined) assert.ok(Number(cut) >= 1, cut);
});

test("a message that was never published arrives within 2 s, on each of many channels", async (t) => {
  const server = await startRedis(t);
  const buffer = await openAt(t, server.url);
  const redis = await plainClient(t, server.port);
  const script = readFileSync(new URL("../../src/buffer/redis/append.lua", import.meta.url), "utf8");
  const names = Array.from({ length: 50 }, (_, i) => `c${i}`);
  for (const name of names.slice(0, 25)) await store(buffer, name, run("p", 1, ["1"]));
  const watchers = await Promise.all(names.map((name) => follow(t, buffer, name)));
  const started = performance.now();
  for (const [i, name] of names.entries()) {
    const keys = ["log", "meta", "producers"].map((key) => `reprise:{${name}}:${key}`);
    const sequence = i < 25 ? 2 : 1;
    const stored = await redis.eval(
      script,
      3,
      ...keys,
      "nobody listens",
      `p ${sequence} 1`,
      1,
      message("2"),
      0,
      0,
      0,
      0,
      0,
      "PUBLISH",
    );
    assert.is((stored as number[])[1], sequence);
  }
  for (const [i, watcher] of watchers.entries()) await watcher.reaches(i < 25 ? 3 : 2);
  assert.ok(performance.now() - started < 8_000, `it took ${performance.now() - started} ms`);
});

test("what is appended arrives live, not by comparison", async (t) => {
  const server = await startRedis(t);
  const buffers = [await openAt(t, server.url), await openAt(t, server.url)];
  const watchers = await Promise.all(buffers.map((buffer) => follow(t, buffer, "c")));
  const started = performance.now();
  for (let i = 1; i <= 40; i++) {
    await store(buffers[i % 2]!, "c", run("p", i, [`${i}`]));
    for (const watcher of watchers) await watcher.reaches(i + 1);
  }
  // With a comparison for each it would take 40 s.
  assert.ok(performance.now() - started < 20_000);
});

test("one subscription per channel, however many watchers; none when the last has closed", async (t) => {
  const server = await startRedis(t);
  const buffer = await openAt(t, server.url);
  const redis = await plainClient(t, server.port);
  const watchers = await Promise.all(Array.from({ length: 5 }, () => follow(t, buffer, "c")));
  const subscribers = async () => Number(((await redis.pubsub("NUMSUB", "reprise:{c}:live")) as [string, number])[1]);
  assert.is(await subscribers(), 1);
  await store(buffer, "c", run("p", 1, ["1"]));
  for (const watcher of watchers) await watcher.reaches(2);
  for (const watcher of watchers) watcher.watch.close();
  await until(async () => (await subscribers()) === 0, "nobody is subscribed");
});

test.run();
