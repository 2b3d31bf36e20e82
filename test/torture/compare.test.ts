// What `npm run torture:compare` counts, by forged histories: each thing that may happen to a subscriber.
import { count, isSound } from "../../bench/compare/count.js";
import type { FaultLine, PublisherLine, SubscriberLine } from "../../bench/compare/history.js";
import { drawSchedule } from "../../bench/compare/schedule.js";
import { assert, suite } from "../harness.js";

const test = suite("what the comparison with other systems counts");

/** Ten messages, one every 10 ms from 100 on, all acknowledged. */
const publisher: PublisherLine[] = Array.from({ length: 10 }, (_, i) => [
  { t: 100 + i * 10, kind: "sent" as const, from: i + 1, to: i + 1 },
  { t: 105 + i * 10, kind: "acked" as const, from: i + 1, to: i + 1 },
]).flat();

const got = (from: number, to = from, t = 1_000): SubscriberLine => ({ t, kind: "got", from, to });
const recovered: SubscriberLine = { t: 1_000, kind: "recovered" };
const reconnected: SubscriberLine = { t: 1_000, kind: "reconnected" };
const gap = (count?: number): SubscriberLine => ({
  ...{ t: 1_000, kind: "gap", reconnected: count === undefined },
  ...(count !== undefined && { count }),
});

/** Of one subscriber, without what is 0 or not about it. */
function counted(...lines: SubscriberLine[]): Record<string, number> {
  const { published, acked, caughtUpMs, behindMs, ...counts } = count({ publisher, subscribers: [lines], faults: [] });
  assert.equal([published, acked, caughtUpMs, behindMs], [10, 10, [], 0]);
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0));
}

test("everything once and in order counts as nothing", () => {
  assert.equal(counted(got(1, 10)), {});
  assert.equal(counted(got(1, 4), recovered, got(5, 10)), { reconnects: 1, claims: 1 });
});

test("what is missing is silent, despite a claim, or announced, by what was said in its place", () => {
  assert.equal(counted(got(1, 4), got(7, 10)), { missingSilently: 2, lost: 2 });
  assert.equal(counted(got(1, 4), reconnected, got(7, 10)), { missingSilently: 2, lost: 2, reconnects: 1 });
  assert.equal(counted(got(1, 4), recovered, got(7, 10)), {
    ...{ missingSilently: 2, missingDespiteClaim: 2 },
    ...{ lost: 2, reconnects: 1, claims: 1 },
  });
  assert.equal(counted(got(1, 4), gap(), got(7, 10)), { missingAnnounced: 2, lost: 2, reconnects: 1 });
  assert.equal(counted(got(1, 4), gap(2), got(7, 10)), { missingAnnounced: 2, lost: 2 });
  assert.equal(counted(got(1, 4), recovered, gap(2), got(7, 10)), {
    ...{ missingAnnounced: 2, lost: 2 },
    ...{ reconnects: 1, claims: 1 },
  });
});

test("an announcement covers its own place, and no more messages than it says", () => {
  assert.equal(counted(got(1, 4), gap(1), got(7, 10)), { missingAnnounced: 1, missingSilently: 1, lost: 2 });
  assert.equal(counted(got(1, 2), gap(), got(3, 4), got(7, 10)), { missingSilently: 2, lost: 2, reconnects: 1 });
  assert.equal(counted(got(1, 4), got(7, 8), gap(2), got(9, 10)), { missingSilently: 2, lost: 2 });
});

test("the first and the last messages count, and who gets nothing misses all", () => {
  assert.equal(counted(got(2, 9)), { missingSilently: 2, lost: 2 });
  assert.equal(counted(got(1, 9), gap(1)), { missingAnnounced: 1, lost: 1 });
  assert.equal(counted(), { missingSilently: 10, lost: 10 });
});

test("what comes again is repeated, what comes late is out of order and not missing", () => {
  assert.equal(counted(got(1, 6), recovered, got(5, 10)), { repeated: 2, reconnects: 1, claims: 1 });
  assert.equal(counted(got(1, 4), got(6, 10), got(5)), { outOfOrder: 1 });
  assert.equal(counted(got(1, 4), got(6, 10), got(5), got(5)), { outOfOrder: 1, repeated: 1 });
});

test("nobody is owed what was not acknowledged, and what one subscriber has is not lost", () => {
  const acked = publisher.filter(({ kind, from }) => kind === "sent" || from !== 5);
  const counts = count({
    publisher: acked,
    subscribers: [
      [got(1, 3), got(6, 10)],
      [got(1, 4), got(6, 10)],
    ],
    faults: [],
  });
  assert.equal(
    [counts.acked, counts.unanswered, counts.missingSilently, counts.lost, counts.outOfOrder],
    [9, 1, 1, 0, 0],
  );
});

test("caught up is who was hit and has a message that was published after the fault", () => {
  const fault: FaultLine = { kind: "cut", since: 120, until: 150, hit: [0, 1] };
  const { caughtUpMs, neverCaughtUp, behindMs } = count({
    publisher,
    subscribers: [
      // 6 is the first that was sent at 150 or later.
      [got(1, 5, 180), got(6, 10, 230)],
      [got(1, 5, 180)],
      [],
    ],
    faults: [fault],
  });
  assert.equal([caughtUpMs, neverCaughtUp], [[80], 1]);
  // The third has not had the first message, of 100, when the fault comes.
  assert.is(behindMs, 20);
});

test("a run is sound unless something is missing silently, repeated, out of order, or never comes", () => {
  const soundness = (...lines: SubscriberLine[]) => isSound(count({ publisher, subscribers: [lines], faults: [] }));
  assert.ok(soundness(got(1, 10)));
  assert.ok(soundness(got(1, 4), gap(2), got(7, 10)));
  assert.not(soundness(got(1, 4), gap(1), got(7, 10)));
  assert.not(soundness(got(1, 6), got(6, 10)));
  assert.not(soundness(got(1, 4), got(6, 10), got(5)));
});

test("a seed gives every system the same faults, of each kind, and calm at the end", () => {
  const schedule = drawSchedule(42, 60_000, 10);
  assert.equal(drawSchedule(42, 60_000, 10), schedule);
  assert.not.equal(drawSchedule(43, 60_000, 10), schedule);
  assert.is(new Set(schedule.map(({ kind }) => kind)).size, 3);
  assert.ok(schedule.reduce((sum, { after, lasts }) => sum + after + lasts, 0) <= 52_000);
});

test.run();
