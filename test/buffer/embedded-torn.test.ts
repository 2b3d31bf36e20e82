// The end of a log is missing: the last segment is cut off at each of its bytes.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Run } from "../../src/buffer/buffer.js";
import { currentEpoch, head, type Position, resume } from "../../src/wire/position.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { collect } from "../log.js";
import { asStored, one, store } from "./contract/open.js";
import { change, channelsFolder, copyFolder, type Options, open, recordsOf, segmentsOf } from "./embedded/folder.js";
import { sideBySide } from "./embedded/side-by-side.js";
import { readLog, stateOf } from "./log.js";
import { contents, run, texts } from "./run.js";

const test = suite("embedded: a torn end");

/** What was stored, as the publisher and the readers know it. */
interface Known {
  folder: string;
  runs: Run[];
  contents: string[];
  head: Position;
}

const counts = [1, 3, 1, 2, 1];

async function build(t: T, options: Options, clean: boolean): Promise<Known> {
  const source = temporaryFolder(t);
  const folder = temporaryFolder(t);
  let sequence = 1;
  const runs = counts.map((count) => {
    const built = run("p", sequence, texts("p", count, sequence));
    sequence += count;
    return built;
  });
  const buffer = await open(t, { ...options, folder: source });
  for (const each of runs) await store(buffer, "c", each);
  const known = {
    folder,
    runs,
    contents: runs.flatMap((each) => contents(each.messages)),
    head: head(await stateOf(buffer, "c")),
  };
  if (clean) await buffer.close();
  await copyFolder(source, folder);
  await buffer.close();
  return known;
}

/** Checks one cut of the last segment at `size` bytes; `kept` messages lie before it. */
async function checkCut(t: T, known: Known, options: Options, size: number, kept: number, whole: boolean) {
  const folder = temporaryFolder(t);
  await copyFolder(known.folder, folder);
  const last = (await segmentsOf(folder, "c")).at(-1)!;
  await change(join(channelsFolder(folder), last), (bytes) => bytes.subarray(0, size));
  const warnings: string[] = [];
  let buffer = await open(t, { ...options, folder, log: collect(warnings) });
  const state = await buffer.state("c");
  const lost = known.head.offset - kept;
  assert.is(state?.next ?? 1, kept + 1, `cut at ${size}`);
  const log = await readLog(buffer, "c");
  assert.equal(log.contents, known.contents.slice(0, kept));
  assert.equal(log.gaps, []);

  // Whoever received what is gone is told so; whoever did not goes on without a gap.
  const told = resume(known.head, state);
  if (state === undefined) assert.equal(told.gaps, [{ reason: "reset", from: 0, to: 0 }]);
  else if (lost > 0) assert.equal(told.gaps, [{ reason: "diverged", from: kept + 1, to: known.head.offset }]);
  else assert.equal(told.gaps, []);
  const before = { epoch: known.head.epoch, offset: kept };
  if (state !== undefined) assert.equal(resume(before, state).gaps, []);

  // The publisher's resend of what is gone is stored, in an epoch of its own.
  const next = known.runs.findIndex((each) => each.sequence > kept);
  if (next >= 0) {
    const beyond = known.head.offset + 1;
    assert.equal(await buffer.append("c", [run("p", beyond, ["beyond"])]), [{ kind: "skipped", expected: kept + 1 }]);
    const again = asStored(one(await buffer.append("c", [known.runs[next]!])));
    assert.equal([again.duplicates, again.offset], [0, kept + 1]);
  }
  const added = await store(buffer, "c", run("q", 1, ["q/1"]));
  const after = await stateOf(buffer, "c");
  if (whole) assert.is(added.epoch, known.head.epoch);
  else {
    assert.ok(added.epoch > known.head.epoch, "a new epoch");
    assert.is(resume(known.head, after).gaps.length, lost > 0 || state === undefined ? 1 : 0);
    if (state !== undefined) assert.equal(resume(before, after).gaps, []);
  }
  const expected = (await readLog(buffer, "c")).contents;
  assert.equal(expected.slice(0, kept), known.contents.slice(0, kept));
  assert.is(expected.at(-1), "q/1");

  // What was repaired stays repaired.
  await buffer.close();
  warnings.length = 0;
  buffer = await open(t, { ...options, folder, log: collect(warnings) });
  assert.equal((await readLog(buffer, "c")).contents, expected);
  assert.is(currentEpoch(await stateOf(buffer, "c")), currentEpoch(after));
  assert.equal(warnings, []);
  await buffer.close();
  await rm(folder, { recursive: true });
}

async function checkAllCuts(t: T, options: Options, clean: boolean): Promise<void> {
  const known = await build(t, options, clean);
  const last = (await segmentsOf(known.folder, "c")).at(-1)!;
  const records = await recordsOf(join(channelsFolder(known.folder), last));
  const size = records.at(-1)!.end;
  const cuts = Array.from({ length: size + 1 }, (_, cut) => cut);
  await sideBySide(cuts, async (cut) => {
    const before = records.filter((record) => record.end <= cut);
    const newest = before.findLast(({ body }) => body.kind === "batch")?.body;
    const kept = newest?.kind === "batch" ? newest.batch.first + newest.batch.count - 1 : Number(last.slice(2, 18)) - 1;
    // The end proves that nothing is missing; under `always` the end of any batch does.
    const proof = clean ? cut === size : options.fsync === "always" && newest !== undefined;
    await checkCut(t, known, options, cut, kept, proof && before.at(-1)?.end === cut);
  });
}

const limit = { timeoutMs: 120_000 };

test(
  "closed cleanly: what lies before the cut is there, the rest is known to be gone",
  (t) => checkAllCuts(t, {}, true),
  limit,
);
test("not closed, everysec", (t) => checkAllCuts(t, {}, false), limit);
test("not closed, always", (t) => checkAllCuts(t, { fsync: "always" }, false), limit);
test("with an older segment", (t) => checkAllCuts(t, { segmentBytes: 120 }, true), limit);

test.run();
