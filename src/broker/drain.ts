// A drain: nothing new is accepted, the sessions are moved one after the other, each at its own moment within a window,
// and what is under way is finished.
import { setTimeout as delay } from "node:timers/promises";
import { RepriseError } from "../wire/errors.js";
import type { Broker } from "./broker.js";
import { createElsewhere } from "./elsewhere.js";
import { move } from "./move.js";

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

/** Sessions whose moments lie closer together are told together. */
const tickMs = 10;

export function startDrain(broker: Broker, { windowMs, graceMs }: DrainOptions): Drain {
  const begun = performance.now();
  const queue = [...broker.sessions].reverse();
  const elsewhere = createElsewhere(broker.nodes, broker.node, () => queue.length);
  const counts = { sessions: queue.length, moved: 0, cut: 0 };
  let endedMs: number | undefined;
  const departures: Promise<unknown>[] = [];
  let windowEnd = begun + windowMs;
  /** Of the next session. */
  let moment = begun;
  let timer: NodeJS.Timeout | undefined;
  let lastCall: NodeJS.Timeout | undefined;
  let toldAll = () => {};
  const allTold = new Promise<void>((resolve) => {
    toldAll = resolve;
  });
  let outOfTime = () => {};
  const late = new Promise<void>((resolve) => {
    outOfTime = resolve;
  });

  const backInMs = () => Math.max(0, Math.ceil(windowEnd - performance.now())) + restartMs;
  const refusal = () => new RepriseError("draining", `node ${broker.node} is stopping`, { retryAfterMs: backInMs() });
  const step = () => {
    clearTimeout(timer);
    const now = performance.now();
    while (queue.length > 0 && moment <= now) {
      moment += Math.max(0, windowEnd - moment) / queue.length;
      const retryAfterMs = elsewhere.exists ? 0 : backInMs();
      const notice = { addresses: elsewhere.next(), retryAfterMs, graceMs };
      const { departure } = move(queue.pop()!, broker.node, notice);
      departures.push(departure.then((how) => counts[how === "cut" ? "cut" : "moved"]++));
    }
    if (queue.length === 0) toldAll();
    else timer = setTimeout(step, Math.max(tickMs, moment - now));
  };
  const limit = () => {
    clearTimeout(lastCall);
    lastCall = setTimeout(
      () => {
        for (const session of broker.sessions) session.moving?.cut();
        outOfTime();
      },
      windowEnd + graceMs - performance.now(),
    );
  };
  const run = async () => {
    // What was read last may be from before the others were there.
    const soon = Math.min(patienceMs, graceMs / 2);
    if (soon > 0) await Promise.race([broker.nodes.refresh(), delay(soon)]);
    // Those who have nowhere to go should find this node restarted soon.
    if (!elsewhere.exists) windowEnd = performance.now();
    moment = Math.min(performance.now(), windowEnd);
    limit();
    step();
    await allTold;
    // Calls that are no sessions may finish within the window.
    while (broker.stopping.size > 0 && performance.now() < windowEnd) await delay(tickMs);
    for (const stop of broker.stopping) stop(refusal());
    await Promise.all(departures);
    await Promise.race([broker.appender.idle(), late]);
    clearTimeout(lastCall);
    elsewhere.close();
    endedMs = performance.now() - begun;
  };

  return {
    get progress() {
      return { ...counts, elapsedMs: Math.round(endedMs ?? performance.now() - begun) };
    },
    done: run(),
    remainingMs: () => Math.max(0, windowEnd + graceMs - performance.now()),
    refusal,
    hurry(options) {
      windowEnd = Math.min(windowEnd, performance.now() + options.windowMs);
      graceMs = Math.min(graceMs, options.graceMs);
      moment = Math.min(moment, windowEnd);
      if (lastCall === undefined) return;
      limit();
      step();
    },
  };
}
