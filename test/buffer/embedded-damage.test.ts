// Flipped bits, anywhere: never a wrong message, never silence, and no position that means two messages.

import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import type { ReplayBuffer, StoredBatch } from "../../src/buffer/buffer.js";
import { type Gap, head, type Position, resume } from "../../src/wire/position.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { collect } from "../log.js";
import { asStored, one, store } from "./contract/open.js";
import { change, channelsFolder, copyFolder, type Options, open, recordsOf, segmentsOf } from "./embedded/folder.js";
import { sideBySide } from "./embedded/side-by-side.js";
import { readLog } from "./log.js";
import { contents, run, texts } from "./run.js";

const test = suite("embedded: damage");

/** Small enough for several segments. */
const options: Options = { segmentBytes: 500 };

/** A folder that is damaged again and again, and what it held. */
interface Known {
  folder: string;
  channels: Map<string, { batches: StoredBatch[]; head: Position }>;
}

/** Random text: a flipped bit in a message shows nowhere but in its bytes. */
async function build(t: T, clean: boolean): Promise<Known> {
  const source = temporaryFolder(t);
  const known: Known = { folder: temporaryFolder(t), channels: new Map() };
  const buffer = await open(t, { ...options, folder: source });
  for (const [channel, appends] of [
    ["long", 40],
    ["short", 3],
    ["one", 1],
  ] as const) {
    const sequences = { a: 1, b: 1 };
    for (let i = 0; i < appends; i++) {
      const count = (i % 3) + 1;
      const runs = [run("a", sequences.a, texts("a", count, sequences.a))];
      sequences.a += count;
      if (i % 4 === 1) runs.push(run("b", sequences.b, texts("b", 1, sequences.b++)));
      await buffer.append(channel, runs);
    }
    const { batches } = await readLog(buffer, channel);
    known.channels.set(channel, { batches, head: head(await buffer.state(channel)) });
  }
  if (clean) await buffer.close();
  await copyFolder(source, known.folder);
  await buffer.close();
  return known;
}

const place = (position: Position): string => `${position.epoch}:${position.offset}`;

/** For each position the message that was there. */
function messagesAt(batches: readonly StoredBatch[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { epoch, first, messages } of batches) {
    for (const [i, content] of contents(messages).entries()) found.set(place({ epoch, offset: first + i }), content);
  }
  return found;
}

/** Whatever is damaged, this holds of the channel. Answers the offsets that can no longer be read, from 1 on. */
async function check(buffer: ReplayBuffer, channel: string, known: Known): Promise<number[]> {
  const { batches, head: received } = known.channels.get(channel)!;
  const original = messagesAt(batches);
  const state = await buffer.state(channel);
  // readLog checks that every offset is covered.
  const log = await readLog(buffer, channel);
  const missing: number[] = [];
  const rightly = (found: readonly StoredBatch[], gaps: readonly Gap[]) => {
    for (const [at, content] of messagesAt(found)) assert.is(original.get(at) ?? content, content, at);
    for (const gap of gaps) assert.is(gap.reason, "corrupt");
  };
  rightly(log.batches, log.gaps);
  for (const [at] of messagesAt(log.batches)) assert.ok(original.has(at), `nothing was ever stored at ${at}`);
  for (const gap of log.gaps) for (let offset = gap.from; offset <= gap.to; offset++) missing.push(offset);
  for (let offset = state?.next ?? 1; offset <= received.offset; offset++) missing.push(offset);

  // Whoever had received everything is told if that is no longer the log; an offset is not given twice in an epoch.
  const told = resume(received, state).gaps;
  if ((state?.next ?? 1) <= received.offset) assert.is(told.length, 1);
  else assert.equal(told, []);
  for (const sequence of [1, 2, 3]) await store(buffer, channel, run("new", sequence, [`new/${sequence}`]));
  const after = await readLog(buffer, channel);
  assert.equal(after.contents.slice(-3), texts("new", 3));
  rightly(after.batches, after.gaps);
  const position = resume(received, await buffer.state(channel));
  if (told.length > 0) assert.equal([position.gaps.length, position.gaps[0]!.reason], [1, told[0]!.reason]);
  else assert.equal([position.gaps, position.cursor.next], [[], received.offset + 1]);
  return missing;
}

