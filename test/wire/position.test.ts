// The position table of docs/design.md, row by row, and against histories that forget nothing.
import fc from "fast-check";
import {
  before,
  currentEpoch,
  type EpochStart,
  epochAt,
  type Gap,
  head,
  type LogState,
  maxEpochs,
  nothingReceived,
  openEpoch,
  type Position,
  resume,
} from "../../src/wire/position.js";
import { assert, suite } from "../harness.js";

const test = suite("positions");

const reset: Gap = { reason: "reset", from: 0, to: 0 };
const diverged = (from: number, to: number): Gap => ({ reason: "diverged", from, to });
const trimmed = (from: number, to: number): Gap => ({ reason: "trimmed", from, to });

// Offsets 1..10 in epoch 100, 11..20 in 200, 21..30 in 300.
const epochs: EpochStart[] = [
  { epoch: 100, first: 1 },
  { epoch: 200, first: 11 },
  { epoch: 300, first: 21 },
];
const whole: LogState = { epochs, first: 1, next: 31 };
const late: LogState = { epochs, first: 16, next: 31 };
/** Nothing is retained. */
const bare: LogState = { epochs, first: 31, next: 31 };

const rows: [what: string, position: Position, log: LogState | undefined, next: number, epoch: number, gaps: Gap[]][] =
  [
    ["E is current", { epoch: 300, offset: 25 }, whole, 26, 300, []],
    ["E is current, all received", { epoch: 300, offset: 30 }, whole, 31, 300, []],
    ["E is current, O lies before it", { epoch: 300, offset: 20 }, whole, 21, 300, []],
    ["E is older, O before the next epoch", { epoch: 100, offset: 5 }, whole, 6, 100, []],
    ["E is older, O its last message", { epoch: 100, offset: 10 }, whole, 11, 200, []],
    ["E is older, O reaches into the next epoch", { epoch: 100, offset: 11 }, whole, 11, 200, [diverged(11, 11)]],
    ["E is older, O reaches beyond the next epoch", { epoch: 100, offset: 25 }, whole, 11, 200, [diverged(11, 25)]],
    ["E is older, O reaches beyond the head", { epoch: 200, offset: 99 }, whole, 21, 300, [diverged(21, 99)]],
    ["E is current, O lies beyond the head", { epoch: 300, offset: 33 }, whole, 31, 300, [diverged(31, 33)]],
    ["E is unknown", { epoch: 150, offset: 5 }, whole, 1, 100, [reset]],
    ["E is unknown and newer", { epoch: 400, offset: 25 }, whole, 1, 100, [reset]],
    ["E is unknown, the log trimmed", { epoch: 150, offset: 5 }, late, 16, 200, [reset]],
    ["O + 1 is no longer retained", { epoch: 100, offset: 5 }, late, 16, 200, [trimmed(6, 15)]],
    ["O + 1 is the first retained", { epoch: 200, offset: 15 }, late, 16, 200, []],
    ["diverged and trimmed", { epoch: 100, offset: 12 }, late, 16, 200, [diverged(11, 12), trimmed(11, 15)]],
    ["nothing received", nothingReceived, whole, 1, 100, []],
    ["nothing received, the log trimmed", nothingReceived, late, 16, 200, [trimmed(1, 15)]],
    ["nothing received, whatever the offset says", { epoch: 0, offset: 7 }, whole, 1, 100, []],
    ["nothing is retained", { epoch: 300, offset: 25 }, bare, 31, 300, [trimmed(26, 30)]],
    ["nothing is retained, all received", { epoch: 300, offset: 30 }, bare, 31, 300, []],
    ["no channel, nothing received", nothingReceived, undefined, 1, 0, []],
    ["no channel, something received", { epoch: 300, offset: 25 }, undefined, 1, 0, [reset]],
  ];

for (const [what, position, log, next, epoch, gaps] of rows) {
  test(`resume: ${what}`, () => {
    assert.equal(resume(position, log), { cursor: { epoch, next }, gaps });
  });
}

test("an offset belongs to the last epoch that began at or before it", () => {
  const expected: [number, number][] = [
    [1, 100],
    [10, 100],
    [11, 200],
    [20, 200],
    [21, 300],
    [31, 300],
  ];
  for (const [offset, epoch] of expected) assert.is(epochAt(whole, offset), epoch);
  // Epochs without messages.
  assert.is(epochAt({ epochs: [...epochs, { epoch: 400, first: 31 }], first: 1, next: 31 }, 31), 400);
  assert.is(epochAt({ epochs: epochs.slice(1), first: 1, next: 31 }, 5), 200);
});

test("head and before are positions that resume where they say", () => {
  assert.equal(head(undefined), nothingReceived);
  assert.equal(before(undefined, 7), nothingReceived);
  for (const log of [whole, late, bare]) {
    assert.equal(resume(head(log), log), { cursor: { epoch: 300, next: 31 }, gaps: [] });
    for (let offset = log.first; offset <= log.next; offset++) {
      assert.equal(resume(before(log, offset), log), {
        cursor: { epoch: epochAt(log, offset), next: offset },
        gaps: [],
      });
    }
  }
});

