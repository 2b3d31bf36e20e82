// A publish cut into runs that fit a batch: nothing lost, nothing moved, no run larger than allowed.
import fc from "fast-check";
import { answersOf, splitRuns } from "../../src/broker/publish.js";
import { countMessages, encodePublisher, readPublish, spliceMessages } from "../../src/wire/batch.js";
import { RepriseError } from "../../src/wire/errors.js";
import { batchBytes, batchMessages } from "../../src/wire/limits.js";
import { assert, suite } from "../harness.js";
import { check } from "../wire/arbitraries.js";
import { elements, lenField, varintField } from "../wire/encoding.js";

const test = suite("runs of a publish");

const publisher = encodePublisher("ann", "7");

function publishOf(sizes: readonly number[], sequence: number) {
  const messages = sizes.map((size, i) => lenField(1, Buffer.alloc(size, i)));
  const publish = readPublish(Buffer.concat([lenField(1, "c"), varintField(2, sequence), elements(messages)]));
  return { publish, messages: spliceMessages(publish, publisher) };
}

const sizes = fc.oneof(
  fc.array(fc.constantFrom(0, 1, 50, 60), { minLength: 1, maxLength: 3_000, size: "max" }),
  fc.array(fc.oneof(fc.nat(200), fc.constantFrom(batchBytes - 30, batchBytes, batchBytes + 1, 200_000)), {
    minLength: 1,
    maxLength: 60,
    size: "max",
  }),
);

test("runs hold all messages in order, are numbered on from each other, and fit a batch", () => {
  check(
    fc.property(sizes, fc.boolean(), (sizes, numbered) => {
      const { publish, messages } = publishOf(sizes, 41);
      const runs = splitRuns(messages, publish, numbered ? "p1" : undefined);
      assert.ok(Buffer.concat(runs.map((run) => run.messages)).equals(messages));
      let sequence = 41;
      for (const run of runs) {
        assert.is(countMessages(run.messages), run.count);
        assert.equal(run.numbered, numbered ? { producer: "p1", sequence } : undefined);
        sequence += run.count;
        assert.ok(run.count <= batchMessages);
        assert.ok(run.messages.length <= batchBytes || run.count === 1, "only one large message is larger");
      }
      assert.is(sequence - 41, sizes.length);
    }),
    100,
  );
});

test("runs are no smaller than they have to be: two neighbours would not have fitted one batch", () => {
  check(
    fc.property(sizes, (sizes) => {
      const { publish, messages } = publishOf(sizes, 1);
      const runs = splitRuns(messages, publish, undefined);
      for (const [i, run] of runs.slice(0, -1).entries()) {
        const next = runs[i + 1]!;
        assert.ok(run.count + next.count > batchMessages || run.messages.length + next.messages.length > batchBytes);
      }
    }),
    100,
  );
});

test("P-11 answers: stored now, stored before, in part, or skipped", () => {
  const run = { count: 5, messages: Buffer.alloc(0), numbered: { producer: "p", sequence: 10 } };
  const stored = { kind: "stored", duplicateEpoch: 2, duplicateOffset: 100, epoch: 3, offset: 200 } as const;
  const now = (first: number, count: number, offset: number) => ({
    channel: "c",
    sequence: first,
    count,
    epoch: 3,
    first: offset,
    duplicate: false,
  });
  const before = (count: number) => ({ ...now(10, count, 100), epoch: 2, duplicate: true });
  assert.equal(answersOf("c", run, { ...stored, duplicates: 0 }), [now(10, 5, 200)]);
  assert.equal(answersOf("c", run, { ...stored, duplicates: 5 }), [before(5)]);
  assert.equal(answersOf("c", run, { ...stored, duplicates: 2 }), [before(2), now(12, 3, 200)]);
  const unnumbered = { count: 5, messages: Buffer.alloc(0) };
  assert.equal(answersOf("c", unnumbered, { ...stored, duplicates: 0 }), [now(0, 5, 200)]);
  assert.throws(
    () => answersOf("c", run, { kind: "skipped", expected: 7 }),
    (thrown: unknown) =>
      thrown instanceof RepriseError && thrown.code === "sequence_skipped" && thrown.expectedSequence === 7,
  );
});

test.run();
