// One publisher: unpaced, with a bounded number of messages on their way, or at a fixed rate.
import { Worker } from "node:worker_threads";
import { makePayload, nowMs, toUs } from "./payload.js";
import type { Window } from "./window.js";

/** What it publishes through. */
export interface Outlet {
  /** What is ready to be published in one turn. Resolves when all of it is acknowledged. */
  publish(channel: string, messages: readonly Buffer[]): Promise<unknown>;
}

export interface PublisherOptions {
  channels: readonly string[];
  size: number;
  /** Of all publishers of the run, which one this is. */
  index: number;
  publishers: number;
}

export interface Rate {
  perSecond: number;
  seconds: number;
}

/** Messages that are ready in one turn. */
const turnMessages = 100;

export interface Publisher {
  /** Published so far. They go to the channels in turn, from the first one on. */
  readonly published: number;
  readonly acked: number;
  /** Why a publish failed, the first that did. Nothing more is published then. */
  readonly failure: unknown;
  /** What the slowest subscriber has received in all. */
  received(least: number): void;
  /** Publishes as fast as the window allows, until `stop` or until so many more are published. */
  flood(window: Window, count?: number): void;
  /** Ends the flood, or the pace; resolves when all is acknowledged. */
  stop(): Promise<void>;
  /** Resolves when all of the flood is published and acknowledged. */
  done(): Promise<void>;
  /** Publishes at a fixed rate; resolves when all is acknowledged. Late or not, a message bears its due time. */
  pace(rate: Rate): Promise<void>;
}

export function newPublisher(outlet: Outlet, options: PublisherOptions): Publisher {
  const { channels, size, index, publishers } = options;
  let published = 0;
  let acked = 0;
  let least = 0;
  let flooding: { window: Window; last: number } | undefined;
  let failure: unknown;
  let settled = () => {};
  let endPace = () => {};

  /** The next `count` messages, which are due at `dueMs`. */
  function send(count: number, dueMs: number): void {
    const turn = new Map<string, Buffer[]>();
    const sentUs = toUs(dueMs);
    for (let i = 0; i < count; i++, published++) {
      const channel = published % channels.length;
      const number = Math.floor(published / channels.length) + 1;
      const message = makePayload(size, channel * publishers + index, number, sentUs);
      const ready = turn.get(channels[channel]!);
      if (ready === undefined) turn.set(channels[channel]!, [message]);
      else ready.push(message);
    }
    for (const [channel, messages] of turn) {
      outlet.publish(channel, messages).then(
        () => {
          acked += messages.length;
          advance();
        },
        (error) => {
          failure ??= error;
          settled();
        },
      );
    }
  }

  function advance(): void {
    while (flooding !== undefined && failure === undefined) {
      const { window, last } = flooding;
      const turn = Math.min(turnMessages, window.unacked, last - published);
      if (turn === 0) flooding = undefined;
      else if (published + turn - acked > window.unacked) break;
      else if (window.behind !== undefined && published + turn - least > window.behind) break;
      else send(turn, nowMs());
    }
    if (flooding === undefined && acked === published) settled();
  }

  async function done(): Promise<void> {
    if (failure === undefined && (flooding !== undefined || acked < published)) {
      await new Promise<void>((resolve) => {
        settled = resolve;
      });
    }
    if (failure !== undefined) throw failure;
  }

  async function pace({ perSecond, seconds }: Rate): Promise<void> {
    // Several are due at once where a millisecond is not enough for one.
    const together = Math.max(1, Math.round(perSecond / 1000));
    const tickMs = (1000 * together) / perSecond;
    const ticks = Math.round((seconds * 1000) / tickMs);
    // The thread needs a moment to start.
    const startMs = nowMs() + 300;
    const metronome = new Worker(new URL("metronome.mjs", import.meta.url), { workerData: { startMs, tickMs } });
    let tick = 0;
    await new Promise<void>((resolve, reject) => {
      endPace = resolve;
      metronome.on("error", reject);
      metronome.on("message", () => {
        const now = nowMs();
        for (; tick < ticks && startMs + tick * tickMs <= now; tick++) send(together, startMs + tick * tickMs);
        if (tick === ticks) resolve();
      });
    });
    await metronome.terminate();
    await done();
  }

  return {
    get published() {
      return published;
    },
    get acked() {
      return acked;
    },
    get failure() {
      return failure;
    },
    received(count) {
      least = count;
      advance();
    },
    flood(window, count = Number.POSITIVE_INFINITY) {
      flooding = { window, last: published + count };
      advance();
    },
    stop() {
      flooding = undefined;
      endPace();
      return done();
    },
    done,
    pace,
  };
}
