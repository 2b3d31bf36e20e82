// Forged histories for the checker: a clean one, with everything in it that may happen, to be spoilt by tests.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type HarnessLine,
  hashDigits,
  type PublisherLine,
  roll,
  type SubscriberLine,
  type Told,
} from "../../torture/check/history.js";
import type { Violation } from "../../torture/check/verdict.js";

type CastLine = Extract<HarnessLine, { kind: "cast" }>;

export interface History {
  harness: HarnessLine[];
  publishers: Record<string, PublisherLine[]>;
  subscribers: Record<string, SubscriberLine[]>;
}

/** One with a violation in it. */
export interface Case {
  title: string;
  kinds: Violation[];
  history: History;
}

export const spoil = (history: () => History, change: (history: History) => void): History => {
  const spoilt = history();
  change(spoilt);
  return spoilt;
};

export const hashOf = (name: string): string => createHash("sha1").update(name).digest("hex").slice(0, hashDigits);

export const told = (name: string): Told => [name, hashOf(name)];

export const sends = (who: string, channel: string, n: number, t = 1_000): PublisherLine => ({
  t,
  kind: "send",
  channel,
  n,
  hash: hashOf(`${who}-${n}`),
});

/** Epoch 20 is that of after the loss. */
const isLate = (epoch: number): boolean => epoch >= 20;

export const acks = (
  channel: string,
  n: number,
  epoch: number,
  offset: number,
  t = isLate(epoch) ? 5_001 : 1_001,
): PublisherLine => ({
  t,
  kind: "ack",
  channel,
  n,
  epoch,
  offset,
});

/** A publisher without the client library. */
export const outside = (resends: boolean): PublisherLine => ({ t: 800, kind: "outside", resends });

export const fails = (channel: string, n: number, code = "stream_ended"): PublisherLine => ({
  t: 1_002,
  kind: "fail",
  channel,
  n,
  code,
});

export const starts = (channel: string, epoch = 0, offset = 0): SubscriberLine => ({
  t: 900,
  kind: "start",
  channel,
  epoch,
  offset,
  from: "earliest",
});

export const gets = (channel: string, epoch: number, first: number, ...names: string[]): SubscriberLine => ({
  t: isLate(epoch) ? 6_100 : 1_100,
  kind: "got",
  channel,
  epoch,
  first,
  messages: names.map(told),
});

export const gap = (
  channel: string,
  reason: string,
  [from, to]: [number, number],
  [epoch, offset]: [number, number],
  t = 6_000,
): SubscriberLine => ({ t, kind: "gap", channel, reason, from, to, epoch, offset });

/** The harness has started it. */
export const casts = (
  who: string,
  part: "node" | "redis" | "publisher" | "subscriber",
  ...channels: string[]
): CastLine => ({
  ...{ t: 50, kind: "cast", who, part, channels },
});

export const ends = { t: 9_000, kind: "end" } as const;

export const stops = (channel: string): SubscriberLine => ({ t: 8_900, kind: "stop", channel, complete: true });

/**
 * One channel, two publishers, 10 messages: a's 1 to 5 at odd offsets, b's at even ones; three subscribers, of which one
 * comes late and one was killed and goes on. The level is `stored` and nothing is lost.
 */
export function cleanHistory(): History {
  const [a, b] = ["publisher-a", "publisher-b"] as const;
  const publisher = (who: string, at: (n: number) => number): PublisherLine[] => [
    ...[1, 2, 3, 4, 5].flatMap((n) => [sends(who, "c", n), acks("c", n, 10, at(n))]),
    ends,
  ];
  const names = [1, 2, 3, 4, 5].flatMap((n) => [`${a}-${n}`, `${b}-${n}`]);
  const value = names.reduce((sum, name) => roll(sum, hashOf(name)), 0);
  const rolled = { epoch: 10, from: 1, to: 10, value };
  return {
    harness: [
      { t: 0, kind: "run", seed: 1, minutes: 1, level: "stored" },
      { t: 100, kind: "sample", process: "node-1", phase: "begin", memory: 30e6, files: 40 },
      { t: 2_000, kind: "fault", fault: "kill", target: "node-1", since: 2_000 },
      { t: 2_000, kind: "killed", who: "subscriber-3.1" },
      { t: 9_000, kind: "sample", process: "node-1", phase: "idle", memory: 35e6, files: 42 },
      { t: 9_000, kind: "keys", channels: 1, count: 12 },
    ],
    publishers: { [a]: publisher(a, (n) => 2 * n - 1), [b]: publisher(b, (n) => 2 * n) },
    subscribers: {
      "subscriber-1": [
        { t: 890, kind: "node", node: "node-1" },
        starts("c"),
        gets("c", 10, 1, ...names.slice(0, 4)),
        { t: 1_200, kind: "node", node: "node-2" },
        gets("c", 10, 5, ...names.slice(4)),
        { t: 8_900, kind: "stop", channel: "c", complete: true, rolled },
        ends,
      ],
      "subscriber-2": [
        { t: 1_050, kind: "start", channel: "c", epoch: 10, offset: 7, from: "new" },
        gets("c", 10, 8, ...names.slice(7)),
        stops("c"),
        ends,
      ],
      "subscriber-3.1": [starts("c"), gets("c", 10, 1, ...names.slice(0, 6))],
      "subscriber-3.2": [
        { t: 2_100, kind: "begin", continues: "subscriber-3.1" },
        // What was processed last is processed again.
        { t: 2_100, kind: "start", channel: "c", epoch: 10, offset: 4, from: "stored" },
        gets("c", 10, 5, ...names.slice(4)),
        stops("c"),
        ends,
      ],
    },
  };
}