test("epochs are unique and ordered even if the clock is not; the last 16 are kept", () => {
  const clock = [1000, 1000, 500, 2000, 0, 1999, 5000];
  let table: EpochStart[] = [];
  const given: number[] = [];
  for (let i = 0; i < 40; i++) {
    const previous = structuredClone(table);
    const opened = openEpoch(table, i + 1, clock[i % clock.length]!);
    assert.equal(table, previous, "the table given is not touched");
    table = opened;
    given.push(table.at(-1)!.epoch);
    assert.is(table.at(-1)!.first, i + 1);
  }
  for (const [i, epoch] of given.entries()) if (i > 0) assert.ok(epoch > given[i - 1]!);
  assert.is(given[0], 1000);
  assert.equal(
    table.map(({ epoch }) => epoch),
    given.slice(-maxEpochs),
  );
});

// A history: a log that grows, loses its end to an older state of itself, is trimmed, or vanishes. Every message has a
// number of its own, so that it is known what a subscriber really holds.
interface History {
  /** The message at each offset, from 1 on, also the trimmed ones. */
  log: number[];
  epochs: EpochStart[];
  first: number;
  /** The store knows that its log may not continue what readers saw. */
  uncertain: boolean;
}

type Event =
  | { kind: "append"; count: number }
  /** A failover: the log is what it was `back` events ago. */
  | { kind: "failover"; back: number }
  | { kind: "trim"; count: number }
  | { kind: "vanish" }
  /** A subscriber takes its position, having received everything but the last `behind`. */
  | { kind: "subscriber"; behind: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("failover" as const), back: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("trim" as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("vanish" as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("subscriber" as const), behind: fc.integer({ min: 0, max: 5 }) }),
  },
);

interface Subscriber {
  position: Position;
  /** The messages at offsets 1..position.offset. */
  received: number[];
}

function play(events: readonly Event[]): { state: LogState | undefined; log: number[]; subscribers: Subscriber[] } {
  let history: History = { log: [], epochs: [], first: 1, uncertain: true };
  const past: History[] = [];
  const subscribers: Subscriber[] = [];
  let message = 0;
  const stateOf = ({ log, epochs, first }: History): LogState | undefined =>
    log.length === 0 ? undefined : { epochs, first, next: log.length + 1 };
  for (const [now, event] of events.entries()) {
    const { log, epochs, first, uncertain } = history;
    const state = stateOf(history);
    switch (event.kind) {
      case "append": {
        const appended = Array.from({ length: event.count }, () => ++message);
        history = {
          log: [...log, ...appended],
          epochs: uncertain ? openEpoch(epochs, log.length + 1, 1000 + now) : epochs,
          first,
          uncertain: false,
        };
        break;
      }
      case "failover":
        history = { ...(past[past.length - 1 - event.back] ?? history), uncertain: true };
        break;
      case "trim":
        history = { ...history, first: Math.min(first + event.count, log.length + 1) };
        break;
      case "vanish":
        history = { log: [], epochs: [], first: 1, uncertain: true };
        break;
      case "subscriber": {
        if (state === undefined) {
          subscribers.push({ position: nothingReceived, received: [] });
          break;
        }
        const offset = Math.max(log.length - event.behind, 0);
        const position = offset === 0 ? nothingReceived : { epoch: epochAt(state, offset), offset };
        subscribers.push({ position, received: log.slice(0, offset) });
        // The same place, as a start at that offset names it.
        subscribers.push({ position: before(state, offset + 1), received: log.slice(0, offset) });
      }
    }
    past.push(history);
  }
  return { state: stateOf(history), log: history.log, subscribers };
}

test("property: after any history every message is held, delivered, or announced as a gap; nothing else is", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const { state, log, subscribers } = play(events);
      for (const { position, received } of subscribers) {
        const { cursor, gaps } = resume(position, state);
        if (state === undefined) {
          assert.equal(cursor, { epoch: 0, next: 1 });
          assert.equal(gaps, position.epoch === 0 ? [] : [reset]);
          continue;
        }
        const known = position.epoch === 0 || state.epochs.some(({ epoch }) => epoch === position.epoch);
        if (!known) {
          assert.equal(gaps, [reset]);
          assert.is(cursor.next, state.first);
          continue;
        }
        // What the subscriber holds and the log still has.
        let same = 0;
        while (same < received.length && received[same] === log[same]) same++;
        const expected: Gap[] = [];
        if (same < received.length) expected.push(diverged(same + 1, received.length));
        if (same + 1 < state.first) expected.push(trimmed(same + 1, state.first - 1));
        assert.equal(gaps, expected);
        const next = Math.max(same + 1, state.first);
        assert.equal(cursor, { epoch: next <= log.length ? epochAt(state, next) : currentEpoch(state), next });
      }
    }),
    { numRuns: 3000 },
  );
});

test.run();