const flip = (at: number, bit: number) => (bytes: Buffer) => {
  bytes[at]! ^= 1 << bit;
  return bytes;
};

/** All files of the folder, from its root. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => path.slice(folder.length + 1)).sort();
}

/** The offsets of the batch whose record covers byte `at`. */
async function offsetsAt(path: string, at: number): Promise<number[]> {
  const record = (await recordsOf(path)).find(({ start, end }) => start <= at && at < end)!;
  if (record.body.kind !== "batch") return [];
  const { first, count } = record.body.batch;
  return Array.from({ length: count }, (_, i) => first + i);
}

async function checkFlips(t: T, clean: boolean): Promise<void> {
  const known = await build(t, clean);
  const files = await filesOf(known.folder);
  assert.ok(files.length >= 7, `${files.length} files`);
  const flips = fc.sample(fc.tuple(fc.nat(), fc.nat(), fc.nat(7)), 150);
  await sideBySide(flips, async ([which, where, bit]) => {
    const file = files[which % files.length]!;
    const path = join(known.folder, file);
    const at = where % (await stat(path)).size;
    const what = `bit ${bit} of byte ${at} of ${file}`;
    const folder = temporaryFolder(t);
    await copyFolder(known.folder, folder);
    await change(join(folder, file), flip(at, bit));
    const buffer = await open(t, { ...options, folder });
    for (const channel of known.channels.keys()) {
      const missing = await check(buffer, channel, known).catch((error) => {
        throw new Error(`${what}, channel ${channel}: ${error.message}`, { cause: error });
      });
      const hit = file.includes(`/${channel},`) ? await offsetsAt(path, at) : [];
      assert.equal(missing, hit, `${what}, channel ${channel}`);
    }
    // What was found stays as it is.
    await buffer.close();
    const again = await open(t, { ...options, folder });
    for (const channel of known.channels.keys()) {
      assert.equal((await readLog(again, channel)).contents.slice(-3), texts("new", 3), what);
    }
    await again.close();
    await rm(folder, { recursive: true });
  });
}

const limit = { timeoutMs: 120_000 };

test("a flipped bit of a closed buffer costs the batch it hits and nothing else", (t) => checkFlips(t, true), limit);
test("a flipped bit of a buffer that was not closed", (t) => checkFlips(t, false), limit);

test("a damaged checkpoint: what is known of the producers comes from the segment before it", async (t) => {
  const folder = temporaryFolder(t);
  let buffer = await open(t, { ...options, folder });
  await store(buffer, "c", run("quiet", 1, ["quiet/1"]));
  for (let i = 1; i <= 30; i++) await store(buffer, "c", run("p", i, [`p/${i}`]));
  const before = await buffer.state("c");
  await buffer.close();
  const segments = await segmentsOf(folder, "c");
  assert.ok(segments.length > 2);
  for (const segment of segments.slice(1)) await change(join(channelsFolder(folder), segment), flip(20, 3));

  buffer = await open(t, { ...options, folder });
  assert.equal(await buffer.state("c"), before);
  assert.is((await readLog(buffer, "c")).contents.length, 31);
  const again = asStored(one(await buffer.append("c", [run("quiet", 1, ["quiet/1"])])));
  assert.equal([again.duplicates, again.duplicateOffset], [1, 1]);
  await store(buffer, "c", run("quiet", 2, ["quiet/2"]));
  // A new segment began, so that the damage matters no longer.
  await buffer.close();
  await rm(join(channelsFolder(folder), segments.at(-2)!));
  const warnings: string[] = [];
  buffer = await open(t, { ...options, folder, log: collect(warnings) });
  assert.equal(await buffer.append("c", [run("p", 32, ["p/32"])]), [{ kind: "skipped", expected: 31 }]);
  assert.equal(warnings, []);
  const { gaps } = await readLog(buffer, "c");
  assert.equal(
    gaps.map((gap) => gap.reason),
    ["corrupt"],
  );
});

