// What operators and other programs do to the keys of a channel: an explicit outcome for each, and appends go on.
import type { Redis } from "ioredis";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { head, resume } from "../../src/wire/position.js";
import { assert, suite, type T } from "../harness.js";
import { startRedis } from "../redis.js";
import { rejects, store } from "./contract/open.js";
import { follow } from "./follower.js";
import { isGap, readLog, stateOf } from "./log.js";
import { openAt, plainClient } from "./redis-handle.js";
import { message, run, texts } from "./run.js";

const test = suite("redis buffer, keys damaged by others");

const [log, meta, producers] = ["reprise:{c}:log", "reprise:{c}:meta", "reprise:{c}:producers"];

interface Damage {
  buffer: ReplayBuffer;
  /** Of another node, which has never appended and follows nothing. */
  stranger: ReplayBuffer;
  redis: Redis;
}

/** Channel `c` with 10 batches of 5 messages: offsets 1 to 50. */
async function filled(t: T): Promise<Damage> {
  const server = await startRedis(t);
  const buffer = await openAt(t, server.url);
  for (let i = 1; i <= 50; i += 5) await store(buffer, "c", run("p", i, texts("p", 5, i)));
  return { buffer, stranger: await openAt(t, server.url), redis: await plainClient(t, server.port) };
}

const gapsOf = async (buffer: ReplayBuffer, from = 1) => (await readLog(buffer, "c", from)).gaps;

test("FLUSHALL: watchers hear that the channel is gone, positions reset, a new epoch begins at 1", async (t) => {
  const { buffer, stranger, redis } = await filled(t);
  const before = await stateOf(buffer, "c");
  const watchers = [await follow(t, buffer, "c"), await follow(t, stranger, "c")];
  await redis.flushall();
  for (const watcher of watchers) await watcher.hasChanged(1);
  for (const watcher of watchers) assert.equal(watcher.changes, [undefined]);
  assert.is(await buffer.state("c"), undefined);
  assert.equal(await buffer.append("c", [run("p", 51, ["lost"])]), [{ kind: "skipped", expected: 1 }]);
  const again = await store(stranger, "c", run("q", 1, ["again"]));
  assert.is(again.offset, 1);
  assert.ok(again.epoch > before.epochs[0]!.epoch);
  for (const watcher of watchers) await watcher.reaches(2);
  assert.equal(resume(head(before), await buffer.state("c")).gaps, [{ reason: "reset", from: 0, to: 0 }]);
});

test("FLUSHALL and more messages than before, between two comparisons: changed comes first", async (t) => {
  const { buffer, stranger, redis } = await filled(t);
  const watcher = await follow(t, buffer, "c");
  await redis.flushall();
  await store(stranger, "c", run("q", 1, texts("q", 80)));
  await watcher.hasChanged(1);
  await watcher.reaches(81);
  assert.equal(watcher.contents(), texts("q", 80));
});

test("the meta key deleted: the channel is gone, its next life takes nothing over", async (t) => {
  const { buffer, redis } = await filled(t);
  const before = await stateOf(buffer, "c");
  const watcher = await follow(t, buffer, "c");
  await redis.del(meta);
  await watcher.hasChanged(1);
  assert.is(await buffer.state("c"), undefined);
  assert.equal(await buffer.read("c", 1, 1e6), { stretches: [], end: true });
  const again = await store(buffer, "c", run("q", 1, ["again"]));
  assert.is(again.offset, 1);
  assert.equal(await buffer.append("c", [run("p", 51, ["51"])]), [{ kind: "skipped", expected: 1 }]);
  await watcher.reaches(2);
  assert.equal((await readLog(buffer, "c")).contents, ["again"]);
  assert.equal(resume(head(before), await buffer.state("c")).gaps, [{ reason: "reset", from: 0, to: 0 }]);
});

