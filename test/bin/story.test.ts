// What became of a message for a subscriber, from what nodes remember.
import { storyOf, verdictOf } from "../../src/bin/story.js";
import type { NodeEvent, NodeEvents } from "../../src/client/index.js";
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

const told = (events: NodeEvent[], more: Partial<NodeEvents> = {}): NodeEvents[] => [
  { node: "n", sinceMs: 0, progressSinceMs: 1_000, truncated: false, events, ...more },
];

test("the life of a session: each kind of event has its words", () => {
  const of = (kind: NodeEvent["kind"], more: Partial<NodeEvent> = {}) => event(1, kind, { reason: "why", ...more });
  const events = [
    of("opened"),
    of("subscribed", { offset: 4, to: 9 }),
    of("gap", { from: 5, to: 6 }),
    of("gap", { reason: "reset" }),
    of("progress", { offset: 7, to: 9 }),
    of("progress", { offset: 9, to: 9 }),
    of("refused"),
    of("refused", { channel: "" }),
    of("unsubscribed", { offset: 9, to: 9 }),
    of("moved"),
    of("turnedAway"),
    of("unknown"),
    of("closed"),
  ];
  const lines = storyOf(told(events), { session: "5" });
  assert.equal(
    lines.map((line) => line.replace(/^ {2}\S+ /, "")),
    [
      "session 5 () of n",
      "connected",
      "subscribed to c (why): everything behind 4; the log ended with 9",
      "told of a gap of c: 5 to 6, why",
      "told of a gap of c: reset",
      "c: it has come to 9 of 9",
      "refused on c: why",
      "refused: why",
      "the subscription to c ended behind 9; the log ended with 9",
      "told to go elsewhere: why",
      "turned away: why",
      "something that this version does not know: why",
      "ended: why",
      `n remembers sessions since ${second(0)}, how far they had come since ${second(1)}`,
    ],
  );
  assert.is(storyOf(told(events), { session: "6" })[0], "no node remembers a session 6");
});

test("a message: where it is or was, what happened to its channel, and how much of it all is told", () => {
  const first = (...events: NodeEvent[]) => storyOf(told(events), { channel: "c", offset: 7 })[0];
  const stored = { from: 5, to: 9, offset: 7 };
  assert.is(
    first(event(1, "stored", { ...stored, name: "ann" })),
    `c 7: stored ${second(1)} by ann (session 5), in the batch 5 to 9, epoch 1`,
  );
  assert.match(first(event(1, "stored", stored))!, `by session 5, in the batch`);
  assert.is(first(), "c 7: there is no channel c now");
  const head = (n: number, from: number, offset: number) => event(n, "head", { session: "0", from, offset });
  assert.is(first(head(1, 1, 6)), "c 7: no message has that offset yet, the last one is 6");
  assert.is(first(head(1, 8, 9)), "c 7: the log does not hold it any more, it begins at 8");
  assert.match(first(head(1, 0, 8), head(2, 9, 9))!, `it begins at 9; it was stored before ${second(1)}`);

  const others = Array.from({ length: 60 }, (_, i) => event(1, "subscribed", { session: `${i + 1}` }));
  const changed = event(2, "changed", { session: "0", reason: "trimmed before 3" });
  const act = event(3, "admin", { session: "0", name: "ops", reason: "deleted" });
  const lines = storyOf(told([...others, changed, act], { truncated: true }), { channel: "c", offset: 7 });
  assert.equal(lines.slice(-4), [
    "and 10 more: name one with --session",
    `${second(2)} c: trimmed before 3`,
    `${second(3)} ops: deleted c`,
    `n remembers sessions since ${second(0)}, how far they had come since ${second(1)}, and had more to tell than was asked for`,
  ]);
});

test.run();
