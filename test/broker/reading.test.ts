// The channel log and its cursors: one read for many, bounded memory, reads that fail, logs that changed.

import { ChannelLog } from "../../src/broker/channel-log.js";
import { Cursor } from "../../src/broker/cursor.js";
import { SharedMemory } from "../../src/broker/memory.js";
import { Rate } from "../../src/broker/rate.js";
import { Tally } from "../../src/broker/tally.js";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { RepriseError } from "../../src/wire/errors.js";
import { KiB, MiB } from "../../src/wire/limits.js";
import { messagesOf } from "../../src/wire/message.js";
import { type EpochStart, head, type LogState, type Position, resume } from "../../src/wire/position.js";
import { readServerFrame, type ServerItem } from "../../src/wire/server-frame.js";
import { run } from "../buffer/run.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { collect } from "../log.js";
import { crashImage, embedded, gate, type Observed, observe } from "./buffers.js";
import { callHistory } from "./calls.js";
import { startNode } from "./node.js";
import { connectPeer, texts, textsOf } from "./peer.js";

const test = suite("reading a channel");

interface Opened {
  buffer: Observed;
  log: ChannelLog;
  tail: SharedMemory;
  pages: SharedMemory;
  lines: string[];
}

async function openLog(t: T, buffer: ReplayBuffer, tailBytes = 8 * MiB, pagesBytes = 8 * MiB): Promise<Opened> {
  const observed = observe(buffer);
  const tail = new SharedMemory(tailBytes);
  const pages = new SharedMemory(pagesBytes);
  const lines: string[] = [];
  const log = new ChannelLog("c", {
    buffer: observed,
    tail,
    pages,
    tally: new Tally(),
    deflated: new SharedMemory(MiB),
    deflating: new Rate(Number.POSITIVE_INFINITY),
    log: collect(lines),
  });
  await log.open();
  t.after(() => log.close());
  return { buffer: observed, log, tail, pages, lines };
}

/** A cursor with an endless appetite. */
interface Reader {
  cursor: Cursor;
  items: ServerItem[];
  texts(): string[];
}

function reader(log: ChannelLog, position: Position): Reader {
  const items: ServerItem[] = [];
  const run = (cursor: Cursor) => {
    const frames: Buffer[] = [];
    while (cursor.advance(64 * KiB, frames) === "more");
    for (const frame of frames) items.push(...readServerFrame(frame));
  };
  const cursor = new Cursor(log, position, run);
  log.cursors.add(cursor);
  run(cursor);
  return {
    cursor,
    items,
    texts: () => items.flatMap((item) => (item.kind === "batch" ? textsOf([...messagesOf("c", item.batch)]) : [])),
  };
}

interface Filled {
  buffer: ReplayBuffer;
  contents: string[];
  /** Appends texts as one batch. */
  append(contents: readonly string[]): Promise<void>;
}

/** A buffer with `count` messages of `size` bytes in batches of 10. */
async function filled(t: T, count: number, size: number): Promise<Filled> {
  const buffer = await embedded(t);
  let next = 1;
  const append = async (contents: readonly string[]) => {
    await buffer.append("c", [run("p1", next, contents)]);
    next += contents.length;
  };
  const contents = texts("m", count).map((text) => text.padEnd(size, "."));
  for (let i = 0; i < count; i += 10) await append(contents.slice(i, i + 10));
  return { buffer, contents, append };
}

const start: Position = { epoch: 0, offset: 0 };
const gapsOf = (items: readonly ServerItem[]) => items.flatMap((item) => (item.kind === "gap" ? [item.gap] : []));

test("50 cursors that begin at the same old offset share the reads", async (t) => {
  const { buffer, contents } = await filled(t, 1_000, 4 * KiB);
  const { buffer: observed, log } = await openLog(t, buffer);
  const readers = Array.from({ length: 50 }, () => reader(log, start));
  await until(() => readers.every(({ cursor }) => cursor.next === 1_001), "all have read everything");
  for (const { texts } of readers) assert.equal(texts(), contents);
  // 4 MiB in pages of 512 KiB.
  assert.ok(observed.reads.length <= 12, `${observed.reads.length} reads`);
});

test("50 cursors that resume from 50 neighbouring offsets share the reads too", async (t) => {
  const { buffer, contents } = await filled(t, 1_000, 4 * KiB);
  const { epoch } = (await buffer.state("c"))!.epochs[0]!;
  const { buffer: observed, log } = await openLog(t, buffer);
  const readers = Array.from({ length: 50 }, (_, i) => reader(log, { epoch, offset: i * 3 }));
  await until(() => readers.every(({ cursor }) => cursor.next === 1_001), "all have read everything");
  for (const [i, { texts }] of readers.entries()) assert.equal(texts(), contents.slice(i * 3));
  assert.ok(observed.reads.length <= 24, `${observed.reads.length} reads`);
});

