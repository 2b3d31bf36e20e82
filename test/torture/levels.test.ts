// The checker of `npm run torture`, on what stores with replicas and long runs add: acknowledgements of several levels,
// losses in some channels only, retention across epochs, and growth.
import type { HarnessLine, Sample } from "../../torture/check/history.js";
import { judge } from "../../torture/check/judge.js";
import type { Violation } from "../../torture/check/verdict.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import {
  acks,
  cleanHistory,
  gap,
  gets,
  type History,
  historyWithLoss,
  redisCrash,
  sends,
  starts,
  stops,
  writeHistory,
} from "./forge.js";

const test = suite("levels, losses and growth in the checker of the torture run");

async function kindsIn(t: T, history: History): Promise<Violation[]> {
  const folder = temporaryFolder(t);
  writeHistory(folder, history);
  return [...(await judge(folder)).numbers.keys()].sort();
}

const a = "publisher-a";

/** A failover, in which a message that a replica had confirmed is not lost. */
const failover: typeof redisCrash = { ...redisCrash, spares: ["replicated:1"] };

function lossWith(loss: HarnessLine, level: string): History {
  const history = historyWithLoss();
  history.harness[1] = loss;
  history.publishers[a]!.unshift({ t: 800, kind: "node", node: "node-1", level });
  return history;
}

test("what is lost counts by the level that its publisher was told", async (t) => {
  assert.equal(await kindsIn(t, lossWith(failover, "stored")), []);
  assert.equal(await kindsIn(t, lossWith(failover, "fsynced")), []);
  assert.equal(await kindsIn(t, lossWith(failover, "replicated:1")), ["lost-acked"]);
  assert.equal(await kindsIn(t, lossWith(redisCrash, "replicated:1")), []);
  assert.equal(await kindsIn(t, lossWith(redisCrash, "fsynced")), ["lost-acked"]);
});

test("a loss in other channels explains nothing", async (t) => {
  assert.equal(await kindsIn(t, lossWith({ ...failover, channels: ["b", "c"] }, "stored")), []);
  const elsewhere = await kindsIn(t, lossWith({ ...failover, channels: ["b"] }, "stored"));
  assert.equal(elsewhere, ["gap-unjustified", "lost-acked"]);
});

/** Five messages of epoch 10, then those of epoch 20, of which the first is 6 or less; all but the last two are removed. */
function trimmedAcross(firstOf20: number): History {
  const sent = Array.from({ length: 9 }, (_, i) => i + 1);
  const epochOf = (offset: number) => (offset < firstOf20 ? 10 : 20);
  return {
    harness: [
      { t: 0, kind: "run", seed: 1, minutes: 1, level: "stored" },
      { t: 1, kind: "retention", channel: "c", messages: 2 },
      { ...redisCrash, withinMs: null, spares: [] },
    ],
    publishers: {
      [a]: [...sent.flatMap((n) => [sends(a, "c", n), acks("c", n, epochOf(n), n)]), { t: 9_000, kind: "end" }],
    },
    subscribers: {
      "subscriber-1": [
        starts("c"),
        gets("c", 10, 1, `${a}-1`, `${a}-2`, `${a}-3`, `${a}-4`),
        gap("c", "trimmed", [5, 7], [20, 7]),
        gets("c", 20, 8, `${a}-8`, `${a}-9`),
        stops("c"),
        { t: 9_000, kind: "end" },
      ],
    },
  };
}

test("a gap over what was removed may lead into a later epoch, but not over what that had replaced (P-16)", async (t) => {
  assert.equal(await kindsIn(t, trimmedAcross(6)), []);
  const history = trimmedAcross(6);
  // Epoch 20 began before the position, with something else.
  history.publishers["publisher-b"] = [
    ...[1, 2, 3].flatMap((n) => [sends("publisher-b", "c", n), acks("c", n, 20, n + 2)]),
    { t: 9_000, kind: "end" },
  ];
  history.publishers[a]!.splice(-1, 0, { t: 5_003, kind: "lost", channel: "c", reason: "diverged", from: 3, to: 5 });
  assert.equal(await kindsIn(t, history), ["set-back"]);
});

type Held = Partial<Omit<Sample, "kind" | "process" | "phase">>;

/** Half an hour of a process, measured every 20 s. */
const halfHour = (process: string, held: (minute: number) => Held): HarnessLine[] =>
  Array.from({ length: 90 }, (_, i) => {
    const usual = { memory: 30e6, files: 40, rss: 100e6 };
    return { t: i * 20_000, kind: "sample", process, phase: "during", ...usual, ...held(i / 3) };
  });

test("more and more of anything is growth; more at one time, and no more later, is none", async (t) => {
  const kindsOf = (process: string, held: (minute: number) => Held) => {
    const history = cleanHistory();
    history.harness.push({ t: 1, kind: "retention", channel: "c", messages: 10 }, ...halfHour(process, held));
    return kindsIn(t, history);
  };
  // What comes and goes with what is just passing through.
  const noise = (minute: number) => ((minute * 37) % 5) * 4e6;
  assert.equal(await kindsOf("node-1", (minute) => ({ memory: 30e6 + noise(minute) })), []);
  assert.equal(await kindsOf("node-1", (minute) => ({ memory: minute < 9 ? 30e6 : 130e6 })), []);
  // About 130 B for each of 132 messages a second.
  assert.equal(await kindsOf("node-1", (minute) => ({ memory: 30e6 + noise(minute) + minute * 1.03e6 })), ["memory"]);
  assert.equal(await kindsOf("node-1", (minute) => ({ rss: 100e6 + minute * 12e6 })), ["memory"]);
  assert.equal(await kindsOf("node-1", (minute) => ({ files: minute * 10 })), ["files"]);
  assert.equal(await kindsOf("redis-1", (minute) => ({ keys: minute * 100 })), ["keys"]);
  // Each life of it begins anew, and holds more after a while: that is none.
  const lives = (minute: number) => ({ pid: Math.floor(minute / 10), memory: minute < 20 ? 20e6 : 50e6 });
  assert.equal(await kindsOf("node-1", lives), []);
});

const redisHolds = (redis: string, phase: Sample["phase"], files: number): HarnessLine => ({
  ...{ t: 100, kind: "sample", process: redis, phase, memory: 5e6, files, keys: 12 },
});

test("connections to all Redis together are no more in the end; they may be others", async (t) => {
  const history = (...idle: [number, number]) => {
    const clean = cleanHistory();
    const names = ["redis-1", "redis-2"] as const;
    clean.harness.push(redisHolds(names[0], "begin", 16), redisHolds(names[1], "begin", 8));
    clean.harness.push(...names.map((name, i) => redisHolds(name, "idle", idle[i]!)));
    return clean;
  };
  assert.equal(await kindsIn(t, history(8, 17)), []);
  assert.equal(await kindsIn(t, history(16, 18)), ["files"]);
});

test.run();
