// The checker of `npm run torture`, with forged histories: each violation in one that is clean otherwise, and found by
// its kind. A checker that finds nothing is worth nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type HarnessLine, nobody, type SubscriberLine } from "../../torture/check/history.js";
import { judge } from "../../torture/check/judge.js";
import { violations } from "../../torture/check/verdict.js";
import { assert, loader, suite, type T, temporaryFolder } from "../harness.js";
import {
  acks,
  type Case,
  cleanHistory,
  ends,
  gap,
  gets,
  type History,
  hashOf,
  historyWithLoss,
  redisCrash,
  sends,
  spoil,
  starts,
  stops,
  writeHistory,
} from "./forge.js";
import { allowedLosses, lossCases, seamCases } from "./forged-losses.js";
import { lifeCases } from "./life-cases.js";

const test = suite("the checker of the torture run");

const [a, b] = ["publisher-a", "publisher-b"] as const;

async function judged(t: T, history: History) {
  const folder = temporaryFolder(t);
  writeHistory(folder, history);
  return await judge(folder);
}

test("a clean history is clean, with everything counted", async (t) => {
  const { numbers, counts } = await judged(t, cleanHistory());
  assert.equal([...numbers], []);
  assert.equal(counts, {
    sent: 10,
    acked: 10,
    failed: 0,
    lost: 0,
    delivered: 25,
    gaps: 0,
    publishers: 2,
    subscribers: 4,
    faults: 1,
    missed: 0,
  });
});

test("acknowledged messages that a crash of the store took are no violation if everybody was told (P-9, P-16)", async (t) => {
  const { numbers, counts } = await judged(t, historyWithLoss());
  assert.equal([...numbers], []);
  assert.is(counts.lost, 2);
});

/** Changes the lines of a kind of subscriber-1. */
const subscriber1 = ({ subscribers }: History): SubscriberLine[] => subscribers["subscriber-1"]!;

/** One more message that is stored, and that nobody hears of but who says so. */
const more = (history: History, at: number, n = 6) =>
  history.publishers[a]!.splice(-1, 0, sends(a, "c", n), acks("c", n, 10, at));

