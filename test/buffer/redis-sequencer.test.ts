// The sequencer against a simulated store: whatever is lost, repeated, late or answered late, a watcher gets the log.
import fc from "fast-check";
import type { ChannelState, StoredBatch, Stretch } from "../../src/buffer/buffer.js";
import type { Head } from "../../src/buffer/redis/head.js";
import type { HeadedPage } from "../../src/buffer/redis/page.js";
import { createSequencer, type LogSource, type Mark, type Sequencer } from "../../src/buffer/redis/sequencer.js";
import { currentEpoch, type EpochStart, head, openEpoch, type Position, resume } from "../../src/wire/position.js";
import { assert, suite, type T } from "../harness.js";
import { endOf, firstOf, isGap } from "./log.js";
import { contents, message } from "./run.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A channel's log as the store holds it; `published` is what it told the topic. */
function simulateStore() {
  let epochs: EpochStart[] = [];
  let batches: StoredBatch[] = [];
  let lineage = 0;
  let openedUnder = -1;
  let written = 0;
  let oldest = 1;
  const next = () => (batches.length > 0 ? endOf(batches.at(-1)!) : 1);
  return {
    published: [] as StoredBatch[],
    batches: () => batches,
    head: (): Head => (epochs.length > 0 ? { epoch: epochs.at(-1)!.epoch, next: next() } : { epoch: 0, next: 1 }),
    append(count: number): StoredBatch {
      const first = next();
      if (openedUnder !== lineage) epochs = openEpoch(epochs, first, 100 * lineage + 100);
      openedUnder = lineage;
      // No two messages are alike: an offset that is given twice shows.
      const messages = Buffer.concat(Array.from({ length: count }, () => message(`${++written}`)));
      const batch = { epoch: epochs.at(-1)!.epoch, first, count, storedAt: 1, messages };
      batches = [...batches, batch];
      this.published.push(batch);
      return batch;
    },
    /** A crash: the last batches are gone. `unnoticed`: the store does not know, and goes on in the same epoch. */
    lose(count: number, unnoticed = false): void {
      if (!unnoticed) lineage++;
      batches = batches.slice(0, Math.max(0, batches.length - count));
      epochs = epochs.filter((entry, i) => i === 0 || entry.first < next());
      if (batches.length === 0) epochs = [];
    },
    state(): ChannelState | undefined {
      return epochs.length === 0 ? undefined : { epochs: [...epochs], first: oldest, next: next(), bytes: 0 };
    },
    /** Retention: nothing before `first` is there any more. */
    trim(first: number): void {
      oldest = first;
    },
    read(from: number, mostBatches: number): HeadedPage {
      const kept = batches.filter((batch) => endOf(batch) > from && batch.first >= oldest).slice(0, mostBatches);
      const last = kept.at(-1);
      const gap: Stretch[] = from < oldest ? [{ reason: "trimmed", from, to: oldest - 1 }] : [];
      const stretches = [...gap, ...kept];
      return { stretches, end: !last || endOf(last) === next(), head: this.head() };
    },
  };
}

type Store = ReturnType<typeof simulateStore>;

/** Requests are executed by the store, answered, or fail, when the test says so. */
function simulateSource(store: Store, mostBatches: number) {
  const requests: { execute: () => void; answer: () => void; fail: () => void }[] = [];
  function ask<R>(execute: () => R): Promise<R | undefined> {
    return new Promise((resolve) => {
      let result: R | undefined;
      let executed = false;
      const run = () => {
        if (!executed) result = execute();
        executed = true;
      };
      const answer = () => {
        run();
        resolve(result);
      };
      requests.push({ execute: run, answer, fail: () => resolve(undefined) });
    });
  }
  const source: LogSource = {
    state: () => ask(() => ({ state: store.state() })),
    read: (from) => ask(() => store.read(from, mostBatches)),
  };
  return { source, requests };
}

/** Takes down what a watcher is told, and what is wrong with it. */
function simulateWatcher(start: ChannelState | undefined) {
  const told: Stretch[] = [];
  const broken: string[] = [];
  let last: Position = head(start);
  let next = last.offset + 1;
  let epoch = last.epoch;
  /** How many stretches had been told at the last change. */
  let since = 0;
  return {
    told,
    broken,
    changes: 0,
    get sinceChange() {
      return told.slice(since);
    },
    stretch(stretch: Stretch) {
      told.push(stretch);
      if (firstOf(stretch) !== next) broken.push(`${firstOf(stretch)} after ${next - 1}`);
      next = endOf(stretch);
      if (isGap(stretch)) return;
      if (epoch !== 0 && stretch.epoch > epoch) broken.push(`epoch ${stretch.epoch} was not announced`);
      if (epoch === 0) epoch = stretch.epoch;
      last = { epoch: stretch.epoch, offset: next - 1 };
    },
    changed(this: { changes: number }, state: ChannelState | undefined) {
      this.changes++;
      since = told.length;
      next = resume(last, state).cursor.next;
      last = state ? { epoch: currentEpoch(state), offset: next - 1 } : { epoch: 0, offset: 0 };
      epoch = last.epoch;
    },
  };
}