test("a cursor that a neighbour's read does not reach reads for itself the next time", async (t) => {
  const { buffer, contents } = await filled(t, 400, 4 * KiB);
  const { epoch } = (await buffer.state("c"))!.epochs[0]!;
  const { buffer: observed, log } = await openLog(t, buffer);
  const held = gate();
  observed.hooks.read = (_channel, from) =>
    from < 350 ? held.passed.then(() => undefined) : Promise.resolve(undefined);
  const near = reader(log, { epoch, offset: 0 });
  const far = reader(log, { epoch, offset: 350 });
  assert.equal(
    observed.reads.map(({ from }) => from),
    [1],
    "it waits for the first",
  );
  held.open();
  await until(() => far.cursor.next === 401 && near.cursor.next === 401, "both have read everything");
  assert.equal(
    observed.reads.filter(({ from }) => from >= 350).map(({ from }) => from),
    [351],
  );
  assert.equal([near.texts(), far.texts()], [contents, contents.slice(350)]);
});

test("the tail and the pages stay within their bounds, whoever reads what", async (t) => {
  const { buffer, contents, append } = await filled(t, 1_000, 4 * KiB);
  const { epoch } = (await buffer.state("c"))!.epochs[0]!;
  const { log, tail, pages } = await openLog(t, buffer, 200 * KiB, 1_200 * KiB);
  let most = { tail: 0, pages: 0 };
  const look = () => {
    most = { tail: Math.max(most.tail, tail.bytes), pages: Math.max(most.pages, pages.bytes) };
  };
  const readers = Array.from({ length: 20 }, (_, i) => reader(log, { epoch, offset: i * 50 }));
  for (let i = 0; i < 40; i++) {
    await append(contents.slice(i * 10, i * 10 + 10));
    look();
  }
  await until(() => {
    look();
    return readers.every(({ cursor }) => cursor.next === 1_401);
  }, "all have read everything");
  assert.ok(most.tail > 100 * KiB && most.tail <= 200 * KiB, `tail ${most.tail}`);
  assert.ok(most.pages > 512 * KiB && most.pages <= 1_200 * KiB, `pages ${most.pages}`);
  for (const [i, { texts }] of readers.entries()) {
    assert.equal(texts(), [...contents, ...contents.slice(0, 400)].slice(i * 50));
  }
  log.close();
  assert.equal([tail.bytes, pages.bytes], [0, 0], "nothing is kept of a log that is closed");
});

test("one large message alone may exceed the bound, and is dropped for the next", async (t) => {
  const { buffer, append } = await filled(t, 10, 10);
  const { tail } = await openLog(t, buffer, 10 * KiB);
  await append(["x".repeat(50 * KiB)]);
  await until(() => tail.bytes > 50 * KiB, "it is in the tail");
  await append(["y"]);
  await until(() => tail.bytes < 1 * KiB, "it has gone");
});

test("reads that fail delay and lose nothing, and are logged", async (t) => {
  const { buffer, contents } = await filled(t, 100, 10);
  const { buffer: observed, log, lines } = await openLog(t, buffer);
  let failures = 2;
  observed.hooks.read = async () => {
    if (failures-- > 0) throw new RepriseError("buffer_unavailable", "the store is away");
    return undefined;
  };
  const readers = [reader(log, start), reader(log, start)];
  await until(() => readers.every(({ cursor }) => cursor.next === 101), "all have read everything");
  for (const { texts } of readers) assert.equal(texts(), contents);
  assert.equal(lines, Array(2).fill("reading from the store failed channel=c from=1 why=the store is away"));
  assert.is(observed.reads.length, 3);
});

test("a read that finds nothing where there should be something is not repeated in a loop", async (t) => {
  // The store has lost its end, or the channel has disappeared, and the watch has not told yet.
  const { buffer, contents } = await filled(t, 100, 10);
  const { buffer: observed, log } = await openLog(t, buffer);
  observed.hooks.read = async () => ({ stretches: [], end: true });
  const { cursor, texts } = reader(log, start);
  const begun = performance.now();
  await until(() => performance.now() - begun > 300, "some time passes");
  assert.ok(observed.reads.length <= 3, `${observed.reads.length} reads`);
  observed.hooks = {};
  await until(() => cursor.next === 101, "it goes on once there is something");
  assert.equal(texts(), contents);
});

test("a log that is closed while a read is under way or waits to be repeated leaves nothing behind", async (t) => {
  const { buffer } = await filled(t, 10, 10);
  const { buffer: observed, log, lines } = await openLog(t, buffer);
  observed.hooks.read = async () => {
    throw new RepriseError("buffer_unavailable", "away");
  };
  reader(log, start);
  await until(() => lines.length === 1, "the read failed");
  log.close();
  assert.is(observed.watchers.size, 0);
  // The harness fails the file if the timer is left.
});

