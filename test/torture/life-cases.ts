// Forged histories for the checker, of who takes part: publishers that get no answer, subscribers that read nothing, members
// that do not enter, nodes that end, and whoever does not come back. All but what is said of each is as it should be.
import type { SubscriberLine } from "../../torture/check/history.js";
import {
  acks,
  type Case,
  casts,
  castsOf,
  cleanHistory,
  ends,
  fails,
  gets,
  type History,
  historyWithLoss,
  sends,
  spoil,
} from "./forge.js";

const [a, b] = ["publisher-a", "publisher-b"] as const;

/** The last message of b fails so. */
function refuse(history: History, code: string): void {
  history.publishers[b]![9] = fails("c", 5, code);
}

/** Everybody, of whom subscriber-2 is to be a member. */
const castMember = (history: History) =>
  castsOf(history).map((line) => (line.who === "subscriber-2" ? { ...line, member: true } : line));

export const lifeCases: Case[] = [
  {
    title: "what is never answered is given up when the publisher ends",
    kinds: ["unsettled"],
    history: spoil(cleanHistory, (h) => {
      h.publishers[a]!.splice(-1, 0, sends(a, "c", 6));
      h.publishers[a]!.push({ t: 9_001, kind: "fail", channel: "c", n: 6, code: "closed" });
    }),
  },
  {
    title: "a publish fails for a reason that nobody documents",
    kinds: ["refused-wrongly"],
    history: spoil(cleanHistory, (h) => refuse(h, "TypeError: x is not a function")),
  },
  {
    title: "a publish fails by a bug of the node",
    kinds: ["refused-wrongly"],
    history: spoil(cleanHistory, (h) => refuse(h, "internal")),
  },
  {
    title: "a publish is refused, as if what was published had been wrong",
    kinds: ["refused-wrongly"],
    history: spoil(cleanHistory, (h) => refuse(h, "malformed")),
  },
  {
    title: "a stream of calls is cut short, as if the store had lost its beginning, and nothing was lost",
    kinds: ["refused-wrongly"],
    history: spoil(cleanHistory, (h) => {
      h.publishers[b]!.unshift({ t: 0, kind: "outside", resends: true });
      h.publishers[b]![10] = fails("c", 5, "sequence_skipped");
    }),
  },
  {
    title: "a node ends by itself",
    kinds: ["died"],
    history: spoil(cleanHistory, (h) => {
      h.harness.push({ t: 3_000, kind: "exit", process: "node-1", how: "SIGSEGV" });
    }),
  },
  {
    title: "a subscriber stops nowhere, and the end is missing",
    kinds: ["absent"],
    history: spoil(cleanHistory, (h) => {
      h.subscribers["subscriber-2"]!.splice(1, 2, gets("c", 10, 8, `${b}-4`));
    }),
  },
  {
    title: "a subscriber stops anywhere, and the end is missing",
    kinds: ["absent"],
    history: spoil(cleanHistory, (h) => {
      const stopped: SubscriberLine = { t: 8_900, kind: "stop", channel: "c", complete: false };
      h.subscribers["subscriber-2"]!.splice(1, 2, gets("c", 10, 8, `${b}-4`), stopped);
    }),
  },
  {
    title: "a subscriber does not subscribe to one of its channels",
    kinds: ["absent"],
    history: spoil(cleanHistory, (h) => {
      const [first, ...others] = castsOf(h).reverse();
      h.harness.push({ ...first!, channels: ["c", "d"] }, ...others);
    }),
  },
  {
    title: "a subscriber that was started leaves nothing",
    kinds: ["absent"],
    history: spoil(cleanHistory, (h) => h.harness.push(...castsOf(h), casts("subscriber-9", "subscriber", "c"))),
  },
  {
    title: "a log of somebody whom nobody started",
    kinds: ["absent"],
    history: spoil(cleanHistory, (h) => h.harness.push(...castsOf(h).slice(0, -1))),
  },
  {
    title: "a subscriber is given nothing, is killed, and does not come back",
    kinds: ["absent"],
    history: spoil(cleanHistory, (h) => {
      h.harness.push({ t: 8_800, kind: "killed", who: "subscriber-2", returns: true });
      h.subscribers["subscriber-2"]!.splice(1);
    }),
  },
  {
    title: "nothing is acknowledged to a publisher",
    kinds: ["absent"],
    history: spoil(cleanHistory, (h) => {
      h.publishers["publisher-c"] = [sends("publisher-c", "c", 1), fails("c", 1, "draining"), ends];
    }),
  },
  {
    title: "what is acknowledged in a channel that nobody reads",
    kinds: ["unread"],
    history: spoil(cleanHistory, (h) => h.publishers[a]!.splice(-1, 0, sends(a, "d", 6), acks("d", 6, 10, 1))),
  },
  {
    title: "whoever reads a channel began with what is new",
    kinds: ["unread"],
    history: spoil(cleanHistory, (h) => {
      h.subscribers = { "subscriber-2": h.subscribers["subscriber-2"]! };
    }),
  },
  {
    title: "a subscription of what is new is not told where it begins, and gets nothing",
    kinds: ["lost-prefix"],
    history: spoil(cleanHistory, (h) => {
      const start: SubscriberLine = { t: 1_050, kind: "start", channel: "c", epoch: 0, offset: -1, from: "new" };
      h.subscribers["subscriber-2"]!.splice(0, 2, start);
    }),
  },
  {
    title: "a subscription of what is new begins behind what was sent later",
    kinds: ["lost-prefix"],
    history: spoil(cleanHistory, (h) => {
      const start: SubscriberLine = { t: 950, kind: "start", channel: "c", epoch: 10, offset: 9, from: "new" };
      h.subscribers["subscriber-2"]!.splice(0, 2, start, gets("c", 10, 10, `${b}-5`));
    }),
  },
  {
    title: "a subscription of what is new begins behind the end of the log, and gets nothing",
    kinds: ["lost-prefix"],
    history: spoil(cleanHistory, (h) => {
      const start: SubscriberLine = { t: 1_050, kind: "start", channel: "c", epoch: 10, offset: 50, from: "new" };
      h.subscribers["subscriber-2"]!.splice(0, 2, start);
    }),
  },
  {
    title: "a member does not enter",
    kinds: ["members"],
    history: spoil(cleanHistory, (h) => h.harness.push(...castMember(h))),
  },
  {
    title: "somebody enters, and nobody ever looks who is there",
    kinds: ["members"],
    history: spoil(cleanHistory, (h) => {
      h.subscribers["subscriber-2"]!.splice(1, 0, { t: 1_060, kind: "enter", channel: "c", member: "m" });
    }),
  },
  {
    title: "a node that was there at the beginning says nothing in the end",
    kinds: ["unmeasured"],
    history: spoil(cleanHistory, (h) => {
      h.harness.push({ t: 100, kind: "sample", process: "node-2", phase: "begin", memory: 30e6, files: 40 });
    }),
  },
  {
    title: "nodes never say what they hold",
    kinds: ["unmeasured"],
    history: spoil(historyWithLoss, (h) => h.harness.push(casts("node-1", "node"))),
  },
  {
    title: "nobody says which nodes there were",
    kinds: ["unmeasured"],
    history: spoil(historyWithLoss, (h) => h.harness.push(casts("redis-1", "redis"))),
  },
];