async function simulate(t: T, options: { mostBatches?: number; before?: number } = {}) {
  const store = simulateStore();
  for (let i = 0; i < (options.before ?? 0); i++) store.append(2);
  const { source, requests } = simulateSource(store, options.mostBatches ?? 100);
  const start = store.state();
  const watcher = simulateWatcher(start);
  const sequencer: Sequencer = createSequencer(source, watcher);
  t.after(() => sequencer.close());
  const comparisons: { sent: Mark; head: Head }[] = [];
  return {
    store,
    requests,
    watcher,
    sequencer,
    comparisons,
    begin: async () => {
      sequencer.begin(start);
      await turn();
    },
    /** Answers requests until there are none. */
    async settle() {
      for (let quiet = 0; quiet < 2; ) {
        await turn();
        const request = requests.shift();
        request?.answer();
        quiet = request ? 0 : quiet + 1;
      }
    },
    async compareNow() {
      sequencer.compare(sequencer.mark(), store.head());
      await this.settle();
    },
    textsTold: () => watcher.told.flatMap((each) => (isGap(each) ? [] : contents(each.messages))),
    textsStored: (from = 1) =>
      store.batches().flatMap((batch) => contents(batch.messages).slice(Math.max(0, from - batch.first))),
  };
}

const unit = suite("redis sequencer");

unit("live batches in order need no request", async (t) => {
  const s = await simulate(t, { before: 3 });
  await s.begin();
  for (let i = 1; i < 5; i++) s.sequencer.live(s.store.append(i));
  assert.equal(s.textsTold(), s.textsStored(7));
  assert.is(s.requests.length, 0);
});

unit("a lost batch is read once, and what came live meanwhile is not lost", async (t) => {
  const s = await simulate(t);
  s.store.append(1);
  await s.begin();
  s.sequencer.live(s.store.append(2)); // the channel is new to it
  await s.settle();
  s.store.append(3); // lost
  s.sequencer.live(s.store.append(1));
  await turn();
  assert.is(s.requests.length, 1);
  s.requests[0]!.execute();
  for (let i = 0; i < 10; i++) s.sequencer.live(s.store.append(2));
  for (const late of s.store.batches().slice(0, 4)) s.sequencer.live(late);
  s.requests.shift()!.answer();
  await turn();
  assert.is(s.requests.length, 0);
  assert.equal(s.textsTold(), s.textsStored());
  assert.equal(s.watcher.broken, []);
});

unit("a lost last batch is found by the comparison of heads", async (t) => {
  const s = await simulate(t, { before: 1 });
  await s.begin();
  s.store.append(5);
  assert.is(s.textsTold().length, 0);
  await s.compareNow();
  assert.equal(s.textsTold(), s.textsStored(3));
});

unit("a comparison older than what came live is not taken for a log that went back", async (t) => {
  const s = await simulate(t, { before: 2 });
  await s.begin();
  const sent = s.sequencer.mark();
  const old = s.store.head();
  for (let i = 0; i < 3; i++) s.sequencer.live(s.store.append(1));
  s.sequencer.compare(sent, old);
  await turn();
  assert.is(s.requests.length, 0);
  assert.is(s.watcher.changes, 0);
});

unit("a log that went back is noticed though it has grown beyond until it is read", async (t) => {
  for (const unnoticed of [false, true]) {
    const s = await simulate(t, { before: 5 });
    await s.begin();
    s.sequencer.live(s.store.append(4)); // 11..14
    const sent = s.sequencer.mark();
    s.store.lose(2, unnoticed);
    const back = s.store.head();
    s.store.append(20); // 9..28, live but lost
    s.sequencer.compare(sent, back);
    await s.settle();
    assert.is(s.watcher.changes, 1);
    assert.equal(s.watcher.sinceChange.map(firstOf), [9]);
    assert.equal(s.watcher.broken, []);
  }
});

