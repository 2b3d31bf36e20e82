// Forged histories in which a loss is excused, told or gone on from as it was not.
import type { HarnessLine, PublisherLine, SubscriberLine } from "../../torture/check/history.js";
import {
  acks,
  type Case,
  cleanHistory,
  ends,
  gap,
  gets,
  type History,
  historyWithLoss,
  redisCrash,
  sends,
  spoil,
  starts,
  stops,
} from "./forge.js";

const [a, b] = ["publisher-a", "publisher-b"] as const;

type Loss = typeof redisCrash;

/** FLUSHALL. */
const emptied: Loss = { ...redisCrash, withinMs: null, spares: [] };

const lostLine = (reason: "diverged" | "reset", from: number, to: number, t = 5_002): PublisherLine => ({
  ...{ t, kind: "lost", channel: "c", reason, from, to },
});

const at = (t: number, line: SubscriberLine): SubscriberLine => ({ ...line, t });

const subscriber1 = ({ subscribers }: History): SubscriberLine[] => subscribers["subscriber-1"]!;

/** In the place of the last line but one. */
const append = (history: History, ...lines: PublisherLine[]): void =>
  void history.publishers[a]!.splice(-1, 0, ...lines);

/** An epoch 10 that is emptied, and then one message of epoch 20. */
const emptiedAfter = (published: PublisherLine[], given: SubscriberLine[]): History => ({
  harness: [{ t: 0, kind: "run", seed: 1, minutes: 1, level: "stored" }, emptied],
  publishers: { [a]: [...published, sends(a, "c", 4, 5_000), acks("c", 4, 20, 1), lostLine("reset", 0, 0), ends] },
  subscribers: {
    "subscriber-1": [
      ...[starts("c"), ...given, gap("c", "reset", [0, 0], [0, 0])],
      ...[gets("c", 20, 1, `${a}-4`), stops("c"), ends],
    ],
  },
});

/** The first of these is killed after the others. */
const killedLate = (h: History, ...before: SubscriberLine[]): void => {
  h.harness.splice(3, 1, { t: 42_000, kind: "killed", who: "subscriber-3.1" });
  h.subscribers["subscriber-3.1"]!.push(...before);
};

/** A process writes what it is given, or told, or holds: so it runs. */
const awake: SubscriberLine[] = Array.from({ length: 30 }, (_, i) => ({
  ...{ t: 2_000 + i * 1_000, kind: "sample", process: "subscriber-3.1", phase: "during", memory: 1, files: 1 },
}));

const names = [1, 2, 3, 4, 5].flatMap((n) => [`${a}-${n}`, `${b}-${n}`]);

/** The life after, with how it begins and what it is given. */
const goesOn = (h: History, start: SubscriberLine, ...given: SubscriberLine[]): void => {
  const lines: SubscriberLine[] = [
    { t: 42_100, kind: "begin", continues: "subscriber-3.1" },
    at(42_100, start),
    ...given.map((line) => at(42_200, line)),
  ];
  h.subscribers["subscriber-3.2"] = [...lines, at(43_000, stops("c")), { t: 43_000, kind: "end" }];
};

const begins = (from: "new" | "stored" | "earliest", epoch: number, offset: number): SubscriberLine => ({
  ...{ t: 42_100, kind: "start", channel: "c", epoch, offset, from },
});

