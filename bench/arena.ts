// One system, started for one measurement, with the client processes that load it; all of it gone afterwards.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuUs, residentBytes } from "./accounting.js";
import { type Client, startClient } from "./clients.js";
import { type Histogram, percentile, sum } from "./histogram.js";
import type { Window } from "./publisher.js";
import type { From, Place, ServerProcess, Servers } from "./system.js";
import { systemNamed } from "./systems/index.js";

/** Something was lost, repeated, out of order or damaged: there is no figure. */
export class Fault extends Error {
  override readonly name = "Fault";
}

export interface Subscribers {
  /** In all sessions together. */
  messages(): Promise<number>;
  /** Waits until each session has exactly what was published in its channels, and says how long that took, in ms. */
  all(publishers: readonly Client[]): Promise<number>;
  recordLatency(): Promise<void>;
  latency(): Promise<Latency>;
  /** From now on the publisher knows how far the slowest of these is. @param before what it had published before they came */
  feed(publisher: Client, before?: number): Promise<void>;
  clients: readonly Client[];
}

/** In ms. */
export interface Latency {
  p50: number;
  p99: number;
  p999: number;
}

export interface Subscribing {
  from?: From;
  /** Number of the first message that is expected in each channel. Default: 1. */
  next?: number;
  /** How many of a process open their session at the same time. */
  atOnce?: number;
  /** Processes. Default: 2. */
  processes?: readonly Client[];
}

export interface Arena {
  servers: Servers;
  channels: readonly string[];
  /** Ready to be told what to do. */
  clients(count: number): Promise<Client[]>;
  subscribers(sessions: readonly (readonly string[])[], options?: Subscribing): Promise<Subscribers>;
  publishers(count: number): Promise<Client[]>;
  residentMiB(role: ServerProcess["role"]): number;
}

export interface ArenaOptions {
  channels: number;
  size: number;
  publishers?: number;
  keepAll?: boolean;
}

const feedbackMs = 10;
const MiB = 1024 * 1024;

/** Of the server programs that were started so far. */
export const versions = new Set<string>();

export async function inArena<T>(
  name: string,
  { channels: count, size, publishers: streams = 1, keepAll = false }: ArenaOptions,
  body: (arena: Arena) => Promise<T>,
): Promise<T> {
  const system = await systemNamed(name);
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once("exit", remove);
  const channels = Array.from({ length: count }, (_, i) => `bench.${i}`);
  const place: Place = { folder, channels, size, keepAll };
  const started: Client[] = [];
  let servers: Servers | undefined;
  try {
    servers = await system.start(place);
    const { address, processes } = servers;
    versions.add(servers.version);
    const clients = async (count: number) => {
      const starting = Array.from({ length: count }, startClient);
      started.push(...starting);
      await Promise.all(starting.map((client) => client.call("target", { system: name, address, size })));
      return starting;
    };
    return await body({
      servers,
      channels,
      clients,
      subscribers: async (sessions, options = {}) => {
        const processes = options.processes ?? (await clients(Math.min(2, sessions.length)));
        return subscribe(processes, sessions, channels, streams, options);
      },
      publishers: async (count) => {
        const starting = await clients(count);
        await Promise.all(
          starting.map((client, index) => client.call("publisher", { channels, size, index, publishers: streams })),
        );
        return starting;
      },
      residentMiB: (role) =>
        processes.filter((process) => process.role === role).reduce((sum, { pid }) => sum + residentBytes(pid), 0) /
        MiB,
    });
  } finally {
    await Promise.all(started.map((client) => client.end()));
    await servers?.stop();
    process.off("exit", remove);
    remove();
  }
}

