// What a channel remembers of its producers.
import type { ReplayBuffer, RunOutcome } from "../../../src/buffer/buffer.js";
import { assert, type Suite } from "../../harness.js";
import { run } from "../run.js";
import { asStored, handlesOf, type Open, one, store } from "./open.js";

/** One message of each producer `name<from>` to `name<to>`, in that order, five hundred runs a call. */
async function appendMany(buffer: ReplayBuffer, name: string, from: number, to: number): Promise<RunOutcome[]> {
  const outcomes: RunOutcome[] = [];
  for (let i = from; i <= to; i += 500) {
    const runs = Array.from({ length: Math.min(500, to - i + 1) }, (_, k) =>
      run(`${name}${i + k}`, 1, [`${name}${i + k}`]),
    );
    outcomes.push(...(await buffer.append("c", runs)));
  }
  return outcomes;
}

export function producerContract(test: Suite, open: Open): void {
  test("sequences are numbered per channel and producer", async (t) => {
    const { buffer } = await open(t);
    // Names that differ in case only, or that an implementation may take for something else.
    const producers = [
      "abc",
      "ABC",
      "a",
      "0",
      "1",
      "-1",
      "__proto__",
      "constructor",
      "toString",
      "_",
      "-",
      "z".repeat(88),
    ];
    for (const channel of ["c", "d"]) {
      for (const [i, producer] of producers.entries()) {
        assert.equal(
          await buffer.append(channel, [run(producer, 2, ["2"])]),
          [{ kind: "skipped", expected: 1 }],
          producer,
        );
        assert.is((await store(buffer, channel, run(producer, 1, ["1"]))).offset, i + 1, producer);
      }
      for (const [i, producer] of producers.entries()) {
        const again = asStored(one(await buffer.append(channel, [run(producer, 1, ["1"])])));
        assert.equal([again.duplicates, again.duplicateOffset], [1, i + 1], producer);
      }
    }
  });

  test("the 5,000 producers of a channel that appended last are known; one 12,500 producers back is not", async (t) => {
    const opened = await open(t);
    const { buffer } = opened;
    await store(buffer, "c", run("old", 1, ["old"]));
    await store(buffer, "c", run("steady", 1, ["steady/1"]));
    await appendMany(buffer, "p", 1, 5_000);
    await store(buffer, "c", run("steady", 2, ["steady/2"]));
    await appendMany(buffer, "p", 5_001, 9_900);
    // 4,900 other producers since: still known. Appending makes it one of the last again.
    await store(buffer, "c", run("steady", 3, ["steady/3"]));
    await appendMany(buffer, "p", 9_901, 12_500);
    for await (const reader of handlesOf(opened)) {
      assert.equal(await reader.append("c", [run("old", 2, ["old/2"])]), [{ kind: "skipped", expected: 1 }]);
      for (const outcome of await appendMany(reader, "p", 7_502, 12_500)) assert.is(asStored(outcome).duplicates, 1);
      assert.is(asStored(one(await reader.append("c", [run("steady", 3, ["steady/3"])]))).duplicates, 1);
    }
  });

  test("a producer that is no longer known begins again with 1", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "c", run("old", 1, ["old"]));
    await appendMany(buffer, "p", 1, 12_500);
    const stored = await store(buffer, "c", run("old", 1, ["old, again"]));
    assert.is(stored.offset, 12_502);
  });
}