export const lossCases: Case[] = [
  {
    title: "what was replaced is excused by a FLUSHALL that came later",
    kinds: ["gap-unjustified", "lost-acked"],
    history: spoil(historyWithLoss, (h) => {
      h.harness[1] = { ...emptied, since: 8_000, until: 8_100 };
      h.publishers[a]!.splice(-2, 1);
    }),
  },
  {
    title: "what was replaced is excused by a FLUSHALL that came later, and a crash long before",
    kinds: ["gap-unjustified", "lost-acked"],
    history: spoil(historyWithLoss, (h) => {
      h.harness[1] = { ...emptied, since: 8_000, until: 8_100 };
      h.harness.push({ ...redisCrash, since: 800, until: 900 });
      h.publishers[a]!.splice(-2, 1);
    }),
  },
  {
    title: "what was sent after a FLUSHALL is excused by it",
    kinds: ["gap-unjustified", "lost-acked"],
    history: spoil(historyWithLoss, (h) => {
      h.harness[1] = { ...emptied, since: 800, until: 900 };
      h.publishers[a]!.splice(-2, 1);
    }),
  },
  {
    title: "more is gone than the end of the file that was cut off",
    kinds: ["lost-acked"],
    history: spoil(historyWithLoss, (h) => {
      h.harness[1] = { ...emptied, cut: { c: 4 } };
    }),
  },
  {
    title: "what is gone of a channel is excused by the end of a file in which there was nothing of it",
    kinds: ["gap-unjustified", "lost-acked"],
    history: spoil(historyWithLoss, (h) => {
      h.harness[1] = { ...emptied, cut: { d: 1 } };
    }),
  },
  {
    title: "a message was stored twice before everything was deleted",
    kinds: ["duplicate"],
    history: emptiedAfter(
      [1, 2, 3].flatMap((n) => [sends(a, "c", n), acks("c", n, 10, n < 3 ? n : 4)]),
      [gets("c", 10, 1, `${a}-1`, `${a}-2`, `${a}-2`, `${a}-3`)],
    ),
  },
  {
    title: "two messages were stored in the wrong order before everything was deleted",
    kinds: ["reordered"],
    history: emptiedAfter(
      [1, 2, 3].flatMap((n) => [sends(a, "c", n), acks("c", n, 10, [0, 1, 3, 2][n]!)]),
      [gets("c", 10, 1, `${a}-1`, `${a}-3`, `${a}-2`)],
    ),
  },
  {
    title: "a message was stored once more in an epoch that followed, and both were replaced later",
    kinds: ["duplicate"],
    history: emptiedAfter(
      [1, 2, 3].flatMap((n) => [sends(a, "c", n), acks("c", n, n < 3 ? 10 : 11, n < 3 ? n : 4)]),
      [gets("c", 10, 1, `${a}-1`, `${a}-2`), gets("c", 11, 3, `${a}-2`, `${a}-3`)],
    ),
  },
  {
    title: "a subscriber is given nothing of an epoch that lasts for two minutes",
    kinds: ["stalled"],
    history: spoil(
      () => emptiedAfter([sends(a, "c", 1), acks("c", 1, 10, 1), sends(a, "c", 2), acks("c", 2, 10, 2)], []),
      (h) => {
        const later = 120_000;
        const harness = {
          ...emptied,
          t: emptied.t + later,
          since: emptied.since + later,
          until: emptied.until + later,
        };
        h.harness[1] = harness;
        h.publishers[a]!.splice(4, 5, sends(a, "c", 3, 125_000), acks("c", 3, 20, 1, 125_001));
        h.publishers[a]!.push(lostLine("reset", 0, 0, 125_002), { t: 129_000, kind: "end" });
        const lines = subscriber1(h);
        lines.splice(1, 4, at(125_100, gets("c", 20, 1, `${a}-3`)), at(128_000, stops("c")), {
          t: 129_000,
          kind: "end",
        });
      },
    ),
  },
  {
    title: "a gap takes something for removed that was not yet, when it was told",
    kinds: ["gap-unjustified"],
    history: spoil(cleanHistory, (h) => {
      h.harness.push({ t: 1, kind: "retention", channel: "c", messages: 300 });
      const more = Array.from({ length: 390 }, (_, i) => i + 6);
      append(h, ...more.flatMap((n) => [sends(a, "c", n, 5_000), acks("c", n, 10, n + 5, 5_001)]));
      for (const lines of Object.values(h.subscribers)) {
        const end = lines.findIndex(({ kind }) => kind === "stop");
        if (end > 0) lines.splice(end, 1, at(5_100, gets("c", 10, 11, ...more.map((n) => `${a}-${n}`))), stops("c"));
      }
      subscriber1(h).splice(4, 1, gap("c", "trimmed", [5, 6], [10, 6], 1_200), gets("c", 10, 7, ...names.slice(6)));
    }),
  },
  {
    title: "behind a gap that says that everything was replaced, it does not go on at the first message",
    kinds: ["gap-false"],
    history: spoil(historyWithLoss, (h) => {
      h.harness[1] = emptied;
      h.publishers[a] = [1, 2, 3, 4].flatMap((n) => [sends(a, "c", n), acks("c", n, 10, n)]);
      h.publishers[a].push(...[5, 6].flatMap((n) => [sends(a, "c", n, 5_000), acks("c", n, 20, n - 4)]));
      h.publishers[a].push(lostLine("reset", 0, 0), ends);
      subscriber1(h).splice(2, 2, gap("c", "reset", [0, 0], [20, 1]), gets("c", 20, 2, `${a}-6`));
    }),
  },
  {
    title: "a gap says that the log was lost, and what was given of it is there",
    kinds: ["gap-false"],
    history: spoil(historyWithLoss, (h) => {
      const lines = subscriber1(h);
      h.publishers[a] = [1, 2].flatMap((n) => [sends(a, "c", n), acks("c", n, 10, n)]);
      h.publishers[a].push(sends(a, "c", 3, 5_000), acks("c", 3, 20, 3), ends);
      lines[1] = gets("c", 10, 1, `${a}-1`, `${a}-2`);
      lines[2] = gap("c", "reset", [0, 0], [20, 0]);
      lines[3] = gets("c", 20, 1, `${a}-1`, `${a}-2`, `${a}-3`);
    }),
  },
  {
    title: "what a gap takes back comes once more in the epoch that follows",
    kinds: ["gap-false"],
    history: spoil(historyWithLoss, (h) => {
      h.publishers[a] = [1, 2, 3, 4].flatMap((n) => [sends(a, "c", n), acks("c", n, 10, n)]);
      h.publishers[a].push(ends);
      subscriber1(h).splice(3, 1, gets("c", 20, 3, `${a}-3`, `${a}-4`));
    }),
  },
  {
    title: "a gap takes back less than was replaced",
    kinds: ["set-back"],
    history: spoil(historyWithLoss, (h) => {
      append(h, sends(a, "c", 6, 5_000), acks("c", 6, 20, 4));
      subscriber1(h).splice(2, 2, gap("c", "diverged", [4, 4], [10, 3]), gets("c", 20, 4, `${a}-6`));
    }),
  },
  {
    title: "a publisher that was told once of a loss is not told of a later one",
    kinds: ["loss-untold"],
    history: spoil(historyWithLoss, (h) => {
      h.harness.push({ ...redisCrash, t: 6_500, since: 6_200, until: 6_500 });
      h.publishers[a]!.splice(11, 0, sends(a, "c", 6, 7_000), acks("c", 6, 30, 3, 7_001));
      subscriber1(h).splice(4, 0, gap("c", "diverged", [3, 3], [30, 2], 7_100));
      subscriber1(h).splice(5, 0, at(7_200, gets("c", 30, 3, `${a}-6`)));
    }),
  },
  {
    title: "a publisher is told that the log was replaced, of which only the end was",
    kinds: ["gap-false"],
    history: spoil(historyWithLoss, (h) => {
      h.publishers[a]![10] = lostLine("reset", 0, 0);
    }),
  },
  {
    title: "a publisher is told that more is lost than is",
    kinds: ["gap-false"],
    history: spoil(historyWithLoss, (h) => {
      h.publishers[a]![10] = lostLine("diverged", 2, 4);
    }),
  },
  {
    title: "a publisher is told of the loss of what was never published",
    kinds: ["gap-false"],
    history: spoil(historyWithLoss, (h) => {
      h.publishers[a]![10] = lostLine("diverged", 3, 1_000);
    }),
  },
  {
    title: "a publisher is told of a loss that never was, after a crash that cost nothing",
    kinds: ["gap-false"],
    history: spoil(cleanHistory, (h) => {
      h.harness.push(redisCrash);
      append(h, lostLine("diverged", 1, 5));
    }),
  },
  {
    title: "a message was acknowledged, nobody could say where, and it is nowhere; something else was lost",
    kinds: ["lost-acked"],
    history: spoil(cleanHistory, (h) => {
      const elsewhere: HarnessLine = { ...emptied, since: 2_000, until: 2_100, channels: ["d"] };
      h.harness.push(elsewhere, { ...emptied, since: 10, until: 20 });
      h.harness.push({ t: 1, kind: "retention", channel: "c", messages: 300 });
      append(h, sends(a, "c", 6), acks("c", 6, 0, 0));
    }),
  },
];

