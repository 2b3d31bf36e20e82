// Offsets, batches, bytes.
import { assert, type Suite } from "../../harness.js";
import { readLog, stateOf } from "../log.js";
import { run, texts } from "../run.js";
import { asStored, handlesOf, type Open, store } from "./open.js";

export function appendContract(test: Suite, open: Open): void {
  test("offsets are 1, 2, 3, … without holes, whatever the sizes of the runs", async (t) => {
    const { buffer } = await open(t);
    const counts = [1, 3, 1, 100, 2];
    let next = 1;
    for (const [i, count] of counts.entries()) {
      const stored = await store(buffer, "c", run(`p${i}`, 1, texts(`p${i}`, count)));
      assert.is(stored.offset, next);
      next += count;
    }
    assert.equal(
      (await readLog(buffer, "c")).contents,
      counts.flatMap((count, i) => texts(`p${i}`, count)),
    );
    assert.is((await stateOf(buffer, "c")).next, next);
  });

  test("the runs of one append are one batch, in their order", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "c", run("z", 1, ["before"]));
    const outcomes = await buffer.append("c", [
      run("b", 1, texts("b", 2)),
      run("a", 1, texts("a", 3)),
      run("b", 3, texts("b", 1, 3)),
    ]);
    assert.equal(
      outcomes.map((outcome) => asStored(outcome).offset),
      [2, 4, 7],
    );
    const { batches } = await readLog(buffer, "c");
    assert.equal(
      batches.map((batch) => [batch.first, batch.count]),
      [
        [1, 1],
        [2, 6],
      ],
    );
    const [first] = outcomes;
    assert.is(asStored(first).epoch, batches[1]!.epoch);
    assert.equal((await readLog(buffer, "c", 2)).contents, ["b/1", "b/2", "a/1", "a/2", "a/3", "b/3"]);
  });

  test("1,000 runs of 1,000 producers in one append, and all of them again", async (t) => {
    const { buffer } = await open(t);
    const runs = Array.from({ length: 1000 }, (_, i) => run(`p${i}`, 1, [`p${i}/1`]));
    const outcomes = await buffer.append("c", runs);
    assert.equal(
      outcomes.map((outcome) => asStored(outcome).offset),
      runs.map((_, i) => i + 1),
    );
    const again = await buffer.append("c", [...runs].reverse());
    assert.equal(
      again.map((outcome) => asStored(outcome).duplicateOffset),
      runs.map((_, i) => 1000 - i),
    );
    const { batches } = await readLog(buffer, "c");
    assert.equal(
      batches.map((batch) => batch.count),
      [1000],
    );
  });

  test("messages are read back byte by byte", async (t) => {
    const opened = await open(t);
    const { buffer } = opened;
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const lines = Buffer.from("\r\n\0\r\n$-1\r\n*1\r\n");
    const first = run("p", 1, [every, "", lines]);
    // An empty Message and one with a field that this version does not know.
    const odd = { producer: "p", sequence: 4, count: 2, messages: Buffer.from([0x7a, 0, 0x7a, 3, 0xa0, 0x06, 0x01]) };
    await store(buffer, "c", first);
    await store(buffer, "c", odd);
    const expected = Buffer.concat([first.messages, odd.messages]);
    for await (const reader of handlesOf(opened)) {
      const page = await reader.read("c", 1, 1e6);
      assert.ok(
        expected.equals(
          Buffer.concat(page.stretches.map((each) => ("messages" in each ? each.messages : Buffer.of()))),
        ),
      );
    }
  });

  test("what is appended to one channel does not show in another", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "a", run("p", 1, ["a/1"]));
    assert.is((await store(buffer, "b", run("p", 1, ["b/1"]))).offset, 1);
    assert.is((await store(buffer, "a", run("p", 2, ["a/2"]))).offset, 2);
    assert.equal((await readLog(buffer, "a")).contents, ["a/1", "a/2"]);
    assert.equal((await readLog(buffer, "b")).contents, ["b/1"]);
  });

  test("storedAt is Unix time in milliseconds and does not fall", async (t) => {
    const { buffer } = await open(t);
    const before = Date.now();
    for (let i = 1; i <= 50; i++) await store(buffer, "c", run("p", i, [`${i}`]));
    // readLog checks that it does not fall.
    for (const { storedAt } of (await readLog(buffer, "c")).batches) {
      assert.ok(Number.isInteger(storedAt) && storedAt >= before - 1 && storedAt <= Date.now() + 1, `${storedAt}`);
    }
  });

  test("a message of 1 MiB is stored and read alone and among small ones", async (t) => {
    const { buffer } = await open(t);
    const large = "x".repeat(2 ** 20);
    await store(buffer, "alone", run("p", 1, [large]));
    assert.ok((await readLog(buffer, "alone", 1, 1)).contents[0] === large);
    await store(buffer, "c", run("p", 1, ["small"]));
    await store(buffer, "c", run("p", 2, ["with", large]));
    await store(buffer, "c", run("p", 4, ["small again"]));
    const log = await readLog(buffer, "c", 1, 64 * 1024);
    assert.equal(
      log.contents.map((content) => content.length),
      [5, 4, 2 ** 20, 11],
    );
  });

  test("the state counts the bytes of the batches and the offsets", async (t) => {
    const { buffer, restart } = await open(t);
    let bytes = 0;
    for (let i = 0; i < 10; i++) {
      const appended = run("p", i * 5 + 1, texts("p", 5, i * 5 + 1));
      bytes += appended.messages.length;
      await store(buffer, "c", appended);
      const state = await stateOf(buffer, "c");
      assert.equal([state.first, state.next, state.bytes], [1, i * 5 + 6, bytes]);
    }
    const state = await stateOf(await restart(), "c");
    assert.equal([state.first, state.next, state.bytes], [1, 51, bytes]);
  });

  test("a state that was answered does not change later", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "c", run("p", 1, ["1"]));
    const state = await stateOf(buffer, "c");
    const copy = structuredClone(state);
    await store(buffer, "c", run("p", 2, ["2"]));
    assert.equal(structuredClone(state), copy);
  });

  test("an append without runs answers without outcomes and creates nothing", async (t) => {
    const { buffer } = await open(t);
    assert.equal(await buffer.append("c", []), []);
    assert.is(await buffer.state("c"), undefined);
  });

  test("a failure of one channel does not touch another", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "good", run("p", 1, ["1"]));
    // Refused runs and reads of nothing, in the middle of appends elsewhere.
    const work = Array.from({ length: 50 }, async (_, i) => {
      await buffer.append("bad", [run("p", 5, ["never"])]);
      await buffer.read("bad", 1000, 1);
      return store(buffer, "good", run(`p${i}`, 1, [`${i}`]));
    });
    const offsets = (await Promise.all(work)).map((stored) => stored.offset).sort((a, b) => a - b);
    assert.equal(
      offsets,
      Array.from({ length: 50 }, (_, i) => i + 2),
    );
    assert.is(await buffer.state("bad"), undefined);
  });
}