async function subscribe(
  clients: readonly Client[],
  sessions: readonly (readonly string[])[],
  channels: readonly string[],
  publishers: number,
  { from = "new", next = 1, atOnce = 25 }: Subscribing,
): Promise<Subscribers> {
  const parts = clients.map((_, part) => sessions.filter((_, index) => index % clients.length === part));
  const streams = channels.length * publishers;
  await Promise.all(
    clients.map((client, part) => client.call("subscribe", { sessions: parts[part]!, from, next, streams, atOnce })),
  );
  const all = <T>(ask: (client: Client, part: number) => Promise<T>) => Promise.all(clients.map(ask));

  async function expected(publishers: readonly Client[]): Promise<(channels: readonly string[]) => number> {
    const published = await Promise.all(publishers.map((publisher) => publisher.call("published")));
    const places = new Map(channels.map((channel, index) => [channel, index]));
    // Publishers go through the channels in turn.
    const inChannel = (channel: string) =>
      published.reduce(
        (sum, { published }) => sum + Math.ceil((published - places.get(channel)!) / channels.length) - (next - 1),
        0,
      );
    return (channels) => channels.reduce((sum, channel) => sum + inChannel(channel), 0);
  }

  return {
    clients,
    messages: async () => (await all((client) => client.call("count"))).reduce((a, b) => a + b, 0),
    async all(publishers) {
      const expect = await expected(publishers);
      const counts = parts.map((part) => part.map(expect));
      const ends = await all((client, part) => client.call("receivedAll", counts[part]!));
      for (const [part, { fault, counts: got }] of (await all((client) => client.call("received"))).entries()) {
        if (fault !== undefined) throw new Fault(fault);
        for (const [session, count] of got.entries()) {
          const missing = counts[part]![session]! - count;
          if (missing !== 0) throw new Fault(`a subscriber got ${count} messages instead of ${counts[part]![session]}`);
        }
      }
      return Math.max(...ends);
    },
    recordLatency: async () => void (await all((client) => client.call("recordLatency"))),
    async latency() {
      const histograms = (await all((client) => client.call("received"))).flatMap(({ latency }) => latency);
      const total: Histogram = sum(histograms);
      const ms = (part: number) => percentile(total, part) / 1000;
      return { p50: ms(0.5), p99: ms(0.99), p999: ms(0.999) };
    },
    async feed(publisher, before = 0) {
      const progress = clients.map(() => 0);
      for (const [index, client] of clients.entries()) {
        client.onProgress((least) => {
          progress[index] = least;
          publisher.tell("progress", before + Math.min(...progress));
        });
      }
      await all((client) => client.call("tellProgress", feedbackMs));
    },
  };
}

/** Messages that may be on their way: the same for all systems. */
export function windowOf(size: number, subscribers: number): Window {
  const within = (low: number, high: number, value: number) => Math.floor(Math.min(high, Math.max(low, value)));
  const unacked = within(256, 8_192, MiB / size);
  if (subscribers === 0) return { unacked };
  return { unacked, behind: within(256, 32_768, Math.min((2 * MiB) / subscribers, (4 * MiB) / size)) };
}

/** What happened between two moments. */
export interface Reading {
  seconds: number;
  /** Of what was counted. */
  count: number;
  perSecond: number;
  /** µs of CPU for each that was counted. */
  broker: number;
  store: number;
  clients: number;
}

/** Measures for so many seconds, or while something is done. */
export async function measure(
  { servers }: Arena,
  clients: readonly Client[],
  during: number | (() => Promise<unknown>),
  counted: () => Promise<number>,
): Promise<Reading> {
  const look = async () => {
    const [count, ...used] = await Promise.all([counted(), ...clients.map((client) => client.call("cpu"))]);
    const of = (role: ServerProcess["role"]) =>
      servers.processes.filter((process) => process.role === role).reduce((sum, { pid }) => sum + cpuUs(pid), 0);
    return {
      at: performance.now(),
      count: count!,
      broker: of("broker"),
      store: of("store"),
      clients: used.reduce((a, b) => a + b, 0),
    };
  };
  const before = await look();
  if (typeof during === "number") await new Promise((resolve) => setTimeout(resolve, during * 1000));
  else await during();
  const after = await look();
  const seconds = (after.at - before.at) / 1000;
  const count = after.count - before.count;
  const each = (key: "broker" | "store" | "clients") => (after[key] - before[key]) / count;
  return {
    seconds,
    count,
    perSecond: count / seconds,
    broker: each("broker"),
    store: each("store"),
    clients: each("clients"),
  };
}