const cases: Case[] = [
  ...lifeCases,
  ...lossCases,
  ...seamCases,
  {
    title: "the first messages of a subscription are missing",
    kinds: ["lost-prefix"],
    history: spoil(cleanHistory, (h) => {
      h.subscribers["subscriber-2"]![0] = { t: 900, kind: "start", channel: "c", epoch: 10, offset: 6, from: "new" };
    }),
  },
  {
    title: "a subscription of all that is retained begins later",
    kinds: ["lost-prefix"],
    history: spoil(cleanHistory, (h) => h.subscribers["subscriber-2"]!.splice(0, 1, starts("c", 10, 7))),
  },
  {
    title: "a subscriber that was not told its position does not begin at the beginning",
    kinds: ["lost-prefix"],
    history: spoil(cleanHistory, (h) => h.subscribers["subscriber-2"]!.splice(0, 1, starts("c", 0, -1))),
  },
  {
    title: "a message in the middle is missing",
    kinds: ["lost-middle"],
    history: spoil(cleanHistory, (h) => {
      const lines = subscriber1(h);
      lines[4] = gets("c", 10, 6, `${b}-3`, `${a}-4`, `${b}-4`, `${a}-5`, `${b}-5`);
      lines[5] = stops("c");
    }),
  },
  {
    title: "the last messages are missing",
    kinds: ["lost-tail"],
    history: spoil(cleanHistory, (h) => {
      h.subscribers["subscriber-2"]![1] = gets("c", 10, 8, `${b}-4`, `${a}-5`);
    }),
  },
  {
    title: "nobody is given the last message, which was acknowledged",
    kinds: ["lost-tail"],
    history: spoil(cleanHistory, (h) => more(h, 11)),
  },
  {
    title: "what was stored as position lies behind what was ever given",
    kinds: ["lost-seam"],
    history: spoil(cleanHistory, (h) => {
      const lines = h.subscribers["subscriber-3.2"]!;
      lines[1] = { t: 2_100, kind: "start", channel: "c", epoch: 10, offset: 8, from: "stored" };
      lines[2] = gets("c", 10, 9, `${a}-5`, `${b}-5`);
    }),
  },
  {
    title: "a message is given twice",
    kinds: ["repeated"],
    history: spoil(cleanHistory, (h) => {
      h.subscribers["subscriber-2"]!.splice(2, 0, gets("c", 10, 10, `${b}-5`));
    }),
  },
  {
    title: "a message is stored twice",
    kinds: ["duplicate"],
    history: spoil(cleanHistory, (h) => {
      for (const lines of Object.values(h.subscribers)) {
        const at = lines.findIndex(({ kind }) => kind === "stop");
        if (at > 0) lines.splice(at, 1, gets("c", 10, 11, `${a}-5`), stops("c"));
      }
    }),
  },
  {
    title: "two messages of a publisher are stored in the wrong order",
    kinds: ["reordered"],
    history: spoil(cleanHistory, (h) => {
      more(h, 12, 6);
      more(h, 11, 7);
      for (const lines of Object.values(h.subscribers)) {
        const at = lines.findIndex(({ kind }) => kind === "stop");
        if (at > 0) lines.splice(at, 1, gets("c", 10, 11, `${a}-7`, `${a}-6`), stops("c"));
      }
    }),
  },
  {
    title: "a message that nobody sent",
    kinds: ["unsent"],
    history: spoil(cleanHistory, (h) => {
      h.subscribers["subscriber-2"]!.splice(2, 0, gets("c", 10, 11, `${a}-77`));
    }),
  },
  {
    title: "a message that nobody sent, at a subscriber that sees contents only",
    kinds: ["lost-tail", "unsent"],
    history: spoil(cleanHistory, (h) => {
      const messages: [string, string][] = [["", hashOf("nobody's")]];
      h.subscribers["subscriber-2"]!.splice(2, 0, {
        t: 1_300,
        kind: "got",
        channel: "c",
        epoch: 10,
        first: 11,
        messages,
      });
    }),
  },
  {
    title: "a message with another content than it was sent with",
    kinds: ["altered", "contradiction"],
    history: spoil(cleanHistory, (h) => {
      const messages: [string, string][] = [[`${b}-4`, hashOf("something else")]];
      const wrong: SubscriberLine = { t: 1_300, kind: "got", channel: "c", epoch: 10, first: 8, messages };
      h.subscribers["subscriber-2"]!.splice(1, 1, wrong, gets("c", 10, 9, `${a}-5`, `${b}-5`));
    }),
  },
  {
    title: "two subscribers are given different messages at one position",
    kinds: ["contradiction"],
    history: spoil(cleanHistory, (h) => {
      h.subscribers["subscriber-2"]![1] = gets("c", 10, 8, `${b}-4`, `${b}-5`, `${a}-5`);
    }),
  },
  {
    title: "a message is not where its acknowledgement said",
    kinds: ["contradiction"],
    history: spoil(cleanHistory, (h) => {
      h.publishers[b]![9] = acks("c", 5, 10, 9);
    }),
  },
  {
    title: "an acknowledged message is gone, and nothing happened to the store",
    kinds: ["gap-unjustified", "lost-acked"],
    history: spoil(historyWithLoss, (h) => h.harness.pop()),
  },
  {
    title: "an acknowledged message is gone that its level should have saved",
    kinds: ["lost-acked"],
    history: spoil(historyWithLoss, (h) => {
      h.harness[0] = { t: 0, kind: "run", seed: 1, minutes: 1, level: "fsynced" };
    }),
  },
  {
    title: "an acknowledged message is gone that was stored long before the crash",
    kinds: ["lost-acked"],
    history: spoil(historyWithLoss, (h) => {
      h.harness[1] = { ...redisCrash, withinMs: 1_000 };
    }),
  },
  {
    title: "a publisher is not told that its acknowledged messages are lost",
    kinds: ["loss-untold"],
    history: spoil(historyWithLoss, (h) => h.publishers[a]!.splice(-2, 1)),
  },
  {
    title: "a subscriber is set back without a gap",
    kinds: ["set-back"],
    history: spoil(historyWithLoss, (h) => subscriber1(h).splice(2, 1)),
  },
  {
    title: "a subscriber goes on in a log that has replaced what it was given, without a gap",
    kinds: ["set-back"],
    history: spoil(historyWithLoss, (h) => {
      h.publishers[a]!.splice(-1, 0, sends(a, "c", 6, 5_000), acks("c", 6, 20, 4, 5_001));
      h.publishers[a]!.splice(-1, 0, sends(a, "c", 7, 5_000), acks("c", 7, 20, 5, 5_001));
      subscriber1(h).splice(2, 2, gets("c", 20, 5, `${a}-7`));
    }),
  },
  {
    title: "a subscriber stays in a log that was replaced",
    kinds: ["lost-tail"],
    history: spoil(historyWithLoss, (h) => subscriber1(h).splice(2, 2)),
  },
  {
    title: "a gap takes back more than was given",
    kinds: ["gap-false"],
    history: spoil(historyWithLoss, (h) => {
      subscriber1(h)[2] = gap("c", "diverged", [3, 5], [10, 2]);
    }),
  },
  {
    title: "behind a gap that says that the log was replaced, it goes on with the same one",
    kinds: ["gap-false"],
    history: spoil(cleanHistory, (h) => {
      h.harness.push(redisCrash);
      const lines = h.subscribers["subscriber-2"]!;
      lines.splice(2, 0, gap("c", "diverged", [10, 10], [10, 9]), gets("c", 10, 10, `${b}-5`));
    }),
  },
  {
    title: "a gap takes something for removed that the channel keeps",
    kinds: ["gap-unjustified"],
    history: spoil(cleanHistory, (h) => {
      h.harness.push({ t: 1, kind: "retention", channel: "c", messages: 3 });
      const lines = h.subscribers["subscriber-2"]!;
      lines.splice(0, 2, starts("c"), gap("c", "trimmed", [1, 8], [10, 8]), gets("c", 10, 9, `${a}-5`, `${b}-5`));
    }),
  },
  {
    title: "a gap says that messages are damaged, and nobody damaged them",
    kinds: ["gap-unjustified"],
    history: spoil(cleanHistory, (h) => {
      const lines = h.subscribers["subscriber-2"]!;
      lines.splice(1, 1, gap("c", "corrupt", [8, 8], [10, 8]), gets("c", 10, 9, `${a}-5`, `${b}-5`));
    }),
  },
  {
    title: "a subscriber's own rolling hash differs",
    kinds: ["rolling-hash"],
    history: spoil(cleanHistory, (h) => {
      const rolled = { epoch: 10, from: 1, to: 10, value: 1 };
      subscriber1(h)[5] = { t: 8_900, kind: "stop", channel: "c", complete: true, rolled };
    }),
  },
  {
    title: "a watcher does not know of a member",
    kinds: ["members"],
    history: spoil(cleanHistory, (h) => {
      subscriber1(h).splice(-1, 0, { t: 8_900, kind: "members", channel: "c", members: [] });
      h.subscribers["subscriber-2"]!.splice(1, 0, { t: 950, kind: "enter", channel: "c", member: "m" });
    }),
  },
  {
    title: "a watcher takes one for a member whose process was killed long ago",
    kinds: ["members"],
    history: spoil(cleanHistory, (h) => {
      subscriber1(h).splice(-1, 0, { t: 8_900, kind: "members", channel: "c", members: ["m"] });
      h.subscribers["subscriber-3.1"]!.splice(1, 0, { t: 950, kind: "enter", channel: "c", member: "m" });
    }),
  },
  {
    title: "a publish is never answered",
    kinds: ["unsettled"],
    history: spoil(cleanHistory, (h) => h.publishers[a]!.splice(-1, 0, sends(a, "c", 6))),
  },
  {
    title: "a publisher ends by itself",
    kinds: ["died"],
    history: spoil(cleanHistory, (h) => h.publishers[a]!.pop()),
  },
  {
    title: "a subscriber ends by itself",
    kinds: ["died"],
    history: spoil(cleanHistory, (h) => h.subscribers["subscriber-2"]!.splice(-2)),
  },
  {
    title: "a node holds ever more memory",
    kinds: ["memory"],
    history: spoil(cleanHistory, (h) => {
      h.harness.push({ t: 9_000, kind: "sample", process: "node-2", phase: "idle", memory: 300e6, files: 40 });
    }),
  },
  {
    title: "a node holds ever more files",
    kinds: ["files"],
    history: spoil(cleanHistory, (h) => {
      h.harness.push({ t: 9_000, kind: "sample", process: "node-2", phase: "idle", memory: 30e6, files: 400 });
    }),
  },
  {
    title: "Redis holds ever more keys",
    kinds: ["keys"],
    history: spoil(cleanHistory, (h) => {
      h.harness.push({ t: 9_001, kind: "keys", channels: 1, count: 1_000 });
    }),
  },
];