export const seamCases: Case[] = [
  {
    title: "a life goes on with a position of a later epoch than that of anything that was given",
    kinds: ["lost-seam"],
    history: spoil(cleanHistory, (h) => {
      append(h, sends(a, "c", 6), acks("c", 6, 20, 11));
      for (const lines of Object.values(h.subscribers)) {
        const end = lines.findIndex(({ kind }) => kind === "stop");
        if (end > 0) lines.splice(end, 1, gets("c", 20, 11, `${a}-6`), stops("c"));
      }
      killedLate(h);
      goesOn(h, begins("stored", 20, 10), gets("c", 20, 11, `${a}-6`));
    }),
  },
  {
    title: "a life goes on with what is new, and nobody was given what lies between",
    kinds: ["lost-seam"],
    history: spoil(cleanHistory, (h) => {
      killedLate(h, ...awake);
      goesOn(h, begins("new", 10, 8), gets("c", 10, 9, `${a}-5`, `${b}-5`));
    }),
  },
  {
    title: "a position is lost that was stored just before the kill: a life begins with what is new",
    kinds: ["lost-seam"],
    history: spoil(cleanHistory, (h) => {
      killedLate(h);
      goesOn(h, begins("new", 10, 8), gets("c", 10, 9, `${a}-5`, `${b}-5`));
    }),
  },
  {
    title: "positions are forgotten: a life begins anew",
    kinds: ["forgotten"],
    history: spoil(cleanHistory, (h) => {
      killedLate(h, ...awake);
      goesOn(h, begins("earliest", 0, 0), gets("c", 10, 1, ...names));
    }),
  },
  {
    title: "a life goes on with a position of long before",
    kinds: ["forgotten"],
    history: spoil(cleanHistory, (h) => {
      killedLate(h, ...awake);
      goesOn(h, begins("stored", 10, 3), gets("c", 10, 4, ...names.slice(3)));
    }),
  },
];

