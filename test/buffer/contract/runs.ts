// What becomes of a run: stored, stored before, partly stored before, skipped.
import { assert, type Suite } from "../../harness.js";
import { readLog } from "../log.js";
import { run, texts } from "../run.js";
import { asStored, type Open, one, store } from "./open.js";

export function runContract(test: Suite, open: Open): void {
  test("a run stored before is not stored again and gets its original epoch and offset", async (t) => {
    const { buffer } = await open(t);
    const first = await store(buffer, "c", run("p", 1, texts("p", 3)));
    const again = asStored(one(await buffer.append("c", [run("p", 1, texts("p", 3))])));
    assert.equal(
      [again.duplicates, again.duplicateOffset, again.duplicateEpoch, again.offset],
      [3, first.offset, first.epoch, 0],
    );
    assert.equal((await readLog(buffer, "c")).contents, texts("p", 3));
  });

  test("a duplicate in a call with new runs: each gets its own outcome", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "c", run("other", 1, ["first"]));
    const before = await store(buffer, "c", run("p", 1, texts("p", 2)));
    const outcomes = await buffer.append("c", [
      run("new", 1, texts("new", 2)),
      run("p", 1, texts("p", 2)),
      run("other", 2, ["second"]),
    ]);
    const [fresh, duplicate, last] = outcomes.map(asStored);
    assert.equal([fresh?.duplicates, fresh?.offset], [0, 4]);
    assert.equal([duplicate?.duplicates, duplicate?.duplicateOffset, duplicate?.offset], [2, before.offset, 0]);
    assert.equal([last?.duplicates, last?.offset], [0, 6]);
    assert.equal((await readLog(buffer, "c")).contents, ["first", "p/1", "p/2", "new/1", "new/2", "second"]);
  });

  test("a run older than the producer's last is a duplicate, at its original offset", async (t) => {
    const { buffer } = await open(t);
    const originals = [];
    for (let i = 0; i < 20; i++) {
      originals.push(await store(buffer, "c", run("p", i * 2 + 1, texts("p", 2, i * 2 + 1))));
      await store(buffer, "c", run("other", i + 1, [`other/${i}`]));
    }
    for (const [i, original] of originals.entries()) {
      const again = asStored(one(await buffer.append("c", [run("p", i * 2 + 1, texts("p", 2, i * 2 + 1))])));
      assert.equal(
        [again.duplicates, again.duplicateOffset, again.duplicateEpoch, again.offset],
        [2, original.offset, original.epoch, 0],
        `run ${i}`,
      );
    }
    assert.is((await readLog(buffer, "c")).contents.length, 60);
    assert.is((await store(buffer, "c", run("p", 41, ["p/41"]))).offset, 61);
  });

  test("a run in the middle of a batch is a duplicate, at its original offset", async (t) => {
    const { buffer } = await open(t);
    await buffer.append("c", [run("a", 1, texts("a", 3)), run("p", 1, texts("p", 4)), run("b", 1, texts("b", 3))]);
    await store(buffer, "c", run("p", 5, ["p/5"]));
    const again = asStored(one(await buffer.append("c", [run("p", 2, texts("p", 2, 2))])));
    assert.equal([again.duplicates, again.duplicateOffset, again.offset], [2, 5, 0]);
  });

  test("a run partly stored before is stored from where it broke off", async (t) => {
    const { buffer } = await open(t);
    const first = await store(buffer, "c", run("p", 1, texts("p", 2)));
    await store(buffer, "c", run("other", 1, ["between"]));
    const rest = asStored(one(await buffer.append("c", [run("p", 1, texts("p", 5))])));
    assert.equal(rest, {
      kind: "stored",
      duplicates: 2,
      duplicateEpoch: first.epoch,
      duplicateOffset: first.offset,
      epoch: first.epoch,
      offset: 4,
    });
    const log = await readLog(buffer, "c");
    assert.equal(log.contents, ["p/1", "p/2", "between", "p/3", "p/4", "p/5"]);
    assert.equal(
      log.batches.map((batch) => batch.count),
      [2, 1, 3],
    );
    assert.is((await store(buffer, "c", run("p", 6, ["p/6"]))).offset, 7);
  });

  test("a run that skips ahead is refused with the number expected; the others of the call are stored", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "c", run("p", 1, texts("p", 2)));
    const [before, skipped, after] = await buffer.append("c", [
      run("q", 1, ["q/1"]),
      run("p", 4, ["p/4"]),
      run("r", 1, ["r/1"]),
    ]);
    assert.equal(skipped, { kind: "skipped", expected: 3 });
    assert.equal([asStored(before).offset, asStored(after).offset], [3, 4]);
    assert.equal((await readLog(buffer, "c")).contents, ["p/1", "p/2", "q/1", "r/1"]);
    assert.is((await store(buffer, "c", run("p", 3, ["p/3"]))).offset, 5);
  });

  test("a producer begins with sequence 1; another number is refused with 1 expected", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "c", run("first", 1, ["first"]));
    assert.equal(await buffer.append("c", [run("p", 5, ["p/5"])]), [{ kind: "skipped", expected: 1 }]);
    assert.equal(await buffer.append("c", [run("p", 2, ["p/2"])]), [{ kind: "skipped", expected: 1 }]);
    assert.is((await store(buffer, "c", run("p", 1, ["p/1"]))).offset, 2);
    assert.equal((await readLog(buffer, "c")).contents, ["first", "p/1"]);
  });

  test("an append that is refused altogether creates no channel", async (t) => {
    const { buffer } = await open(t);
    assert.equal(await buffer.append("c", [run("p", 2, ["2"]), run("q", 3, ["3"])]), [
      { kind: "skipped", expected: 1 },
      { kind: "skipped", expected: 1 },
    ]);
    assert.is(await buffer.state("c"), undefined);
    assert.equal((await buffer.channels("", undefined, 10)).channels, []);
  });

  test("several runs of one producer in one call continue one another", async (t) => {
    const { buffer } = await open(t);
    const outcomes = await buffer.append("c", [
      run("p", 1, texts("p", 2)),
      run("p", 3, texts("p", 1, 3)),
      run("p", 5, ["skipped"]),
      run("p", 4, texts("p", 2, 4)),
    ]);
    assert.equal(outcomes[2], { kind: "skipped", expected: 4 });
    assert.equal(
      [0, 1, 3].map((i) => asStored(outcomes[i]).offset),
      [1, 3, 4],
    );
    assert.equal((await readLog(buffer, "c")).contents, texts("p", 5));
  });

  test("the same run twice in one call is stored once", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "c", run("other", 1, ["first"]));
    const outcomes = await buffer.append("c", [run("p", 1, texts("p", 2)), run("p", 1, texts("p", 3))]);
    const [first, second] = outcomes.map(asStored);
    assert.equal([first?.duplicates, first?.offset], [0, 2]);
    assert.equal(
      [second?.duplicates, second?.duplicateOffset, second?.duplicateEpoch, second?.offset],
      [2, 2, first?.epoch, 4],
    );
    assert.equal((await readLog(buffer, "c")).contents, ["first", ...texts("p", 3)]);
  });

  test("runs stored before are duplicates after a restart, at their original offsets", async (t) => {
    const { buffer, restart } = await open(t);
    const originals = [];
    for (let i = 1; i <= 10; i++) {
      originals.push(await store(buffer, "c", run("p", i, [`p/${i}`])));
      await store(buffer, "c", run("q", i, [`q/${i}`]));
    }
    const reopened = await restart();
    for (const [i, original] of originals.entries()) {
      const again = asStored(one(await reopened.append("c", [run("p", i + 1, [`p/${i + 1}`])])));
      assert.equal(
        [again.duplicates, again.duplicateOffset, again.duplicateEpoch],
        [1, original.offset, original.epoch],
      );
    }
    assert.equal(await reopened.append("c", [run("q", 12, ["q/12"])]), [{ kind: "skipped", expected: 11 }]);
    assert.is((await store(reopened, "c", run("p", 11, ["p/11"]))).offset, 21);
    assert.is((await readLog(reopened, "c")).contents.length, 21);
  });
}