unit("a log that went back is noticed by a read, too", async (t) => {
  const s = await simulate(t, { before: 5 });
  await s.begin();
  s.store.append(2); // 11..12, lost
  const ahead = s.store.append(1);
  s.store.lose(3, true);
  s.sequencer.live(ahead);
  await s.settle();
  assert.is(s.watcher.changes, 1);
  s.sequencer.live(s.store.append(2));
  assert.equal(s.watcher.told.map(firstOf), [9]);
});

unit("a comparison from before the log went back says nothing any more", async (t) => {
  const s = await simulate(t, { before: 5 });
  await s.begin();
  const sent = s.sequencer.mark();
  s.store.lose(1, true);
  const back = s.store.head();
  await s.compareNow();
  assert.is(s.watcher.changes, 1);
  for (let i = 0; i < 3; i++) s.sequencer.live(s.store.append(1));
  s.sequencer.compare(sent, back);
  await s.settle();
  assert.is(s.watcher.changes, 1);
  assert.equal(s.watcher.told.map(firstOf), [9, 10, 11]);
});

unit("a late batch of an epoch that is over is not taken for the next one", async (t) => {
  const s = await simulate(t, { before: 5 });
  await s.begin();
  s.store.append(1); // 11
  const late = s.store.append(1); // 12
  s.store.lose(2);
  s.sequencer.live(s.store.append(1)); // 11, in a new epoch
  await s.settle();
  assert.is(s.sequencer.mark().head.next, 12);
  s.sequencer.live(late);
  // And while something is read.
  s.sequencer.live({ ...late, epoch: s.store.head().epoch, first: 20 });
  await turn();
  s.sequencer.live(late);
  await s.settle();
  s.sequencer.live(s.store.append(1));
  assert.equal(s.watcher.told.map(firstOf), [11, 12]);
  assert.equal(s.textsTold(), s.textsStored(11));
});

unit("what came live before a read is not passed on if the read does not show it", async (t) => {
  const s = await simulate(t, { before: 1, mostBatches: 1 });
  await s.begin();
  s.store.append(1);
  s.sequencer.live(s.store.append(1));
  await turn();
  s.sequencer.live(s.store.append(1)); // during the first read, which brings one batch
  s.requests.shift()!.answer();
  await turn();
  s.store.lose(1, true);
  await s.settle();
  assert.equal(s.textsTold(), s.textsStored(3));
  assert.is(s.watcher.changes, 0);
});

unit("a channel that disappeared and is created again", async (t) => {
  const s = await simulate(t, { before: 3 });
  await s.begin();
  s.store.lose(99);
  await s.compareNow();
  assert.is(s.watcher.changes, 1);
  s.sequencer.live(s.store.append(2));
  await s.settle();
  assert.equal(s.watcher.told.map(firstOf), [1]);
  assert.is(s.watcher.changes, 1);
  assert.equal(s.watcher.broken, []);
});

unit(
  "a channel that came into being and was trimmed before anything was heard of it: changed, then the rest",
  async (t) => {
    for (const kept of [0, 1]) {
      const s = await simulate(t);
      await s.begin();
      for (let i = 0; i < 3; i++) s.store.append(2); // 1..6, lost
      s.store.trim(kept === 0 ? 7 : 5);
      await s.compareNow();
      assert.is(s.watcher.changes, 1, "its epoch is told, also when no message is left to tell it");
      assert.equal(s.watcher.sinceChange.map(firstOf), kept === 0 ? [] : [5]);
      s.sequencer.live(s.store.append(2));
      assert.equal(s.watcher.sinceChange.map(firstOf), kept === 0 ? [7] : [5, 7]);
      assert.is(s.requests.length, 0);
      assert.equal(s.watcher.broken, []);
    }
  },
);

unit("batches that arrive before the watcher has its state are passed on after it, or dropped", async (t) => {
  const s = await simulate(t, { before: 2 });
  s.sequencer.live(s.store.batches()[1]!);
  s.sequencer.live(s.store.append(3));
  s.sequencer.live(s.store.append(1));
  assert.is(s.watcher.told.length, 0);
  await s.begin();
  assert.equal(s.textsTold(), s.textsStored(5));
  assert.is(s.requests.length, 0);
});

unit("a read that fails is tried again by the next comparison", async (t) => {
  const s = await simulate(t, { before: 1 });
  await s.begin();
  s.store.append(1);
  s.sequencer.live(s.store.append(1));
  await turn();
  s.requests.shift()!.fail();
  await turn();
  assert.is(s.requests.length, 0);
  await s.compareNow();
  assert.equal(s.textsTold(), s.textsStored(3));
});