test("the log deleted: all of it is trimmed, offsets and epoch go on", async (t) => {
  const { buffer, redis } = await filled(t);
  const watcher = await follow(t, buffer, "c");
  const { epochs } = await stateOf(buffer, "c");
  await redis.del(log);
  assert.equal(await stateOf(buffer, "c"), { epochs, first: 51, next: 51, bytes: 0 });
  assert.equal(await gapsOf(buffer), [{ reason: "trimmed", from: 1, to: 50 }]);
  const stored = await store(buffer, "c", run("p", 51, texts("p", 2, 51)));
  assert.equal([stored.offset, stored.epoch], [51, epochs[0]!.epoch]);
  await watcher.reaches(53);
  const state = await stateOf(buffer, "c");
  assert.equal([state.first, state.next, state.bytes], [51, 53, run("p", 51, texts("p", 2, 51)).messages.length]);
  assert.equal(await gapsOf(buffer), [{ reason: "trimmed", from: 1, to: 50 }]);
});

test("the producers deleted: a producer that goes on is refused with 1 expected", async (t) => {
  const { buffer, redis } = await filled(t);
  await redis.del(producers);
  assert.equal(await buffer.append("c", [run("p", 51, ["51"])]), [{ kind: "skipped", expected: 1 }]);
  assert.is((await store(buffer, "c", run("p", 1, ["1"]))).offset, 51);
});

test("entries deleted in the middle: a corrupt gap for exactly these, wherever reading begins", async (t) => {
  const { buffer, redis } = await filled(t);
  await redis.xdel(log, "11-0", "16-0");
  for (const from of [1, 10, 11, 13, 16, 20]) {
    assert.equal(await gapsOf(buffer, from), [{ reason: "corrupt", from: Math.max(11, from), to: 20 }], `from ${from}`);
  }
  assert.equal(await gapsOf(buffer, 21), []);
  assert.equal((await readLog(buffer, "c", 1, 1)).gaps, [{ reason: "corrupt", from: 11, to: 20 }]);
  assert.is((await stateOf(buffer, "c")).first, 1);
});

test("entries deleted at the end: a corrupt gap up to the head, for readers and watchers; appends go on", async (t) => {
  const { buffer, redis } = await filled(t);
  await redis.xdel(log, "41-0", "46-0");
  assert.equal(await gapsOf(buffer, 5), [{ reason: "corrupt", from: 41, to: 50 }]);
  const page = await buffer.read("c", 41, 1);
  assert.equal(page, { stretches: [{ reason: "corrupt", from: 41, to: 50 }], end: true });
  assert.is((await store(buffer, "c", run("p", 51, ["p/51"]))).offset, 51);
  assert.equal((await readLog(buffer, "c", 36)).contents, [...texts("p", 5, 36), "p/51"]);
});

test("the state needs no look at the log, also after it was trimmed by others and by retention", async (t) => {
  const server = await startRedis(t);
  const buffer = await openAt(t, server.url, { rules: ["messages=20"] });
  const redis = await plainClient(t, server.port);
  const entries = async () => [Number((await redis.hget(meta, "head"))?.split(" ")[4]), await redis.xlen(log)];
  for (let i = 1; i <= 60; i++) {
    await store(buffer, "c", run("p", i, [`${i}`]));
    const [counted, there] = await entries();
    assert.is(counted, there);
  }
  await redis.xtrim(log, "MAXLEN", 5);
  assert.is((await stateOf(buffer, "c")).first, 56);
  for (let i = 61; i <= 90; i++) await store(buffer, "c", run("p", i, [`${i}`]));
  const [counted, there] = await entries();
  assert.is(counted, there);
});

test("the store's clock goes back: the time of batches does not", async (t) => {
  const { buffer, redis } = await filled(t);
  const [next, epoch, storedAt, ...rest] = (await redis.hget(meta, "head"))!.split(" ");
  const later = Number(storedAt) + 3_600_000;
  await redis.hset(meta, "head", [next, epoch, later, ...rest].join(" "));
  await store(buffer, "c", run("p", 51, ["51"]));
  const { batches } = await readLog(buffer, "c", 51);
  assert.is(batches[0]!.storedAt, later);
});