test("damage while the buffer is open: readers are told of a gap", async (t) => {
  const folder = temporaryFolder(t);
  const buffer = await open(t, { folder });
  for (let i = 1; i <= 10; i++) await store(buffer, "c", run("p", i, [`p/${i}`]));
  const path = join(channelsFolder(folder), (await segmentsOf(folder, "c"))[0]!);
  const records = await recordsOf(path);
  await change(path, flip(records[5]!.end - 1, 0));
  let log = await readLog(buffer, "c");
  assert.equal(log.gaps, [{ reason: "corrupt", from: 5, to: 5 }]);
  assert.is(log.contents.length, 9);
  await change(path, (bytes) => bytes.subarray(0, records[8]!.start));
  log = await readLog(buffer, "c");
  assert.equal(log.gaps, [
    { reason: "corrupt", from: 5, to: 5 },
    { reason: "corrupt", from: 8, to: 10 },
  ]);
});

test("behind damage no message is taken for a record", async (t) => {
  const other = temporaryFolder(t);
  let buffer = await open(t, { folder: other });
  await store(buffer, "c", run("p", 1, ["genuine"]));
  await store(buffer, "c", run("p", 2, ["forged"]));
  await buffer.close();
  const theirs = join(channelsFolder(other), (await segmentsOf(other, "c"))[0]!);
  const { start, end } = (await recordsOf(theirs))[2]!;
  const forged = (await readFile(theirs)).subarray(start, end);

  const folder = temporaryFolder(t);
  buffer = await open(t, { folder });
  await store(buffer, "c", run("p", 1, [forged]));
  await store(buffer, "c", run("p", 2, ["genuine"]));
  const path = join(channelsFolder(folder), (await segmentsOf(folder, "c"))[0]!);
  await change(path, flip((await recordsOf(path))[1]!.start, 0));
  assert.equal((await readLog(buffer, "c")).contents, ["genuine"]);
});

test("of a write that was torn in its middle nothing counts from there on, unless something was written later", async (t) => {
  const source = temporaryFolder(t);
  const buffer = await open(t, { folder: source, fsync: "always" });
  const together = (from: number) =>
    Promise.all([0, 1, 2].map((i) => buffer.append("c", [run(`p${i}`, from, [`p${i}/${from}`])])));
  await store(buffer, "c", run("first", 1, ["first"]));
  await together(1);
  const tornLater = temporaryFolder(t);
  await copyFolder(source, tornLater);
  await together(2);
  const name = (await segmentsOf(source, "c"))[0]!;
  // Checkpoint, first, then three to a write.
  const records = await recordsOf(join(channelsFolder(source), name));
  assert.is(records.length, 8);
  const zero = (bytes: Buffer) => bytes.fill(0, records[3]!.start, records[3]!.end);

  await change(join(channelsFolder(tornLater), name), zero);
  const torn = await open(t, { folder: tornLater, fsync: "always" });
  assert.equal((await readLog(torn, "c")).contents, ["first", "p0/1"]);
  for (const i of [1, 2]) await store(torn, "c", run(`p${i}`, 1, [`p${i}/1`]));
  assert.equal((await readLog(torn, "c")).contents, ["first", "p0/1", "p1/1", "p2/1"]);

  const answered = temporaryFolder(t);
  await copyFolder(source, answered);
  await change(join(channelsFolder(answered), name), zero);
  const gapped = await open(t, { folder: answered, fsync: "always" });
  const log = await readLog(gapped, "c");
  assert.equal(log.gaps, [{ reason: "corrupt", from: 3, to: 3 }]);
  assert.equal(log.contents, ["first", "p0/1", "p2/1", "p0/2", "p1/2", "p2/2"]);
  assert.is(asStored(one(await gapped.append("c", [run("p1", 2, ["p1/2"])]))).duplicates, 1);
});

test.run();