test("caught up comes when the end is reached, and again after a cursor fell behind the tail", async (t) => {
  const { buffer, append } = await filled(t, 100, 100);
  const { log } = await openLog(t, buffer, 2 * KiB);
  const { epoch } = (await buffer.state("c"))!.epochs[0]!;
  const { cursor, items } = reader(log, start);
  await until(() => cursor.next === 101, "it has read everything");
  const caughtUps = () => items.filter((item) => item.kind === "caughtUp");
  assert.equal(caughtUps(), [{ kind: "caughtUp", channel: "c", position: { epoch, offset: 100 } }]);
  await append(["live"]);
  await until(() => cursor.next === 102, "live");
  assert.is(caughtUps().length, 1, "it did not fall behind");
  // Away from its turn while the tail moves on.
  cursor.queued = true;
  log.cursors.delete(cursor);
  for (let i = 0; i < 40; i++) await append(["x".repeat(200)]);
  await until(() => log.passed === 142, "the tail moved on");
  cursor.queued = false;
  log.cursors.add(cursor);
  cursor.wake(cursor);
  await until(() => cursor.next === 142, "it has read everything");
  assert.is(caughtUps().length, 2);
});

test("P-16 a log that changes under live cursors: each hears the gaps that resume() says", async (t) => {
  const { buffer } = await filled(t, 30, 10);
  const { epoch: e } = (await buffer.state("c"))!.epochs[0]!;
  const epochs = (...firsts: number[]): EpochStart[] => firsts.map((first, i) => ({ epoch: e + i, first }));
  const unknown: EpochStart[] = [{ epoch: e + 50, first: 1 }];
  const changes: (LogState | undefined)[] = [
    { epochs: epochs(1, 31), first: 1, next: 31 },
    { epochs: epochs(1, 21), first: 1, next: 21 },
    { epochs: epochs(1, 21), first: 1, next: 27 },
    { epochs: epochs(1, 11, 16), first: 6, next: 40 },
    { epochs: epochs(1, 11, 16), first: 14, next: 40 },
    { epochs: unknown, first: 1, next: 1 },
    { epochs: unknown, first: 5, next: 12 },
    undefined,
  ];
  for (const change of changes) {
    const { buffer: observed, log } = await openLog(t, buffer);
    const positions = [0, 10, 15, 20, 25, 30].map((offset) => ({ epoch: e, offset }));
    // Not awake: they stay where they are, as those of peers that do not read.
    const items: Buffer[][] = positions.map(() => []);
    const cursors = positions.map((position) => new Cursor(log, position, () => undefined));
    for (const [i, cursor] of cursors.entries()) {
      cursor.advance(1, items[i]!);
      items[i]!.length = 0;
    }
    const before = cursors.map(({ position }) => position);
    const state = change && { ...change, bytes: 0 };
    for (const watcher of observed.watchers.get("c")!) watcher.changed(state);
    for (const [i, cursor] of cursors.entries()) {
      const { cursor: expected, gaps } = resume(before[i]!, change);
      cursor.advance(1, items[i]!);
      const heard = items[i]!.flatMap((frame) => [...readServerFrame(frame)]);
      assert.equal(gapsOf(heard), gaps, JSON.stringify([before[i], change]));
      const position = { epoch: expected.epoch, offset: expected.next - 1 };
      // Whoever resumes after any of the gaps hears those that follow, and goes on at the same place.
      for (const [j, item] of heard.filter(({ kind }) => kind === "gap").entries()) {
        const { position: after } = item as Extract<ServerItem, { kind: "gap" }>;
        const resumed = change && resume(after, change);
        if (j === gaps.length - 1) assert.equal(after, position);
        if (resumed !== undefined) assert.equal(resumed, { cursor: expected, gaps: gaps.slice(j + 1) });
      }
      // It may have gone on to what is in memory, which after a change is nothing.
      assert.equal(cursor.position, position);
    }
    log.close();
  }
});

test("a position ahead of what the node knows: nothing is repeated and nothing lost once the node learns", async (t) => {
  const { buffer, contents } = await filled(t, 20, 10);
  const { buffer: observed, log } = await openLog(t, buffer);
  const [watcher] = observed.watchers.get("c")!;
  // Another node has stored more, and its subscriber comes here: the store knows, the watch does not tell yet.
  const state = (await buffer.state("c"))!;
  const ahead = { ...state, next: 26 };
  await log.agree(ahead);
  const { cursor, items, texts: heard } = reader(log, { epoch: state.epochs[0]!.epoch, offset: 23 });
  assert.equal(gapsOf(items), [], "no gap: the store has these messages");
  const storedAt = Date.now();
  const { epoch } = state.epochs[0]!;
  watcher!.stretch({ epoch, first: 21, count: 2, storedAt, messages: run("x", 1, ["a21", "a22"]).messages });
  assert.equal(heard(), []);
  watcher!.stretch({ epoch, first: 23, count: 3, storedAt, messages: run("x", 1, ["a23", "a24", "a25"]).messages });
  assert.equal(heard(), ["a24", "a25"]);
  assert.equal(cursor.position, { epoch, offset: 25 });
  assert.is(contents.length, 20);
});