for (const { title, kinds, history } of cases) {
  test(`${kinds.join(", ")}: ${title}`, async (t) => {
    const { numbers, examples } = await judged(t, history);
    assert.equal([...numbers.keys()].sort(), kinds, JSON.stringify(examples));
  });
}

test("each kind of violation has a history that contains it", () => {
  const found = new Set(cases.flatMap(({ kinds }) => kinds));
  assert.equal([...found].sort(), Object.keys(violations).sort());
});

const allowed: Record<string, History> = {
  ...allowedLosses,
  "a gap over what retention removed": spoil(cleanHistory, (h) => {
    h.harness.push({ t: 1, kind: "retention", channel: "c", messages: 3 });
    const lines = h.subscribers["subscriber-2"]!;
    lines.splice(
      0,
      2,
      starts("c"),
      gap("c", "trimmed", [1, 7], [10, 7]),
      gets("c", 10, 8, `${b}-4`, `${a}-5`, `${b}-5`),
    );
  }),
  "everything deleted, and told as a reset": spoil(historyWithLoss, (h) => {
    h.harness[0] = { t: 0, kind: "run", seed: 1, minutes: 1, level: "fsynced" };
    h.harness[1] = { ...redisCrash, withinMs: null, spares: [] };
    h.publishers[a]!.splice(-2, 1, { t: 5_002, kind: "lost", channel: "c", reason: "reset", from: 0, to: 0 });
    h.publishers[a]![9] = acks("c", 5, 20, 1, 5_001);
    subscriber1(h).splice(2, 2, gap("c", "reset", [0, 0], [0, 0]), gets("c", 20, 1, `${a}-5`));
  }),
  "a later epoch that goes on where the one before it ended": spoil(cleanHistory, (h) => {
    h.publishers[a]!.splice(-1, 0, sends(a, "c", 6), acks("c", 6, 20, 11));
    for (const lines of Object.values(h.subscribers)) {
      const at = lines.findIndex(({ kind }) => kind === "stop");
      if (at > 0) lines.splice(at, 1, gets("c", 20, 11, `${a}-6`), stops("c"));
    }
  }),
  "an epoch so old that its messages are told under the name of a later one": spoil(cleanHistory, (h) => {
    const lines = h.subscribers["subscriber-2"]!;
    h.publishers[a]!.splice(-1, 0, sends(a, "c", 6), acks("c", 6, 30, 11));
    for (const others of Object.values(h.subscribers)) {
      const at = others.findIndex(({ kind }) => kind === "stop");
      if (at > 0) others.splice(at, 1, gets("c", 30, 11, `${a}-6`), stops("c"));
    }
    lines.splice(1, 1, gets("c", 20, 8, `${b}-4`, `${a}-5`, `${b}-5`));
    lines[0] = { t: 900, kind: "start", channel: "c", epoch: 20, offset: 7, from: "new" };
  }),
  "everything deleted after an epoch had gone on behind the one before it": spoil(historyWithLoss, (h) => {
    h.harness[1] = { ...redisCrash, withinMs: null, spares: [] };
    const lost = { t: 5_002, kind: "lost", channel: "c", reason: "reset", from: 0, to: 0 } as const;
    h.publishers[a]!.splice(
      6,
      5,
      sends(a, "c", 4),
      acks("c", 4, 11, 4),
      sends(a, "c", 5, 5_000),
      acks("c", 5, 20, 1),
      lost,
      ends,
    );
    const lines = subscriber1(h);
    lines.splice(1, 1, gets("c", 10, 1, `${a}-1`, `${a}-2`, `${a}-3`), gets("c", 11, 4, `${a}-4`));
    lines.splice(3, 2, gap("c", "reset", [0, 0], [0, 0]), gets("c", 20, 1, `${a}-5`));
  }),
  "a refused publish that was stored after all": spoil(cleanHistory, (h) => {
    h.publishers[b]![9] = { t: 1_001, kind: "fail", channel: "c", n: 5, code: "deadline_exceeded" };
  }),
  "a publisher that was killed before it was answered": spoil(cleanHistory, (h) => {
    h.harness.push({ t: 1_002, kind: "killed", who: b! });
    h.publishers[b]!.splice(-2);
  }),
};

