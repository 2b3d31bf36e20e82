// The subscribers of a run, spread over client processes.

import { percentile, sum } from "../src/bin/bench/histogram.js";
import type { Client } from "./clients.js";
import type { From } from "./system.js";

/** Something was lost, repeated, out of order or damaged: there is no figure. */
export class Fault extends Error {
  override readonly name = "Fault";
}

export interface Subscribers {
  /** In all sessions together. */
  messages(): Promise<number>;
  /** Waits until each session has exactly what was published in its channels. Throws Fault if that does not come. */
  all(publishers: readonly Client[]): Promise<void>;
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
  /** Where they are. Default: two new processes, or one for one session. */
  processes?: readonly Client[];
}

/** Whom they listen to: every publisher goes through all channels in turn. */
export interface Source {
  channels: readonly string[];
  publishers: number;
}

const feedbackMs = 10;

export async function subscribe(
  clients: readonly Client[],
  sessions: readonly (readonly string[])[],
  source: Source,
  { from = "new", next = 1, atOnce = 25 }: Subscribing,
): Promise<Subscribers> {
  const parts = clients.map((_, part) => sessions.filter((_, index) => index % clients.length === part));
  const streams = source.channels.length * source.publishers;
  const all = <T>(ask: (client: Client, part: number) => Promise<T>) => Promise.all(clients.map(ask));
  await all((client, part) => client.call("subscribe", { sessions: parts[part]!, from, next, streams, atOnce }));

  return {
    clients,
    messages: async () => (await all((client) => client.call("count"))).reduce((a, b) => a + b, 0),
    async all(publishers) {
      const expect = await expected(source, publishers, next);
      const counts = parts.map((part) => part.map(expect));
      await all((client, part) => client.call("receivedAll", counts[part]!));
      for (const [part, { fault, counts: got }] of (await all((client) => client.call("received"))).entries()) {
        if (fault !== undefined) throw new Fault(fault);
        for (const [session, count] of got.entries()) {
          const due = counts[part]![session]!;
          if (count !== due) throw new Fault(`a subscriber got ${count} messages instead of ${due}`);
        }
      }
    },
    recordLatency: async () => void (await all((client) => client.call("recordLatency"))),
    async latency() {
      const total = sum((await all((client) => client.call("received"))).flatMap(({ latency }) => latency));
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

/** How many messages a session of these channels must get. */
async function expected(
  { channels }: Source,
  publishers: readonly Client[],
  next: number,
): Promise<(channels: readonly string[]) => number> {
  const published = await Promise.all(publishers.map((publisher) => publisher.call("published")));
  const places = new Map(channels.map((channel, index) => [channel, index]));
  const inChannel = (channel: string) =>
    published.reduce(
      (sum, { published }) => sum + Math.ceil((published - places.get(channel)!) / channels.length) - (next - 1),
      0,
    );
  return (channels) => channels.reduce((sum, channel) => sum + inChannel(channel), 0);
}