/** What looks like one, and may be. */
export const allowedLosses: Record<string, History> = {
  "a loss that a publisher is told late, when more was acknowledged to it at the same offsets": spoil(
    historyWithLoss,
    (h) => {
      append(h, sends(a, "c", 6, 5_000), acks("c", 6, 20, 4));
      const [lost] = h.publishers[a]!.splice(10, 1);
      append(h, { ...lost!, t: 8_000 });
      subscriber1(h).splice(4, 0, gets("c", 20, 4, `${a}-6`));
    },
  ),
  "what was not acknowledged is sent again and gets its place again, behind a gap that takes it back": spoil(
    historyWithLoss,
    (h) => {
      h.publishers[a] = [1, 2].flatMap((n) => [sends(a, "c", n), acks("c", n, 10, n)]);
      h.publishers[a].push(...[3, 4].flatMap((n) => [sends(a, "c", n), acks("c", n, 20, n)]), ends);
      subscriber1(h).splice(3, 1, gets("c", 20, 3, `${a}-3`, `${a}-4`));
    },
  ),
  "the end of a file that was cut off, in front of which nothing is gone": spoil(historyWithLoss, (h) => {
    h.harness[1] = { ...emptied, cut: { c: 3 } };
  }),
  "a subscriber that is given nothing for two minutes, in which faults lasted": spoil(cleanHistory, (h) => {
    h.harness.push({ t: 100_000, kind: "fault", fault: "node killed", target: "node-1", since: 1_500 });
    const lines = subscriber1(h);
    lines.splice(4, 3, at(120_000, gets("c", 10, 5, ...names.slice(4))), at(120_100, stops("c")), {
      t: 120_200,
      kind: "end",
    });
  }),
  "a gap over what was removed when the log was longer than it was after a loss": spoil(historyWithLoss, (h) => {
    h.harness.push({ t: 1, kind: "retention", channel: "c", messages: 2 });
    // 5 was stored, and lost before it was acknowledged or given.
    subscriber1(h).splice(0, 2, starts("c"), gap("c", "trimmed", [1, 3], [10, 3], 2_000), gets("c", 10, 4, `${a}-4`));
    subscriber1(h).splice(3, 1, gap("c", "diverged", [4, 4], [10, 3]), gets("c", 20, 4, `${a}-5`));
    subscriber1(h).splice(5, 1);
    h.publishers[a]!.splice(9, 2, acks("c", 5, 20, 4), lostLine("diverged", 4, 4));
    h.publishers[a]!.splice(-2, 0, sends(a, "c", 6, 7_000), acks("c", 6, 20, 5, 7_001));
    subscriber1(h).splice(5, 0, at(7_100, gets("c", 20, 5, `${a}-6`)));
  }),
  "a life that goes on with any position that it was given not long ago": spoil(cleanHistory, (h) => {
    killedLate(h);
    goesOn(h, begins("stored", 10, 3), gets("c", 10, 4, ...names.slice(3)));
  }),
};
