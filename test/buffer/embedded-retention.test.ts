// What is removed and when, by a clock that is passed in, and how much is stored meanwhile.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { openEmbedded } from "../../src/buffer/embedded.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { assert, suite, temporaryFolder, until } from "../harness.js";
import { store } from "./contract/open.js";
import { channelsFolder, open, segmentsOf } from "./embedded/folder.js";
import { follow } from "./follower.js";
import { readLog, stateOf } from "./log.js";
import { run, texts } from "./run.js";

const test = suite("embedded: retention");

const storedBytes = async (folder: string, channel: string): Promise<number> => {
  let bytes = 0;
  for (const name of await segmentsOf(folder, channel)) bytes += (await stat(join(channelsFolder(folder), name))).size;
  return bytes;
};

/** One message of 100 bytes each, several appends at once. */
async function flood(
  buffer: ReplayBuffer,
  channel: string,
  messages: number,
  check: () => Promise<void>,
): Promise<void> {
  for (let sent = 0; sent < messages; ) {
    const appends: Promise<unknown>[] = [];
    for (let i = 0; i < 700 && sent < messages; i++) {
      appends.push(buffer.append(channel, [run("p", ++sent, ["x".repeat(96)])]));
    }
    await Promise.all(appends);
    await check();
  }
}

test("1,000 messages of 20,000: at most a quarter more is kept, in the log and on the disk", async (t) => {
  const folder = temporaryFolder(t);
  const buffer = await open(t, { folder, retention: ["messages=1000"] });
  await flood(buffer, "c", 20_000, async () => {
    const { first, next } = await stateOf(buffer, "c");
    assert.ok(next - first >= Math.min(1_000, next - 1) && next - first <= 1_251, `${next - first} messages`);
  });
  assert.ok((await segmentsOf(folder, "c")).length <= 6);
  assert.ok((await storedBytes(folder, "c")) < 1_251 * 180 + 6 * 200);
});

test("64 KiB of 2 MB", async (t) => {
  const folder = temporaryFolder(t);
  const limit = 64 * 1024;
  const buffer = await open(t, { folder, retention: ["bytes=64KiB"] });
  await flood(buffer, "c", 20_000, async () => {
    const { first, bytes } = await stateOf(buffer, "c");
    assert.ok(first === 1 || bytes >= limit, `${bytes} bytes`);
    assert.ok(bytes <= 1.25 * limit + 100, `${bytes} bytes`);
  });
});

test("by age: what is older than the limit and a quarter is gone, what is younger is there", async (t) => {
  let now = 1_000_000;
  const buffer = await open(t, { now: () => now, retention: ["age=1000ms"] });
  for (let i = 1; i <= 500; i++, now += 10) {
    await store(buffer, "c", run("p", i, [`${i}`]));
    const { first } = await stateOf(buffer, "c");
    // Message i is stored at 10 i: the oldest one kept has an age of 10 (i - first).
    assert.ok(first === 1 || 10 * (i - first + 1) > 1_000, `${first} of ${i}`);
    assert.ok(10 * (i - first) <= 1_260, `${first} of ${i}`);
  }
});

test("a channel disappears at its age, and nothing of it stays on the disk", async (t) => {
  const folder = temporaryFolder(t);
  let now = Date.now();
  const buffer = await open(t, { folder, segmentBytes: 200, now: () => now, retention: ["age=1h"] });
  for (let i = 1; i <= 20; i++) await store(buffer, "c", run("p", i, [`${i}`]));
  assert.ok((await segmentsOf(folder, "c")).length > 1);
  const watcher = await follow(t, buffer, "c");
  now += 3_600_000;
  assert.is((await stateOf(buffer, "c")).next, 21);
  // Nobody asks for it: the timer does it.
  now += 1;
  await watcher.hasChanged(1);
  assert.equal(watcher.changes, [undefined]);
  assert.equal(await segmentsOf(folder, "c"), []);
  assert.is(await buffer.state("c"), undefined);
});

