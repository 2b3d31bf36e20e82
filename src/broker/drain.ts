// A drain: nothing new is accepted, the sessions are moved one after the other, each at its own moment within a window,
// and what is under way is finished.
import { setTimeout as delay } from "node:timers/promises";
import { RepriseError } from "../wire/errors.js";
import type { Broker } from "./broker.js";
import { createElsewhere } from "./elsewhere.js";
import { move } from "./move.js";
import { type Pace, startPace } from "./pace.js";
import { atMost } from "./patience.js";

export interface DrainOptions {
  /** Over which the sessions are told to go. */
  windowMs: number;
  /** How long each of them may take, and what else is under way after the window. */
  graceMs: number;
}

/** How far a drain has come, or what has come of it. */
export interface Drained {
  /** Sessions that were there when it began. */
  sessions: number;
  /** How many of them have gone. */
  moved: number;
  /** How many had to be cut. They do not count as moved. */
  cut: number;
  elapsedMs: number;
}

export interface Drain {
  readonly progress: Drained;
  /** Resolves when the last session has gone and what else was under way is finished, or its time is over. */
  readonly done: Promise<void>;
  /** Until it is done at the latest. */
  remainingMs(): number;
  /** What a call is refused with that comes now. */
  refusal(): RepriseError;
  /** From now on takes no longer than this. */
  hurry(options: DrainOptions): void;
}

/** About what a restart takes. */
const restartMs = 1_000;

/** For the list of nodes. */
const patienceMs = 1_000;

/** How often it is looked whether calls have ended. */
const lookMs = 10;

export function startDrain(broker: Broker, options: DrainOptions): Drain {
  const begun = performance.now();
  const queue = [...broker.sessions].reverse();
  const elsewhere = createElsewhere(broker.nodes, () => queue.length);
  const counts = { sessions: queue.length, moved: 0, cut: 0 };
  const departures: Promise<unknown>[] = [];
  const deadline = startDeadline(broker);
  let { graceMs } = options;
  let windowEnd = begun + options.windowMs;
  let endedAt: number | undefined;
  let pace: Pace | undefined;

  const backInMs = () => Math.max(0, Math.ceil(windowEnd - performance.now())) + restartMs;
  const refusal = () => new RepriseError("draining", `node ${broker.node} is stopping`, { retryAfterMs: backInMs() });
  const moveNext = () => {
    const retryAfterMs = elsewhere.exists ? 0 : backInMs();
    const notice = { addresses: elsewhere.next(), retryAfterMs, graceMs };
    const { departure } = move(queue.pop()!, broker.node, notice);
    departures.push(departure.then((how) => counts[how === "cut" ? "cut" : "moved"]++));
  };
  const run = async () => {
    // What was read last may be from before the others were there.
    if (graceMs > 0) await atMost(Math.min(patienceMs, graceMs / 2), broker.nodes.refresh());
    // Those who have nowhere to go should find this node restarted soon.
    if (!elsewhere.exists) windowEnd = begun;
    deadline.set(windowEnd + graceMs);
    pace = startPace(queue.length, windowEnd, moveNext);
    await pace.done;
    // Calls that are no sessions may finish within the window.
    while (broker.stopping.size > 0 && performance.now() < windowEnd) await delay(lookMs);
    for (const stop of broker.stopping) stop(refusal());
    await Promise.all(departures);
    await Promise.race([broker.appender.idle(), deadline.passed]);
    deadline.end();
    elsewhere.close();
    endedAt = performance.now();
  };
  return {
    get progress() {
      return { ...counts, elapsedMs: Math.round((endedAt ?? performance.now()) - begun) };
    },
    done: run(),
    remainingMs: () => Math.max(0, windowEnd + graceMs - performance.now()),
    refusal,
    hurry(options) {
      windowEnd = Math.min(windowEnd, performance.now() + options.windowMs);
      graceMs = Math.min(graceMs, options.graceMs);
      if (pace === undefined) return;
      deadline.set(windowEnd + graceMs);
      pace.hurry(windowEnd);
    },
  };
}

/** When what is left is cut: sessions may have been told to go when there was more time. */
function startDeadline(broker: Broker) {
  let timer: NodeJS.Timeout | undefined;
  let resolvePassed = () => {};
  const passed = new Promise<void>((resolve) => {
    resolvePassed = resolve;
  });
  const pass = () => {
    for (const session of broker.sessions) session.moving?.cut();
    resolvePassed();
  };
  return {
    passed,
    /** @param at of `performance.now()` */
    set(at: number) {
      clearTimeout(timer);
      timer = setTimeout(pass, at - performance.now());
    },
    end: () => clearTimeout(timer),
  };
}
