// How much stays, and what is said of the rest.
import type { ReplayBuffer } from "../../../src/buffer/buffer.js";
import { assert, type Suite, until } from "../../harness.js";
import { endOf, firstOf, isGap, readLog, stateOf } from "../log.js";
import { run, texts } from "../run.js";
import { asStored, handlesOf, type Open, one, store } from "./open.js";

/** The log from 1 on begins with an exact `trimmed` gap and agrees with the state. */
async function checkTrimmed(buffer: ReplayBuffer, channel: string): Promise<void> {
  const state = await stateOf(buffer, channel);
  assert.ok(state.first > 1, "something was trimmed");
  for (const from of [1, 2, state.first - 1]) {
    const { stretches } = await buffer.read(channel, from, 1);
    assert.equal(stretches[0], { reason: "trimmed", from, to: state.first - 1 });
    // A gap takes no bytes, but it may stand alone.
    if (stretches[1]) assert.is(firstOf(stretches[1]), state.first);
  }
  const log = await readLog(buffer, channel, 1, 500);
  assert.equal(log.gaps, [{ reason: "trimmed", from: 1, to: state.first - 1 }]);
  assert.is(endOf(log.batches.at(-1)!), state.next);
  assert.is(
    log.batches.reduce((sum, batch) => sum + batch.messages.length, 0),
    state.bytes,
  );
  const whole = await buffer.read(channel, state.first, 1);
  assert.not(isGap(whole.stretches[0]!));
}

export function retentionContract(test: Suite, open: Open): void {
  test("by messages: never less than the limit, bounded above; the rest is a trimmed gap, exact and first", async (t) => {
    const { buffer, restart } = await open(t, { retention: ["messages=500"] });
    const total = 6_000;
    for (let next = 1, batch = 1; next <= total; next += batch, batch = Math.min((batch * 7) % 31, total + 1 - next)) {
      await store(buffer, "c", run("p", next, texts("p", batch, next)));
      const state = await stateOf(buffer, "c");
      const kept = state.next - state.first;
      assert.ok(kept >= Math.min(500, state.next - 1), `${kept} of ${state.next - 1} are kept`);
      assert.ok(kept <= 2 * 500 + 30, `${kept} are kept`);
    }
    await checkTrimmed(buffer, "c");
    const before = await stateOf(buffer, "c");
    const reopened = await restart();
    const after = await stateOf(reopened, "c");
    assert.ok(after.first >= before.first && after.next - after.first >= 500);
    await checkTrimmed(reopened, "c");
    assert.is((await store(reopened, "c", run("p", 6_001, ["p/6001"]))).offset, 6_001);
  });

  test("by bytes: never less than the limit, bounded above", async (t) => {
    const limit = 64 * 1024;
    const { buffer } = await open(t, { retention: ["bytes=64KiB"] });
    let largest = 0;
    for (let i = 0; i < 150; i++) {
      const appended = run(
        "p",
        i * 10 + 1,
        Array.from({ length: 10 }, () => "x".repeat(300)),
      );
      largest = Math.max(largest, appended.messages.length);
      await store(buffer, "c", appended);
      const { bytes, first } = await stateOf(buffer, "c");
      assert.ok(first === 1 || bytes >= limit, `${bytes} bytes are kept`);
      assert.ok(bytes <= 2 * limit + largest, `${bytes} bytes are kept`);
    }
    await checkTrimmed(buffer, "c");
  });

  test("by age: what is younger stays, what is older goes as appends go on", async (t) => {
    const ageMs = 700;
    const { buffer } = await open(t, { retention: [`age=${ageMs}ms`] });
    // For each message when its append began: it was stored no earlier.
    const began: number[] = [];
    const append = async () => {
      began.push(Date.now());
      await store(buffer, "c", run("p", began.length, [`${began.length}`]));
    };
    await append();
    let trimmed = 0;
    await until(async () => {
      await append();
      const { first } = await stateOf(buffer, "c");
      const now = Date.now();
      for (; trimmed < first - 1; trimmed++) {
        const age = now - began[trimmed]!;
        assert.ok(age >= ageMs - 2, `message ${trimmed + 1} went at an age of ${age} ms`);
      }
      return trimmed >= 20;
    }, "20 messages are trimmed by age");
    await checkTrimmed(buffer, "c");
  });

  test("a limit smaller than a batch keeps at least the last message", async (t) => {
    const { buffer } = await open(t, { retention: ["messages=1"] });
    for (let next = 1; next <= 100; next += 10) {
      await store(buffer, "c", run("p", next, texts("p", 10, next)));
      const log = await readLog(buffer, "c");
      assert.is(log.contents.at(-1), `p/${next + 9}`);
    }
    await checkTrimmed(buffer, "c");
  });

  test("each channel keeps what its rule says", async (t) => {
    const { buffer } = await open(t, { retention: ["small.* messages=10"] });
    for (let i = 1; i <= 300; i++) {
      for (const channel of ["small.c", "large"]) await store(buffer, channel, run("p", i, [`${i}`]));
      const { first, next } = await stateOf(buffer, "small.c");
      assert.ok(next - first >= Math.min(10, i), `${next - first} of ${i} are kept`);
    }
    assert.is((await stateOf(buffer, "large")).first, 1);
    assert.is((await readLog(buffer, "large")).contents.length, 300);
    await checkTrimmed(buffer, "small.c");
  });

  test("a run that was trimmed is still a duplicate; its place is right or said to be unknown", async (t) => {
    const opened = await open(t, { retention: ["messages=10"] });
    const { buffer } = opened;
    for (let i = 1; i <= 200; i++) await store(buffer, "c", run("p", i, [`${i}`]));
    for await (const handle of handlesOf(opened)) {
      for (const sequence of [1, 2, 100]) {
        const again = asStored(one(await handle.append("c", [run("p", sequence, [`${sequence}`])])));
        assert.equal([again.duplicates, again.offset], [1, 0]);
        assert.ok([0, sequence].includes(again.duplicateOffset), `offset ${again.duplicateOffset} for ${sequence}`);
      }
      assert.is((await stateOf(handle, "c")).next, 201);
    }
  });

  test("a producer outlives its messages", async (t) => {
    const opened = await open(t, { retention: ["messages=10"] });
    const { buffer } = opened;
    await store(buffer, "c", run("quiet", 1, ["only"]));
    for (let i = 1; i <= 200; i++) await store(buffer, "c", run("p", i, [`${i}`]));
    assert.ok((await stateOf(buffer, "c")).first > 1);
    for await (const handle of handlesOf(opened)) {
      assert.is(asStored(one(await handle.append("c", [run("quiet", 1, ["only"])]))).duplicates, 1);
      assert.equal(await handle.append("c", [run("quiet", 3, ["3"])]), [{ kind: "skipped", expected: 2 }]);
    }
  });
}
