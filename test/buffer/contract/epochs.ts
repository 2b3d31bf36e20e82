// Epochs, and the position table of docs/design.md over states that a buffer really answers.
import { type Gap, head, type Position, resume } from "../../../src/wire/position.js";
import { assert, type Suite, until } from "../../harness.js";
import { readLog, stateOf } from "../log.js";
import { run, texts } from "../run.js";
import { type Open, store } from "./open.js";

export function epochContract(test: Suite, open: Open): void {
  test("a new channel has one epoch from offset 1, a Unix time in milliseconds", async (t) => {
    const { buffer } = await open(t);
    const before = Date.now();
    const stored = await store(buffer, "c", run("p", 1, texts("p", 3)));
    const { epochs } = await stateOf(buffer, "c");
    assert.equal(epochs, [{ epoch: stored.epoch, first: 1 }]);
    assert.ok(stored.epoch >= before - 2 && stored.epoch <= Date.now() + 2, `${stored.epoch}`);
  });

  test("an epoch lasts while the buffer is open, for all handles", async (t) => {
    const { buffer, other } = await open(t);
    const handles = [buffer, await other()];
    const { epoch } = await store(buffer, "c", run("p", 1, ["1"]));
    for (let i = 2; i <= 50; i++) {
      assert.equal((await store(handles[i % 2]!, "c", run("p", i, [`${i}`]))).epoch, epoch);
    }
    for (const handle of handles) assert.equal((await stateOf(handle, "c")).epochs, [{ epoch, first: 1 }]);
    assert.ok((await readLog(buffer, "c")).batches.every((batch) => batch.epoch === epoch));
  });

  test("a buffer closed and opened again goes on in the same epoch", async (t) => {
    const { buffer, restart } = await open(t);
    let handle = buffer;
    for (let i = 0; i < 4; i++) {
      await store(handle, "c", run("p", i * 10 + 1, texts("p", 10, i * 10 + 1)));
      const before = await stateOf(handle, "c");
      handle = await restart();
      assert.equal(await stateOf(handle, "c"), before);
    }
    assert.equal((await readLog(handle, "c")).contents, texts("p", 40));
  });

  test("every position resumes where docs/design.md says, and reading goes on there", async (t) => {
    const { buffer } = await open(t, { retention: ["messages=20"] });
    for (let i = 1; i <= 200; i++) await store(buffer, "c", run("p", i, [`p/${i}`]));
    const state = await stateOf(buffer, "c");
    const { epoch } = state.epochs.at(-1)!;
    const { first, next } = state;
    const trimmed = (from: number): Gap => ({ reason: "trimmed", from, to: first - 1 });
    const reset: Gap = { reason: "reset", from: 0, to: 0 };
    const table: [string, Position, number, Gap[]][] = [
      ["the head", head(state), next, []],
      ["in the log", { epoch, offset: first + 4 }, first + 5, []],
      ["just before what is retained", { epoch, offset: first - 1 }, first, []],
      ["before what is retained", { epoch, offset: 3 }, first, [trimmed(4)]],
      ["nothing received", { epoch: 0, offset: 0 }, first, [trimmed(1)]],
      ["beyond the head", { epoch, offset: next + 9 }, next, [{ reason: "diverged", from: next, to: next + 9 }]],
      ["an unknown epoch", { epoch: epoch - 5, offset: first + 4 }, first, [reset]],
      ["an epoch from the future", { epoch: epoch + 5, offset: first + 4 }, first, [reset]],
    ];
    for (const [what, position, goesOn, gaps] of table) {
      const resumed = resume(position, state);
      assert.equal(resumed.gaps, gaps, what);
      assert.equal(resumed.cursor, { epoch, next: goesOn }, what);
      const log = await readLog(buffer, "c", resumed.cursor.next);
      assert.equal([log.contents[0], log.gaps], [goesOn < next ? `p/${goesOn}` : undefined, []], what);
    }
  });

  test("positions of a channel that is gone, and of its next life", async (t) => {
    const { buffer } = await open(t, { retention: ["age=700ms"] });
    await store(buffer, "c", run("p", 1, texts("old", 9)));
    const received = head(await stateOf(buffer, "c"));
    assert.is(received.offset, 9);
    await until(async () => (await buffer.state("c")) === undefined, "the channel disappears");
    const gone = await buffer.state("c");
    assert.equal(resume(received, gone), {
      cursor: { epoch: 0, next: 1 },
      gaps: [{ reason: "reset", from: 0, to: 0 }],
    });
    assert.equal(resume({ epoch: 0, offset: 0 }, gone), { cursor: { epoch: 0, next: 1 }, gaps: [] });
    const { epoch } = await store(buffer, "c", run("p", 1, texts("new", 3)));
    const resumed = resume(received, await stateOf(buffer, "c"));
    assert.equal(resumed.cursor, { epoch, next: 1 });
    // Either the old epoch is unknown, or what was received in it is known to be another.
    assert.is(resumed.gaps.length, 1);
    assert.ok(["reset", "diverged"].includes(resumed.gaps[0]!.reason));
  });
}