test("entries deleted at the front, or the log trimmed: trimmed, and the state says where it begins", async (t) => {
  const { buffer, redis } = await filled(t);
  await redis.xdel(log, "1-0");
  assert.is((await stateOf(buffer, "c")).first, 6);
  await redis.xtrim(log, "MAXLEN", 3);
  const state = await stateOf(buffer, "c");
  assert.equal([state.first, state.next], [36, 51]);
  const { batches, gaps } = await readLog(buffer, "c");
  assert.equal(gaps, [{ reason: "trimmed", from: 1, to: 35 }]);
  assert.is(
    state.bytes,
    batches.reduce((sum, batch) => sum + batch.messages.length, 0),
  );
  await store(buffer, "c", run("p", 51, ["51"]));
  assert.is((await stateOf(buffer, "c")).first, 36);
});

test("a stranger's entry behind the log: not read, removed by the next append, which opens an epoch", async (t) => {
  const { buffer, redis } = await filled(t);
  const before = await stateOf(buffer, "c");
  const watcher = await follow(t, buffer, "c");
  for (let i = 0; i < 3; i++) await redis.xadd(log, "*", "some", "thing");
  assert.equal((await buffer.read("c", 51, 1e6)).stretches, []);
  assert.equal(await gapsOf(buffer), []);
  assert.equal(await stateOf(buffer, "c"), before);
  const stored = await store(buffer, "c", run("p", 51, ["p/51"]));
  assert.is(stored.offset, 51);
  assert.ok(stored.epoch > before.epochs[0]!.epoch);
  assert.is((await store(buffer, "c", run("p", 52, ["p/52"]))).epoch, stored.epoch);
  assert.equal(resume(head(before), await stateOf(buffer, "c")).gaps, []);
  await watcher.reaches(53);
  assert.equal((await readLog(buffer, "c")).contents, texts("p", 52));
});

test("a stranger's entry or id that leaves no room behind it is removed as well", async (t) => {
  const { buffer, redis } = await filled(t);
  await redis.xadd(log, "18446744073709551615-18446744073709551615", "some", "thing");
  assert.equal((await readLog(buffer, "c")).contents, texts("p", 50));
  assert.is((await store(buffer, "c", run("p", 51, ["p/51"]))).offset, 51);
  await redis.xsetid(log, "9999999999999999999-5");
  assert.is((await store(buffer, "c", run("p", 52, ["p/52"]))).offset, 52);
  assert.equal((await readLog(buffer, "c")).contents, texts("p", 52));
});

test("a stranger's entry that looks like ours, behind the log: not read either", async (t) => {
  const { buffer, redis } = await filled(t);
  const { epochs } = await stateOf(buffer, "c");
  const forged = ["h", `${epochs[0]!.epoch} 1 1 999`, "r", "p 51 1", "m", message("forged")] as const;
  await redis.xadd(log, "51-0", ...forged);
  assert.equal((await buffer.read("c", 51, 1e6)).stretches, []);
  assert.equal((await readLog(buffer, "c")).contents, texts("p", 50));
  assert.is((await store(buffer, "c", run("p", 51, ["p/51"]))).offset, 51);
  assert.equal((await readLog(buffer, "c")).contents, texts("p", 51));
});

test("entries of a stranger between ours: passed over, nothing is missing", async (t) => {
  const { buffer, redis } = await filled(t);
  for (const id of ["47-0", "48-0", "49-7"]) await redis.xadd(log, id, "some", "thing");
  for (const from of [1, 46, 47, 49, 50]) {
    const { contents, gaps } = await readLog(buffer, "c", from, 1);
    assert.equal(gaps, []);
    assert.is(contents.at(-1), "p/50");
  }
  await store(buffer, "c", run("p", 51, ["p/51"]));
  assert.equal((await readLog(buffer, "c")).contents, texts("p", 51));
});

