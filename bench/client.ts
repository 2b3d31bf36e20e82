// A client process: publishers and subscribers of one system, each on a connection of its own. It does what its parent
// calls (clients.ts), and tells it every 10 ms how far its slowest subscriber has got, if it is asked to.
import { type Histogram, newHistogram } from "../src/bin/bench/histogram.js";
import { newPublisher, type Publisher, type PublisherOptions, type Rate } from "../src/bin/bench/publisher.js";
import { newReceiver, type Receiver } from "../src/bin/bench/receiver.js";
import type { Window } from "../src/bin/bench/window.js";
import type { From, Session, System } from "./system.js";
import { systemNamed } from "./systems/index.js";

export interface Target {
  system: string;
  address: string;
  size: number;
}

export interface Subscribing {
  /** The channels of each session. */
  sessions: readonly (readonly string[])[];
  from: From;
  /** The number of the first message that is expected. */
  next: number;
  streams: number;
  /** How many sessions are opened at the same time. */
  atOnce: number;
}

export interface Received {
  /** In each session. */
  counts: number[];
  fault: string | undefined;
  latency: Histogram[];
}

/** What the parent calls. */
export interface Calls {
  target(target: Target): Promise<void>;
  subscribe(subscribing: Subscribing): Promise<void>;
  /** Messages in all sessions together. */
  count(): number;
  received(): Received;
  /** Resolves when each session has received so many, or none has received anything for 30 s. */
  receivedAll(counts: readonly number[]): Promise<void>;
  /** From now on; in one histogram for the process. */
  recordLatency(): void;
  tellProgress(everyMs: number): void;
  publisher(options: PublisherOptions): Promise<void>;
  flood(window: Window, count?: number): void;
  stop(): Promise<void>;
  done(): Promise<void>;
  pace(rate: Rate): Promise<void>;
  published(): { published: number; acked: number };
  progress(least: number): void;
  /** CPU time of this process in µs. */
  cpu(): number;
  closeSubscribers(): Promise<void>;
}

const patienceMs = 30_000;

let system: System;
let target: Target;
let sessions: Session[] = [];
let receivers: Receiver[] = [];
let publisher: Publisher | undefined;
const latency: Histogram[] = [];

const messages = () => receivers.reduce((sum, receiver) => sum + receiver.messages, 0);
const least = () => receivers.reduce((least, receiver) => Math.min(least, receiver.messages), Number.MAX_SAFE_INTEGER);

const calls: Calls = {
  async target(given) {
    target = given;
    system = await systemNamed(given.system);
  },
  async subscribe({ sessions: all, from, next, streams, atOnce }) {
    receivers = all.map(() => newReceiver(target.size, streams, next));
    const waiting = [...all.entries()];
    const open = async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        const session = await system.open(target.address);
        sessions.push(session);
        await session.subscribe(one[1], from, receivers[one[0]]!.receive);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, open));
  },
  count: messages,
  received: () => ({
    counts: receivers.map((receiver) => receiver.messages),
    fault: receivers.find((receiver) => receiver.fault !== undefined)?.fault,
    latency,
  }),
  receivedAll(counts) {
    let before = messages();
    let changed = performance.now();
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const now = performance.now();
        const all = receivers.every((receiver, index) => receiver.messages >= counts[index]!);
        if (messages() !== before) changed = now;
        before = messages();
        if (!all && now - changed < patienceMs) return;
        clearInterval(timer);
        resolve();
      }, 5);
    });
  },
  recordLatency() {
    latency[0] = newHistogram();
    for (const receiver of receivers) receiver.latency = latency[0];
  },
  tellProgress(everyMs) {
    let told = -1;
    setInterval(() => {
      const now = least();
      if (now !== told) process.send!({ progress: now });
      told = now;
    }, everyMs);
  },
  async publisher(options) {
    const session = await system.open(target.address);
    publisher = newPublisher(session, options);
  },
  flood: (window, count) => publisher!.flood(window, count),
  stop: () => publisher!.stop(),
  done: () => publisher!.done(),
  pace: (rate) => publisher!.pace(rate),
  published: () => ({ published: publisher!.published, acked: publisher!.acked }),
  progress: (least) => publisher!.received(least),
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  async closeSubscribers() {
    await Promise.all(sessions.map((session) => session.close()));
    sessions = [];
    receivers = [];
  },
};

interface Request {
  id: number;
  name: keyof Calls;
  args: unknown[];
}

async function answer({ id, name, args }: Request): Promise<void> {
  try {
    const result = await (calls[name] as (...args: unknown[]) => unknown)(...args);
    if (process.connected && id !== 0) process.send!({ id, result });
  } catch (error) {
    if (process.connected)
      process.send!({ id, error: (error as Error).stack ?? String(error), name: (error as Error).name });
  }
}

process.on("message", (request: Request) => void answer(request));
// Nothing outlives the benchmark.
process.on("disconnect", () => process.exit());