test("limits that change hold at once, for channels that nobody asks for too", async (t) => {
  const folder = temporaryFolder(t);
  let now = Date.now();
  let retention = retentionPolicy(["age=10h"]);
  const options = { folder, segmentBytes: 200, fsync: "no", now: () => now } as const;
  const openIt = () => openEmbedded({ ...options, retention: (channel) => retention(channel) });
  const first = await openIt();
  t.after(() => first.close());
  for (const channel of ["opened", "closed", "kept"]) {
    for (let i = 1; i <= 20; i++) await store(first, channel, run("p", i, [`${i}`]));
  }
  await first.close();
  now = Date.now() + 3_600_000;
  const buffer = await openIt();
  t.after(() => buffer.close());
  const watcher = await follow(t, buffer, "opened");
  // Looked at by the limits as they were: nothing is due.
  await until(async () => (await segmentsOf(folder, "closed")).length > 1, "they are there");
  assert.is((await stateOf(buffer, "kept")).first, 1);
  retention = retentionPolicy(["age=30m", "kept age=10h messages=5"]);
  await watcher.hasChanged(1);
  assert.equal(watcher.changes, [undefined]);
  await until(async () => (await segmentsOf(folder, "closed")).length === 0, "the one that was not opened has gone");
  await until(async () => (await stateOf(buffer, "kept")).first > 1, "and of the third what is too much");
  assert.ok((await stateOf(buffer, "kept")).first <= 16);
});

test("channels that were not opened since the start disappear as well", async (t) => {
  const folder = temporaryFolder(t);
  const started = Date.now();
  let buffer = await open(t, { folder, segmentBytes: 200, retention: ["age=1h"] });
  for (let i = 1; i <= 20; i++) await store(buffer, "c", run("p", i, [`${i}`]));
  await store(buffer, "d", run("p", 1, ["1"]));
  await buffer.close();
  let now = started;
  buffer = await open(t, { folder, now: () => now, retention: ["c age=1h", "d age=2h"] });
  now = Date.now() + 3_600_001;
  await until(async () => (await segmentsOf(folder, "c")).length === 0, "c disappears");
  assert.equal((await buffer.channels("", undefined, 10)).channels, ["d"]);
  assert.is((await readLog(buffer, "d")).contents.length, 1);
});

test("created again, a channel has a higher epoch even if the clock was set back", async (t) => {
  const folder = temporaryFolder(t);
  let now = 5_000_000;
  const options = { folder, now: () => now, retention: ["age=1s"] };
  let buffer = await open(t, options);
  const first = await store(buffer, "c", run("p", 1, ["1"]));
  now += 1_001;
  assert.is(await buffer.state("c"), undefined);
  now = 4_000_000;
  const second = await store(buffer, "c", run("p", 1, ["1"]));
  assert.ok(second.epoch > first.epoch);
  await buffer.close();
  // Also for another process.
  now = 9_000_000;
  buffer = await open(t, options);
  assert.is(await buffer.state("c"), undefined);
  await buffer.close();
  now = 1_000;
  buffer = await open(t, options);
  const third = await store(buffer, "c", run("p", 1, ["1"]));
  assert.ok(third.epoch > second.epoch);
});

test("storedAt does not fall when the clock does", async (t) => {
  let now = 2_000_000;
  const buffer = await open(t, { now: () => now });
  for (let i = 1; i <= 10; i++, now -= 1_000) await store(buffer, "c", run("p", i, [`${i}`]));
  assert.equal(new Set((await readLog(buffer, "c")).batches.map((batch) => batch.storedAt)), new Set([2_000_000]));
});

test("a reader that retention overtakes gets a gap for what it missed", async (t) => {
  const folder = temporaryFolder(t);
  const buffer = await open(t, { folder, retention: ["messages=200"] });
  let sequence = 1;
  const append = () => {
    const from = sequence;
    sequence += 10;
    return store(buffer, "c", run("p", from, texts("p", 10, from)));
  };
  for (let i = 0; i < 20; i++) await append();
  let next = 1;
  let gaps = 0;
  for (let i = 0; i < 300; i++) {
    // Reading and trimming side by side.
    const [page] = await Promise.all([buffer.read("c", next, 100), append(), append(), append()]);
    for (const stretch of page.stretches) {
      if ("reason" in stretch) {
        assert.equal([stretch.reason, stretch.from], ["trimmed", next]);
        gaps++;
        next = stretch.to + 1;
      } else {
        assert.ok(stretch.first <= next);
        next = stretch.first + stretch.count;
      }
    }
  }
  assert.ok(gaps > 10, `${gaps} gaps`);
});

test.run();
