// Natural batching: what arrives while an append is under way is the next batch; an idle channel does not wait.
import { Appender, type Unnumbered } from "../../src/broker/appender.js";
import type { RunOutcome } from "../../src/buffer/buffer.js";
import { RepriseError } from "../../src/wire/errors.js";
import { batchBytes, batchMessages, KiB } from "../../src/wire/limits.js";
import { contents } from "../buffer/run.js";
import { assert, suite, type T, until } from "../harness.js";
import { elements, lenField } from "../wire/encoding.js";
import { embedded, gate, observe } from "./buffers.js";
import { texts } from "./peer.js";

const test = suite("appender");

const runOf = (texts: readonly string[], numbered?: Unnumbered["numbered"]): Unnumbered => ({
  count: texts.length,
  messages: elements(texts.map((text) => lenField(1, text))),
  ...(numbered === undefined ? {} : { numbered }),
});

async function open(t: T, maxPendingBytes = 1_000_000) {
  const buffer = observe(await embedded(t));
  const appender = new Appender(buffer, maxPendingBytes);
  /** The contents of the batches appended to a channel, one list for each append. */
  const batches = (channel = "c") =>
    buffer.appends
      .filter((append) => append.channel === channel)
      .map(({ runs }) => runs.flatMap((run) => contents(run.messages)));
  return { buffer, appender, batches };
}

const offsetOf = (outcome: RunOutcome) => (outcome.kind === "stored" ? outcome.offset : -1);

test("what arrives in one turn of the event loop is one batch, and does not wait for more", async (t) => {
  const { appender, batches } = await open(t);
  const stored = texts("m", 5).map((text) => appender.append("c", runOf([text])));
  await new Promise(setImmediate);
  assert.equal(batches(), [texts("m", 5)], "without waiting for anything more");
  assert.equal((await Promise.all(stored)).map(offsetOf), [1, 2, 3, 4, 5]);
});

test("what arrives while an append is under way is the next one, in order; other channels do not wait", async (t) => {
  const { buffer, appender, batches } = await open(t);
  const held = gate();
  buffer.hooks.append = (channel) => (channel === "c" ? held.passed : Promise.resolve());
  const stored = [appender.append("c", runOf(["m/1"]))];
  await until(() => batches().length === 1, "the first append is under way");
  for (const text of texts("m", 4, 2)) {
    stored.push(appender.append("c", runOf([text])));
    await new Promise(setImmediate);
  }
  await appender.append("d", runOf(["other"]));
  assert.equal(batches(), [["m/1"]]);
  held.open();
  assert.equal((await Promise.all(stored)).map(offsetOf), [1, 2, 3, 4, 5]);
  assert.equal(batches(), [["m/1"], texts("m", 4, 2)]);
});

test("a batch closes at 1,000 messages or 64 KiB; a larger message is a batch alone", async (t) => {
  const { buffer, appender } = await open(t);
  const held = gate();
  buffer.hooks.append = () => held.passed;
  const wait = [appender.append("c", runOf(["first"]))];
  await new Promise(setImmediate);
  for (let i = 0; i < 30; i++) wait.push(appender.append("c", runOf(texts(`m${i}`, 100))));
  for (let i = 0; i < 12; i++) wait.push(appender.append("c", runOf(["x".repeat(20 * KiB)])));
  wait.push(appender.append("c", runOf(["y".repeat(100 * KiB)])), appender.append("c", runOf(["z"])));
  held.open();
  await Promise.all(wait);
  const sizes = buffer.appends.slice(1).map(({ runs }) => ({
    runs: runs.length,
    count: runs.reduce((sum, run) => sum + run.count, 0),
    bytes: runs.reduce((sum, run) => sum + run.messages.length, 0),
  }));
  for (const { runs, count, bytes } of sizes) {
    assert.ok(count <= batchMessages && (bytes <= batchBytes || runs === 1), `${count} messages, ${bytes} bytes`);
  }
  assert.equal(
    sizes.map(({ runs }) => runs),
    [10, 10, 10, 3, 3, 3, 3, 1, 1],
  );
});