test("a store that speaks of a new epoch is believed once the watch has told, and asked again if it does not", async (t) => {
  const { buffer } = await filled(t, 20, 10);
  const { buffer: observed, log, lines } = await openLog(t, buffer);
  const state = (await buffer.state("c"))!;
  const newer = { ...state, epochs: [...state.epochs, { epoch: state.epochs[0]!.epoch + 1, first: 16 }], next: 18 };
  const [watcher] = observed.watchers.get("c")!;
  let agreed = false;
  const agreeing = log.agree(newer).then(() => {
    agreed = true;
  });
  await new Promise(setImmediate);
  assert.not(agreed);
  watcher!.changed({ ...newer, next: 16 });
  await agreeing;
  assert.is(log.state!.next, 18, "what the store knows, the watch will tell");
  assert.equal(lines, [`a channel has a new epoch channel=c epoch=${newer.epochs[1]!.epoch} first=16 passed=21`]);
  const newest = { ...newer, epochs: [...newer.epochs, { epoch: newer.epochs[1]!.epoch + 1, first: 18 }] };
  const begun = performance.now();
  const code = await log.agree(newest).catch((error: RepriseError) => error.code);
  assert.is(code, "buffer_unavailable");
  assert.ok(performance.now() - begun > 4_900, "after a while");
  const closing = log.agree(newest).catch((error: RepriseError) => error.code);
  log.close();
  assert.is(await closing, "buffer_unavailable");
});

test("a read of a log that has changed meanwhile says nothing about the new one", async (t) => {
  const { buffer } = await filled(t, 20, 10);
  const { buffer: observed, log } = await openLog(t, buffer);
  const state = (await buffer.state("c"))!;
  const { epoch } = state.epochs[0]!;
  const [watcher] = observed.watchers.get("c")!;
  const newer = { epoch: epoch + 1, first: 11 };
  observed.hooks.read = async (channel, from) => {
    observed.hooks = {};
    const page = await buffer.read(channel, from, 100_000);
    watcher!.changed({ ...state, epochs: [...state.epochs, newer], next: 11 });
    return page;
  };
  const { items, texts: heard } = reader(log, { epoch, offset: 8 });
  await until(() => heard().length >= 2, "what is common is read");
  assert.equal(
    heard(),
    texts("m", 2, 9).map((text) => text.padEnd(10, ".")),
  );
  assert.equal(gapsOf(items), [], "it had not seen what is gone");
});

/** A buffer whose channel c has `count` epochs of one message each. */
async function manyEpochs(t: T, count: number): Promise<ReplayBuffer> {
  let folder = temporaryFolder(t);
  let buffer = await embedded(t, [], { folder });
  for (let i = 1; ; i++) {
    await buffer.append("c", [run(`p${i}`, 1, [`m/${i}`])]);
    if (i === count) return buffer;
    const image = await crashImage(t, folder);
    await buffer.close();
    folder = image;
    buffer = await embedded(t, [], { folder });
  }
}

test("a channel of more epochs than are remembered is read from the first message to the last", async (t) => {
  const buffer = await manyEpochs(t, 20);
  const state = (await buffer.state("c"))!;
  assert.is(state.epochs.length, 16);
  const node = await startNode(t, { buffer });
  const peer = await connectPeer(t, node.address);
  await peer.subscribe("c", { from: "earliest" });
  const heard = await peer.hears("c", 20);
  assert.equal(textsOf(heard), texts("m", 20));
  assert.equal(peer.all("gap"), []);
  assert.equal((await peer.gets("caughtUp"))[0]!.position, head(state));
  // Every position on the way can be resumed from.
  for (const { epoch, offset } of heard) {
    const resumed = await connectPeer(t, node.address);
    await resumed.subscribe("c", { from: "position", position: { epoch, offset } });
    await resumed.gets("caughtUp");
    assert.equal(textsOf(resumed.heard("c")), texts("m", 20 - offset, offset + 1), `from ${offset}`);
    assert.equal(resumed.all("gap"), []);
  }
  const pages: string[] = [];
  let position: Position = { epoch: 0, offset: 0 };
  for (let page = 0; page < 20; page++) {
    const found = await callHistory(t, node.address, "c", { from: "position", position }, 1);
    pages.push(...found.texts);
    position = found.position;
  }
  assert.equal(pages, texts("m", 20));
});

test.run();