export const redisCrash: Extract<HarnessLine, { kind: "loss" }> = {
  t: 4_000,
  kind: "loss",
  since: 3_000,
  until: 4_000,
  withinMs: 3_000,
  spares: ["fsynced"],
};

/**
 * A crash of the store at 3,000 took a's last two of four messages, acknowledged as they were; a is told and goes on, and
 * the subscriber is told.
 */
export function historyWithLoss(): History {
  const a = "publisher-a";
  return {
    harness: [{ t: 0, kind: "run", seed: 1, minutes: 1, level: "stored" }, redisCrash],
    publishers: {
      [a]: [
        ...[1, 2, 3, 4].flatMap((n) => [sends(a, "c", n), acks("c", n, 10, n)]),
        sends(a, "c", 5, 5_000),
        acks("c", 5, 20, 3, 5_001),
        { t: 5_002, kind: "lost", channel: "c", reason: "diverged", from: 3, to: 4 },
        ends,
      ],
    },
    subscribers: {
      "subscriber-1": [
        starts("c"),
        gets("c", 10, 1, `${a}-1`, `${a}-2`, `${a}-3`, `${a}-4`),
        gap("c", "diverged", [3, 4], [10, 2]),
        gets("c", 20, 3, `${a}-5`),
        stops("c"),
        ends,
      ],
    },
  };
}

/** What a harness says of everybody whose log there is: that it was started, and of a subscriber, on what it subscribed. */
export const castsOf = ({ publishers, subscribers }: History): CastLine[] => [
  ...Object.keys(publishers).map((who) => casts(who, "publisher")),
  ...Object.entries(subscribers).map(([who, lines]) => {
    const channels = lines.flatMap((line) => (line.kind === "start" ? [line.channel] : []));
    return casts(who, "subscriber", ...new Set(channels));
  }),
];

/** The same of servers, by what they held at the beginning; if none is known at all, of one that holds the same all the time. */
function serversOf(harness: readonly HarnessLine[]): HarnessLine[] {
  const begun = harness.flatMap((line) => (line.kind === "sample" && line.phase === "begin" ? [line] : []));
  const some = begun.map(({ process, keys }) => casts(process, keys === undefined ? "node" : "redis"));
  if (some.length > 0) return some;
  const held = { kind: "sample", process: "node-1", memory: 30e6, files: 40 } as const;
  return [casts("node-1", "node"), { t: 100, phase: "begin", ...held }, { t: 9_000, phase: "idle", ...held }];
}

/** Who was started is added, unless the history itself says so: of players, or of servers. */
function withCasts(history: History): HarnessLine[] {
  const { harness } = history;
  const isCast = (...parts: string[]) => harness.some((line) => line.kind === "cast" && parts.includes(line.part));
  return [
    ...harness,
    ...(isCast("publisher", "subscriber") ? [] : castsOf(history)),
    ...(isCast("node", "redis") ? [] : serversOf(harness)),
  ];
}

export function writeHistory(folder: string, history: History): void {
  const { publishers, subscribers } = history;
  const write = (who: string, lines: readonly object[]) =>
    writeFileSync(join(folder, `${who}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  write("harness", withCasts(history));
  for (const [who, lines] of [...Object.entries(publishers), ...Object.entries(subscribers)]) write(who, lines);
}