test("a store that fails is told to everybody in the batch, and the next batch is tried", async (t) => {
  const { buffer, appender } = await open(t);
  let fail = true;
  buffer.hooks.append = async () => {
    if (fail) throw new RepriseError("buffer_unavailable", "away");
  };
  const outcomes = await Promise.allSettled(texts("m", 3).map((text) => appender.append("c", runOf([text]))));
  for (const outcome of outcomes) {
    assert.is(outcome.status === "rejected" && (outcome.reason as RepriseError).code, "buffer_unavailable");
  }
  fail = false;
  assert.is(offsetOf(await appender.append("c", runOf(["m/4"]))), 1);
  assert.not(appender.full);
  await appender.idle();
});

test("after an append whose outcome is unknown the node numbers under another producer: what was stored stays once", async (t) => {
  const { buffer, appender } = await open(t);
  const append = buffer.append.bind(buffer);
  buffer.append = async (channel, runs) => {
    await append(channel, runs);
    buffer.append = append;
    throw new RepriseError("buffer_unavailable", "the answer was lost");
  };
  const lost = await appender.append("c", runOf(["m/1"])).catch((error: RepriseError) => error.code);
  assert.is(lost, "buffer_unavailable");
  assert.is(offsetOf(await appender.append("c", runOf(["m/2"]))), 2);
  const [first, second] = buffer.appends;
  assert.is.not(first!.runs[0]!.producer, second!.runs[0]!.producer);
  assert.is(second!.runs[0]!.sequence, 1);
});

test("unnumbered messages go on from each other; what their publisher numbered is left as it is", async (t) => {
  const { buffer, appender } = await open(t);
  const numbered = { producer: "pABC", sequence: 1 };
  await Promise.all([
    appender.append("c", runOf(["a", "b"])),
    appender.append("c", runOf(["n"], numbered)),
    appender.append("c", runOf(["c"])),
  ]);
  await appender.append("c", runOf(["d"]));
  const runs = buffer.appends.flatMap((append) => append.runs);
  const own = runs.filter((run) => run.producer !== "pABC");
  assert.equal(
    own.map((run) => run.sequence),
    [1, 3, 4],
  );
  assert.is(new Set(own.map((run) => run.producer)).size, 1);
  assert.match(own[0]!.producer, /^n[A-Za-z0-9_-]{16}$/);
});

test("a node is full at its bound, until a quarter of that is stored, and says both", async (t) => {
  const { buffer, appender } = await open(t, 10_000);
  const held = gate();
  buffer.hooks.append = () => held.passed;
  const told: boolean[] = [];
  const ignore = appender.onFull(() => told.push(appender.full));
  const waiting = [appender.append("c", runOf(["x".repeat(9_000)]))];
  assert.not(appender.full);
  waiting.push(appender.append("d", runOf(["x".repeat(2_000)])));
  assert.ok(appender.full);
  assert.equal(told, [true]);
  const idle = appender.idle();
  held.open();
  await Promise.all(waiting);
  assert.equal(told, [true, false]);
  await idle;
  ignore();
  await appender.append("c", runOf(["x".repeat(20_000)]));
  assert.is(told.length, 2);
});

test("a channel that 10,000 others came after is forgotten, and numbered anew without loss", async (t) => {
  const { buffer, appender } = await open(t);
  const append = buffer.append.bind(buffer);
  const stored = { kind: "stored", duplicates: 0, duplicateEpoch: 0, duplicateOffset: 0, epoch: 1, offset: 1 } as const;
  // The others need not be stored.
  buffer.append = async (channel, runs) => (channel === "c" ? append(channel, runs) : runs.map(() => stored));
  await appender.append("c", runOf(["m/1"]));
  for (let i = 0; i < 10_000; i++) await appender.append(`other.${i}`, runOf(["x"]));
  assert.is(offsetOf(await appender.append("c", runOf(["m/2"]))), 2);
  const [first, second] = buffer.appends;
  assert.is.not(first!.runs[0]!.producer, second!.runs[0]!.producer);
  assert.is(second!.runs[0]!.sequence, 1);
});

test.run();