test("many entries of a stranger in one place: passed over", async (t) => {
  const { buffer, redis } = await filled(t);
  const pipeline = redis.pipeline();
  for (let i = 1; i <= 700; i++) pipeline.xadd(log, `46-${i}`, "some", "thing");
  await pipeline.exec();
  await store(buffer, "c", run("p", 51, ["p/51"]));
  for (const maxBytes of [1, 100, 1e6]) {
    assert.equal((await readLog(buffer, "c", 1, maxBytes)).contents, texts("p", 51));
    assert.equal((await readLog(buffer, "c", 48, maxBytes)).gaps, []);
  }
});

/** Puts an entry in place of the one with offsets 16 to 20. */
async function replace(redis: Redis, fields: (string | Buffer)[]): Promise<void> {
  const entries = await redis.xrangeBuffer(log, "-", "+");
  await redis.del(log);
  for (const [id, old] of entries) {
    const [first, ...rest] = `${id}` === "16-0" ? fields : old;
    await redis.xadd(log, `${id}`, first!, ...rest);
  }
}

test("a damaged entry is a corrupt gap for exactly its offsets, whatever is wrong with it", async (t) => {
  const { buffer, redis } = await filled(t);
  const watcher = await follow(t, buffer, "c");
  const [[, good] = [Buffer.of(), []]] = await redis.xrangeBuffer(log, "16-0", "16-0");
  const [, h, , r, , m] = good as Buffer[];
  const messages = m!;
  const flipped = Buffer.from(messages);
  flipped[0] = flipped[0]! ^ 0xff;
  const damaged: [string, (string | Buffer)[]][] = [
    ["one field", ["x", "y"]],
    ["no messages", ["h", h!, "r", r!]],
    ["fields in another order", ["r", r!, "h", h!, "m", messages]],
    ["a field more", ["h", h!, "r", r!, "m", messages, "z", "z"]],
    ["a header that is no numbers", ["h", "a b c d", "r", r!, "m", messages]],
    ["a header too short", ["h", "1 5 1", "r", r!, "m", messages]],
    ["another count", ["h", `${h}`.replace(" 5 ", " 4 "), "r", r!, "m", messages]],
    ["no message at all", ["h", `${h}`.replace(" 5 ", " 0 "), "r", r!, "m", ""]],
    ["messages cut off", ["h", h!, "r", r!, "m", messages.subarray(0, -1)]],
    ["a message too many", ["h", h!, "r", r!, "m", Buffer.concat([messages, message("6")])]],
    ["a flipped bit", ["h", h!, "r", r!, "m", flipped]],
  ];
  for (const [what, fields] of damaged) {
    await replace(redis, fields);
    for (const from of [1, 16, 18]) {
      assert.equal(await gapsOf(buffer, from), [{ reason: "corrupt", from: Math.max(from, 16), to: 20 }], what);
    }
    assert.is((await readLog(buffer, "c")).contents.length, 45, what);
  }
  await store(buffer, "c", run("p", 51, ["p/51"]));
  await watcher.reaches(52);
});

test("offsets going back (keys restored from an older copy): changed, diverged, and a new epoch", async (t) => {
  const { buffer, stranger, redis } = await filled(t);
  const copies = await Promise.all(
    [log, meta, producers].map(async (key) => [key, await redis.dumpBuffer(key)] as const),
  );
  const watchers = [await follow(t, buffer, "c"), await follow(t, stranger, "c")];
  await store(buffer, "c", run("p", 51, texts("p", 10, 51)));
  for (const watcher of watchers) await watcher.reaches(61);
  const position = head(await stateOf(buffer, "c"));
  for (const [key, copy] of copies) await redis.restore(key, 0, copy!, "REPLACE");
  for (const watcher of watchers) await watcher.hasChanged(1);
  for (const watcher of watchers) assert.is(watcher.next, 51);
  // Whichever of the two nodes appends next: both have seen more.
  const stored = await store(stranger, "c", run("p", 51, ["p/51, again"]));
  assert.is(stored.offset, 51);
  assert.ok(stored.epoch > position.epoch);
  for (const watcher of watchers) await watcher.reaches(52);
  const resumed = resume(position, await stateOf(buffer, "c"));
  assert.equal(resumed.gaps, [{ reason: "diverged", from: 51, to: 60 }]);
  assert.equal(resumed.cursor, { epoch: stored.epoch, next: 51 });
});