for (const [title, history] of Object.entries(allowed)) {
  test(`allowed: ${title}`, async (t) => {
    const { examples } = await judged(t, history);
    assert.equal(examples, []);
  });
}

test("what a node's subscribers missed is told by node", async (t) => {
  const history = spoil(cleanHistory, (h) => {
    subscriber1(h).splice(4, 2, gets("c", 10, 6, `${b}-3`, `${a}-4`, `${b}-4`, `${a}-5`, `${b}-5`), stops("c"));
  });
  assert.equal([...(await judged(t, history)).nodes], [["node-2", 1]]);
});

async function check(folder: string): Promise<{ code: number; last: string }> {
  const program = resolve(import.meta.dirname, "../../torture/check.ts");
  const child = spawn(process.execPath, ["--import", loader, program, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = await once(child, "close");
  return { code, last: output.trim().split("\n").at(-1)! };
}

test("as a process: exit code and last line; a line torn by a kill is none, others are damage", async (t) => {
  const folder = temporaryFolder(t);
  writeHistory(folder, cleanHistory());
  appendFileSync(join(folder, "subscriber-3.1.jsonl"), '{"t":2000,"kind":"go');
  const clean = await check(folder);
  assert.is(clean.code, 0, clean.last);
  assert.match(clean.last, /^CLEAN: 10 sent by 2 publishers, 10 acknowledged/);
  appendFileSync(join(folder, "subscriber-2.jsonl"), '{"t":2000,"kind":"go');
  const damaged = await check(folder);
  assert.is(damaged.code, 1);
  assert.match(damaged.last, /^VIOLATIONS: 1 \(died 1\)/);
});

test("faults that hit nobody are none, and where all did, nothing is proven", async (t) => {
  const missed: HarnessLine = { t: 3_000, kind: "fault", fault: "disk full", target: nobody, since: 2_500 };
  const some = spoil(cleanHistory, (h) => h.harness.push(missed));
  const { faults, missed: others } = (await judged(t, some)).counts;
  assert.equal([faults, others], [1, 1]);
  const folder = temporaryFolder(t);
  writeHistory(
    folder,
    spoil(cleanHistory, (h) => h.harness.splice(2, 1, missed)),
  );
  const { code, last } = await check(folder);
  assert.is(code, 1);
  assert.match(last, /^NO VERDICT: /);
});

test("a million deliveries of ten thousand messages are judged within a bounded memory", async (t) => {
  const folder = temporaryFolder(t);
  const count = 10_000;
  const names = Array.from({ length: count }, (_, i) => `${a}-${i + 1}`);
  const publisher = names.flatMap((_, i) => [sends(a, "c", i + 1), acks("c", i + 1, 10, i + 1)]);
  const lines: SubscriberLine[] = [starts("c")];
  for (let first = 0; first < count; first += 100)
    lines.push(gets("c", 10, first + 1, ...names.slice(first, first + 100)));
  const subscriber = [...lines, stops("c"), ends];
  const subscribers = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`subscriber-${i + 1}`, subscriber]));
  writeHistory(folder, {
    harness: [{ t: 0, kind: "run", seed: 1, minutes: 1, level: "stored" }],
    publishers: { [a]: [...publisher, ends] },
    subscribers,
  });
  const before = process.memoryUsage().heapUsed;
  const { counts, examples } = await judge(folder);
  assert.equal(examples, []);
  assert.is(counts.delivered, 100 * count);
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < 150e6, `it took ${grown} bytes`);
});

test.run();
