// One measurement: publishers and subscribers on connections of their own, all in this process.
import { setTimeout as delay } from "node:timers/promises";
import type { Bus } from "../../client/index.js";
import { Exit, exitCodes } from "../exit.js";
import { newHistogram, percentile } from "./histogram.js";
import { newPublisher, type Publisher } from "./publisher.js";
import { type Publishing, startPublishing } from "./publishing.js";
import { newReceiver, type Receiver } from "./receiver.js";
import type { Window } from "./window.js";

export interface Load {
  /** Every publisher publishes into all of them in turn, and every subscriber listens to all of them. */
  channels: readonly string[];
  publishers: number;
  subscribers: number;
  /** Bytes of a message. */
  size: number;
  /** Messages a second of all publishers together; undefined: as fast as the windows allow. */
  rate: number | undefined;
  /** Of each publisher. */
  window: Window;
  /** Measured, after a warm-up. */
  seconds: number;
}

export interface Figures {
  deliveriesPerSecond: number;
  ackedPerSecond: number;
  /** From the moment a message was due to the moment a subscriber has it. */
  latencyMs: { p50: number; p99: number; p999: number };
  /** Of this process: publishers and subscribers together. */
  clientCpuUsPerDelivery: number;
}

/** Something was lost, repeated, out of order or damaged: there are no figures. */
export class Fault extends Error {
  override readonly name = "Fault";
}

const warmSeconds = 1;
/** A pace begins after a moment, and ends after the measurement. */
const leadSeconds = 0.3;
const tailSeconds = 0.2;
/** How often publishers are told how far the slowest subscriber is, and it is looked whether anything is wrong. */
const lookMs = 10;
/** Nothing more comes if nothing has come for this long. */
const patienceMs = 30_000;
/** Connections that are opened at the same time. */
const openAtOnce = 25;

/** @throws Fault, and RepriseError or Exit if it could not be measured */
export async function measure(open: () => Promise<Bus>, load: Load): Promise<Figures> {
  const buses: Bus[] = [];
  let publishers: Publisher[] = [];
  try {
    await openAll(load.publishers + load.subscribers, open, buses);
    const receivers = await Promise.all(buses.slice(load.publishers).map((bus) => receive(bus, load)));
    publishers = buses.slice(0, load.publishers).map((bus, index) => publisherOn(bus, index, load));
    return await run(publishers, receivers, load);
  } finally {
    // Whoever is still publishing is not waited for.
    for (const publisher of publishers) publisher.stop().catch(() => {});
    await Promise.all(buses.map((bus) => bus.close({ timeoutMs: 0 })));
  }
}

async function openAll(count: number, open: () => Promise<Bus>, into: Bus[]): Promise<void> {
  while (into.length < count) {
    const some = Array.from({ length: Math.min(openAtOnce, count - into.length) }, open);
    const opened = await Promise.allSettled(some);
    for (const one of opened) if (one.status === "fulfilled") into.push(one.value);
    for (const one of opened) if (one.status === "rejected") throw one.reason;
  }
}

async function receive(bus: Bus, { channels, publishers, size }: Load): Promise<Receiver> {
  const receiver = newReceiver(size, channels.length * publishers, 1);
  const subscriptions = channels.map((channel) => bus.subscribe(channel, { onGap: "throw" }));
  await Promise.all(subscriptions.map(({ ready }) => ready));
  for (const subscription of subscriptions) {
    void (async () => {
      for await (const batch of subscription.batches()) for (const { data } of batch) receiver.receive(data);
    })().catch((error: Error) => {
      receiver.fault ??= error.message;
    });
  }
  return receiver;
}

function publisherOn(bus: Bus, index: number, { channels, publishers, size }: Load): Publisher {
  const publish = (channel: string, messages: readonly Buffer[]) =>
    Promise.all(messages.map((data) => bus.publish(channel, data)));
  return newPublisher({ publish }, { channels, size, index, publishers });
}

async function run(publishers: readonly Publisher[], receivers: readonly Receiver[], load: Load): Promise<Figures> {
  const { rate, window, seconds } = load;
  const totalSeconds = warmSeconds + leadSeconds + seconds + tailSeconds;
  const course = rate === undefined ? window : { perSecond: rate, seconds: totalSeconds };
  const publishing = startPublishing(publishers, course);
  const check = () => {
    if (publishing.failure !== undefined) throw publishing.failure;
    const at = receivers.findIndex(({ fault }) => fault !== undefined);
    if (at >= 0) throw new Fault(`subscriber ${at + 1}: ${receivers[at]!.fault}`);
    publishing.received(receivers.reduce((least, { messages }) => Math.min(least, messages), Number.POSITIVE_INFINITY));
  };
  await watched(warmSeconds + leadSeconds, check);
  const figures = await between(publishing, receivers, () => watched(seconds, check));
  publishing.stop();
  await settle(publishing, receivers, check);
  return figures;
}

async function watched(seconds: number, check: () => void): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  for (let left = seconds * 1_000; left > 0; left = end - performance.now()) {
    await delay(Math.min(left, lookMs));
    check();
  }
}

const deliveredTo = (receivers: readonly Receiver[]): number =>
  receivers.reduce((sum, { messages }) => sum + messages, 0);

async function between(
  publishing: Publishing,
  receivers: readonly Receiver[],
  during: () => Promise<void>,
): Promise<Figures> {
  const latency = newHistogram();
  for (const receiver of receivers) receiver.latency = latency;
  const look = () => {
    const { user, system } = process.cpuUsage();
    const { acked } = publishing;
    return { at: performance.now(), cpu: user + system, delivered: deliveredTo(receivers), acked };
  };
  const before = look();
  await during();
  const after = look();
  for (const receiver of receivers) receiver.latency = undefined;
  const seconds = (after.at - before.at) / 1_000;
  const delivered = after.delivered - before.delivered;
  if (delivered === 0) throw new Exit(exitCodes.failed, "nothing arrived in the measured time");
  const ms = (part: number) => percentile(latency, part) / 1_000;
  return {
    deliveriesPerSecond: delivered / seconds,
    ackedPerSecond: (after.acked - before.acked) / seconds,
    latencyMs: { p50: ms(0.5), p99: ms(0.99), p999: ms(0.999) },
    clientCpuUsPerDelivery: (after.cpu - before.cpu) / delivered,
  };
}

/** Waits until everything is acknowledged and every subscriber has all of it. */
async function settle(publishing: Publishing, receivers: readonly Receiver[], check: () => void): Promise<void> {
  const other = () => receivers.findIndex(({ messages }) => messages !== publishing.published);
  let [before, changedAt] = [-1, 0];
  while (!publishing.ended || other() >= 0) {
    const now = publishing.acked + deliveredTo(receivers);
    if (now !== before) [before, changedAt] = [now, performance.now()];
    if (performance.now() - changedAt > patienceMs) {
      const unacked = publishing.published - publishing.acked;
      if (unacked > 0) throw new Exit(exitCodes.timeout, `${unacked} messages were not acknowledged`);
      const at = other();
      throw new Fault(
        `subscriber ${at + 1} got ${receivers[at]!.messages} messages instead of ${publishing.published}`,
      );
    }
    await delay(lookMs);
    check();
  }
}
