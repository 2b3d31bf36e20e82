// What became of a message for a subscriber, from what nodes remember.
import { verdictOf } from "../../src/bin/story.js";
import type { NodeEvent } from "../../src/client/index.js";
import { assert, suite } from "../harness.js";

const test = suite("reprise explain: verdicts");

const second = (n: number): string => new Date(n * 1_000).toISOString();

/** At the n-th second. */
const event = (n: number, kind: NodeEvent["kind"], more: Partial<NodeEvent> = {}): NodeEvent => ({
  ...{
    kind,
    atMs: n * 1_000,
    session: "5",
    name: "",
    peer: "",
    method: "",
    channel: "c",
    epoch: 1,
    offset: 0,
    from: 0,
  },
  ...{ to: 0, reason: "" },
  ...more,
});

const subscribed = (n: number, offset: number) => event(n, "subscribed", { offset });
const at = (n: number, offset: number) => event(n, "progress", { offset, to: 99 });
const gap = (n: number, reason: string, from: number, to: number) => event(n, "gap", { reason, from, to });
const ended = (n: number, offset: number) => event(n, "unsubscribed", { offset });

const cases: [title: string, events: NodeEvent[], verdict: string][] = [
  ["nothing is known", [], "it is not known to have been subscribed"],
  [
    "it came by",
    [subscribed(1, 10), at(2, 19), at(3, 25)],
    `delivered: handed to its connection between ${second(2)} and ${second(3)}`,
  ],
  [
    "it came by at the end",
    [subscribed(1, 10), ended(3, 20)],
    `delivered: handed to its connection between ${second(1)} and ${second(3)}`,
  ],
  ["it began behind it", [subscribed(1, 20), at(2, 30)], `not asked for: it subscribed behind 20 at ${second(1)}`],
  ["it is on the way", [subscribed(1, 10), at(2, 19)], "not delivered yet: it has come to 19 of 99"],
  ["nothing was delivered yet", [subscribed(1, 10)], "not delivered yet: it has come to 10"],
  [
    "it ended before",
    [subscribed(1, 10), at(2, 12), ended(3, 19)],
    `not delivered: its subscription ended at ${second(3)} behind 19`,
  ],
  [
    "a gap had it",
    [subscribed(1, 10), gap(2, "trimmed", 11, 30), at(3, 40)],
    `not delivered: it was told at ${second(2)} of a gap 11 to 30 (trimmed)`,
  ],
  [
    "a gap before it",
    [subscribed(1, 10), gap(2, "trimmed", 11, 19), at(3, 40)],
    `delivered: handed to its connection between ${second(1)} and ${second(3)}`,
  ],
  [
    "another log",
    [subscribed(1, 30), gap(2, "reset", 0, 0)],
    `it was told at ${second(2)} that the log is not the one it knew (reset)`,
  ],
  [
    "another log, which has it too",
    [subscribed(1, 30), gap(2, "reset", 0, 0), at(3, 20)],
    `delivered: handed to its connection between ${second(2)} and ${second(3)}`,
  ],
  [
    "it resumed in the same session",
    [subscribed(1, 10), ended(2, 15), subscribed(3, 15), at(4, 20)],
    `delivered: handed to its connection between ${second(3)} and ${second(4)}`,
  ],
  ["the beginning is forgotten", [at(5, 30)], `delivered before ${second(5)}, or not asked for`],
];

test("it was not handed to anybody before it was stored", () => {
  const verdict = (storedMs: number) => verdictOf([subscribed(1, 10), at(4, 25)], 20, storedMs);
  assert.is(verdict(3_000), `delivered: handed to its connection between ${second(3)} and ${second(4)}`);
  // By a clock that is ahead.
  assert.is(verdict(5_000), `delivered: handed to its connection between ${second(1)} and ${second(4)}`);
});

for (const [title, events, verdict] of cases) {
  test(title, () => assert.is(verdictOf(events, 20), verdict));
}

test.run();