unit("nothing is told after close, also in the middle of a page", async (t) => {
  const s = await simulate(t, { before: 1 });
  await s.begin();
  for (let i = 0; i < 5; i++) s.store.append(1);
  s.sequencer.compare(s.sequencer.mark(), s.store.head());
  await turn();
  const { stretch } = s.watcher;
  s.watcher.stretch = (each) => {
    stretch(each);
    if (s.watcher.told.length === 2) s.sequencer.close();
  };
  await s.settle();
  s.sequencer.live(s.store.append(1));
  await s.compareNow();
  assert.is(s.watcher.told.length, 2);
});

unit("what is held during a read is bounded", async (t) => {
  const s = await simulate(t, { before: 1 });
  await s.begin();
  s.store.append(1);
  s.sequencer.live(s.store.append(1));
  await turn();
  s.requests[0]!.execute();
  const large = (batch: StoredBatch) => ({ ...batch, messages: message(Buffer.alloc(2 ** 20)) });
  for (let i = 0; i < 100; i++) s.sequencer.live(large(s.store.append(1)));
  s.requests.shift()!.answer();
  await turn();
  // Had all of it been held, nothing would be left to read.
  assert.is(s.requests.length, 1);
  await s.settle();
  assert.equal(s.textsTold(), s.textsStored(3));
});

unit.run();

type Step =
  | { kind: "append"; count: number; fate: "live" | "lost" | "late" | "twice" }
  | { kind: "late"; which: number }
  | { kind: "compare" | "compared" | "execute" | "answer" | "fail" | "turn" }
  | { kind: "lose"; count: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      count: fc.integer({ min: 1, max: 4 }),
      fate: fc.constantFrom("live", "live", "live", "lost", "late", "twice"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("late" as const), which: fc.nat(20) }) },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constantFrom("compare", "compared", "execute", "answer", "answer", "fail", "turn"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("lose" as const), count: fc.integer({ min: 0, max: 6 }) }) },
);

async function take(s: Awaited<ReturnType<typeof simulate>>, step: Step): Promise<void> {
  const { store, sequencer, requests, comparisons } = s;
  switch (step.kind) {
    case "append": {
      const batch = store.append(step.count);
      const times = { live: 1, lost: 0, late: 0, twice: 2 }[step.fate];
      for (let i = 0; i < times; i++) sequencer.live(batch);
      return;
    }
    case "late": {
      // Any that was ever published, in any order.
      const batch = store.published[store.published.length - 1 - step.which];
      if (batch) sequencer.live(batch);
      return;
    }
    case "compare":
      comparisons.push({ sent: sequencer.mark(), head: store.head() });
      return;
    case "compared": {
      const comparison = comparisons.shift();
      if (comparison) sequencer.compare(comparison.sent, comparison.head);
      return;
    }
    case "execute":
      requests[0]?.execute();
      return;
    case "answer":
      requests.shift()?.answer();
      return turn() as Promise<void>;
    case "fail":
      requests.shift()?.fail();
      return turn() as Promise<void>;
    case "turn":
      return turn() as Promise<void>;
    case "lose":
      store.lose(step.count);
  }
}

const property = suite("redis sequencer, random schedules");

async function check(t: T, steps: readonly Step[], before: number, mostBatches: number): Promise<void> {
  const s = await simulate(t, { before, mostBatches });
  const start = s.store.head();
  await s.begin();
  for (const each of steps) await take(s, each);
  await s.settle();
  await s.compareNow();
  assert.equal(s.watcher.broken, []);
  assert.equal(s.sequencer.mark().head, s.store.head());
  // What it was told since the log last changed under it is what the log holds.
  const told = s.watcher.sinceChange as StoredBatch[];
  const from = told[0]?.first ?? s.store.head().next;
  assert.equal(
    told.flatMap((batch) => contents(batch.messages)),
    s.textsStored(from),
  );
  if (s.watcher.changes === 0) assert.equal(from, told.length > 0 ? start.next : s.store.head().next);
  s.sequencer.close();
}

property("loss, repetition, any order, late and failing answers: always the log, dense and in order", async (t) => {
  const steps = fc.array(
    step.filter((each) => each.kind !== "lose"),
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(3), fc.integer({ min: 1, max: 4 }), (steps, before, mostBatches) =>
      check(t, steps, before, mostBatches),
    ),
    { numRuns: 1000 },
  );
});

property("the same while the store loses the ends of its log", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.nat(3),
      fc.integer({ min: 1, max: 4 }),
      (steps, before, mostBatches) => check(t, steps, before, mostBatches),
    ),
    { numRuns: 1000 },
  );
});

property.run();
