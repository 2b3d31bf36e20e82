// Reconnect storm: very many subscribers lose their broker at the same moment and come back. All of them are told
// everything, soon, and the broker reads each piece of the log once for all of them.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "../../src/client/index.js";
import { assert, loader, suite, type T } from "../harness.js";
import { freePort } from "../redis.js";
import { bufferNames, buffers } from "./buffers.js";
import type { Counts } from "./counting-broker.js";
import { figure, form } from "./form.js";
import type { Arrivals, Targets } from "./storm-subscribers.js";

const subscribers = form({ short: 200, full: 1_000 });
const processes = form({ short: 2, full: 4 });
/** Subscribers are spread over so many channels. */
const spreads = form({ short: [1], full: [1, 10] });
/** Messages a second, of all channels together: what comes to a thousand subscribers must leave the machine idle. */
const perSecond = 20;
/** How long the broker is away. */
const awayMs = 1_000;
const timeoutMs = form({ short: 60_000, full: 300_000 });

const test = suite("reconnect storm");

/** A module of this folder as a process; resolves with its first message received. */
async function run(t: T, name: string, args: readonly string[]): Promise<ChildProcess> {
  const child = fork(resolve(import.meta.dirname, name), args, { execArgv: ["--import", loader] });
  t.after(() => kill(child));
  const failed = once(child, "exit").then(() => Promise.reject(new Error(`${name} ended`)));
  failed.catch(() => {});
  await Promise.race([once(child, "message"), failed]);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

async function ask<A>(child: ChildProcess, question: object): Promise<A> {
  const answer = once(child, "message");
  child.send(question);
  return (await answer)[0] as A;
}

/** Of the buffer, for one channel, however many subscribers it has. */
const maxReads = form({ short: 30, full: 100 });

/** Publishes into all channels in turn until told to stop; `marks` resolves with an offset in each. */
async function publish(t: T, address: string, channels: readonly string[]) {
  // Soon back, because subscribers cannot be told what is not published.
  const bus = await connect(address, { timeoutMs: 20_000, backoff: { baseMs: 20, capMs: 100 } });
  t.after(() => bus.close({ timeoutMs: 0 }));
  let fault: unknown;
  let sent = 0;
  const begun = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - begun) / 1_000) * perSecond;
    while (sent < due) {
      bus.publish(channels[sent++ % channels.length]!, Buffer.alloc(100)).catch((thrown) => {
        fault = thrown;
      });
    }
  }, 5);
  t.after(() => clearInterval(timer));
  return {
    async marks(): Promise<Targets> {
      const results = await Promise.all(channels.map((channel) => bus.publish(channel, "mark")));
      return Object.fromEntries(channels.map((channel, i) => [channel, results[i]!.position.offset]));
    },
    /** Resolves when everything is acknowledged. */
    async stop() {
      clearInterval(timer);
      await bus.close();
      if (fault !== undefined) throw fault;
    },
  };
}

const part = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

const spread = (values: readonly number[]): string =>
  `half ${part(values, 0.5)} ms, 99 % ${part(values, 0.99)} ms, the last ${part(values, 1)} ms`;

async function storm(t: T, name: (typeof bufferNames)[number], channelCount: number): Promise<void> {
  const { buffer } = await buffers[name](t);
  const listen = `127.0.0.1:${await freePort()}`;
  const serve = () => run(t, "counting-broker.ts", [listen, buffer]);
  const broker = await serve();
  const channels = Array.from({ length: channelCount }, (_, i) => `storm/${i}`);
  const args = [listen, String(subscribers / processes), ...channels];
  const crowd = await Promise.all(Array.from({ length: processes }, () => run(t, "storm-subscribers.ts", args)));
  const publisher = await publish(t, listen, channels);
  const first = await publisher.marks();
  await Promise.all(crowd.map((child) => ask<Arrivals>(child, first)));

  await kill(broker);
  await delay(awayMs);
  const again = await serve();
  const began = Date.now();
  // What was published while the broker was away is stored before this.
  const targets = await publisher.marks();
  const arrivals = await Promise.all(crowd.map((child) => ask<Arrivals>(child, targets)));
  const counts = await ask<Counts>(again, {});
  await publisher.stop();

  for (const { fault } of arrivals) assert.is(fault, undefined);
  const since = (of: (one: Arrivals) => number[]) => arrivals.flatMap(of).map((at) => at - began);
  const what = `${name}, ${subscribers} on ${channelCount} channel${channelCount === 1 ? "" : "s"}`;
  figure(`${what}: connected`, spread(since(({ connected }) => connected)));
  figure(`${what}: caught up`, spread(since(({ reached }) => reached)));
  const { reads, states, watches } = counts;
  figure(`${what}: buffer`, `${reads} reads, ${states} states, ${watches} watches, for all channels together`);
  assert.ok(reads <= maxReads * channelCount, `${reads} reads of the buffer for ${channelCount} channels`);
}

for (const name of bufferNames) {
  for (const channelCount of spreads) {
    test(
      `${name}: ${subscribers} subscribers of ${channelCount} come back at once`,
      (t) => storm(t, name, channelCount),
      { timeoutMs },
    );
  }
}

test.run();