test("a foreign key in the place of one of ours: an error that says so, for that channel only", async (t) => {
  for (const key of [log, meta, producers]) {
    for (const existed of [true, false]) {
      const { buffer, redis } = await filled(t);
      if (existed) await redis.del(key);
      else await redis.del(log, meta, producers);
      await redis.set(key, "foreign");
      const answer = await buffer.append("c", [run("q", 1, ["1"])]).catch((error) => error);
      assert.is(answer.code, "buffer_unavailable", `${key}: ${JSON.stringify(answer)}`);
      assert.match(answer.message, /append to c: .*another program/);
      if (key !== producers) await rejects(buffer.state("c"), "buffer_unavailable");
      await store(buffer, "d", run("q", 1, ["1"]));
      assert.is(await redis.get(key), "foreign");
      await redis.del(key);
      await buffer.append("c", [run("q", 1, ["1"])]);
    }
  }
});

test("meta fields that somebody else wrote: an error, and nothing is stored", async (t) => {
  const { buffer, redis } = await filled(t);
  const entries = await redis.xlen(log);
  for (const value of ["", "x", "1 2 3 4", "51 -1 0 0 0", "1e3 1 1 1 1", "51 1 1 1 99999999999999999999"]) {
    await redis.hset(meta, "head", value);
    if (value !== "51 1 1 1 99999999999999999999")
      await rejects(buffer.append("c", [run("p", 51, ["51"])]), "buffer_unavailable");
    await rejects(buffer.state("c"), "buffer_unavailable");
    await rejects(buffer.read("c", 1, 1), "buffer_unavailable");
    await rejects(buffer.watch("c", { stretch: () => {}, changed: () => {} }), "buffer_unavailable");
  }
  assert.is(await redis.xlen(log), entries);
});

test("what a stranger publishes on a topic does not reach a watcher", async (t) => {
  const { buffer, redis } = await filled(t);
  const watcher = await follow(t, buffer, "c");
  const { epochs } = await stateOf(buffer, "c");
  const one = message("forged");
  const head51 = `${epochs[0]!.epoch} 51`;
  const published = [
    "",
    "\n",
    "x",
    "1 2 3 4",
    `${head51} 1 1\n`,
    `${head51} 2 1\n${one}`,
    `${head51} 0 1\n`,
    `1 51 1 1\n${one}`,
  ];
  for (const text of [...published, `${epochs[0]!.epoch} 60 1 1\n${one}`, `${epochs[0]!.epoch + 1} 51 1 1\n${one}`]) {
    assert.is(await redis.publish("reprise:{c}:live", text), 1);
  }
  await store(buffer, "c", run("p", 51, texts("p", 5, 51)));
  await watcher.reaches(56);
  assert.equal(watcher.contents(), texts("p", 5, 51));
  assert.ok(!watcher.stretches.some(isGap));
  assert.equal(watcher.changes, []);
});

test("maxmemory reached: buffer_full, nothing is stored, and all is well when there is room again", async (t) => {
  const { buffer, redis } = await filled(t);
  await redis.config("SET", "maxmemory", "1");
  for (const channel of ["c", "new"]) {
    await rejects(buffer.append(channel, [run("q", 1, ["1"])]), "buffer_full");
  }
  assert.is((await stateOf(buffer, "c")).next, 51);
  assert.equal((await buffer.channels("", undefined, 10)).channels, ["c"]);
  assert.is(await redis.exists("reprise:{new}:log", "reprise:{new}:meta", "reprise:{new}:producers"), 0);
  await redis.config("SET", "maxmemory", "0");
  assert.is((await store(buffer, "c", run("q", 1, ["1"]))).offset, 51);
});

test.run();
