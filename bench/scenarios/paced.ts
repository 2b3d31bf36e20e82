import { setTimeout as sleep } from "node:timers/promises";
import { type Arena, inArena } from "../arena.js";
import type { Client } from "../clients.js";
import { measure } from "../reading.js";
import { Fault } from "../subscribers.js";
import type { SystemName } from "../systems/index.js";
import { type Case, combine, type Figures, type Form, type Parameters, type Scenario } from "./scenario.js";

/** One publisher publishes at a fixed rate, into its channels in turn. */
export async function pace(
  arena: Arena,
  sessions: readonly (readonly string[])[],
  perSecond: number,
  form: Form,
  { next = 1, publisher }: { next?: number; publisher?: Client } = {},
): Promise<Figures> {
  const listening = await arena.subscribers(sessions, { next });
  const pacing = publisher ?? (await arena.publishers(1))[0]!;
  const due = perSecond * deliveriesEach(sessions, arena.channels.length);
  const seconds = form.warmSeconds + settleSeconds + form.seconds + 0.5;
  const paced = pacing.call("pace", { perSecond, seconds });
  // Looked at below.
  paced.catch(() => {});
  const begun = performance.now() + leadMs;
  await sleep(form.warmSeconds * 1000 + leadMs);
  await settle(begun, due, listening.messages);
  await listening.recordLatency();
  const reading = await measure(arena, [...listening.clients, pacing], form.seconds, listening.messages);
  const latency = await listening.latency();
  pacing.tell("stop");
  await paced;
  await listening.all([pacing]);
  const { broker, store, clients, perSecond: deliveries } = reading;
  // Who is behind catches up in large pieces, which is cheap: a cost that says nothing.
  if (Math.abs(deliveries / due - 1) > tolerated) {
    throw new Fault(`did not keep pace: ${Math.round(deliveries)} deliveries/s instead of ${Math.round(due)}`);
  }
  return { deliveries, broker, store, servers: broker + store, clients, ...latency };
}

/** A publisher begins after a moment. */
const leadMs = 300;

/** For those who come behind while they are cold: whoever can keep the pace has caught up after this. */
const settleSeconds = 10;

/** Waits until subscribers are no more than a tenth of a second behind, or the time is over. */
async function settle(begun: number, due: number, messages: () => Promise<number>): Promise<void> {
  const end = performance.now() + settleSeconds * 1000;
  for (; performance.now() < end; await sleep(100)) {
    const behind = (due * (performance.now() - begun)) / 1000 - (await messages());
    if (behind < due / 10) return;
  }
}

/** How many sessions get a message, on average over the channels. */
const deliveriesEach = (sessions: readonly (readonly string[])[], channels: number): number =>
  sessions.reduce((sum, { length }) => sum + length, 0) / channels;

/** Part of the deliveries that are due in the measured time. */
const tolerated = 0.05;

export const pacedColumns = {
  deliveries: "deliveries/s",
  broker: "broker CPU, µs a delivery",
  store: "store CPU, µs a delivery",
  servers: "both, µs a delivery",
  clients: "client CPU, µs a delivery",
  p50: "p50, ms",
  p99: "p99, ms",
  p999: "p99.9, ms",
};

async function run(system: SystemName, parameters: Parameters, form: Form): Promise<Figures> {
  const { rate, subscribers, size } = parameters as { rate: number; subscribers: number; size: number };
  return inArena(system, { channels: 1, size }, (arena) =>
    pace(
      arena,
      Array.from({ length: subscribers }, () => arena.channels),
      rate,
      form,
    ),
  );
}

function cases(form: Form): Case[] {
  const measured = (rate: number, subscribers: number, size: number, systems: readonly SystemName[]) =>
    combine(systems, [{ rate, subscribers, size }], (system, parameters) => run(system, parameters, form));
  if (form.short) {
    return [
      ...measured(1000, 10, 128, ["reprise-redis", "jetstream"]),
      ...measured(1000, 100, 128, ["reprise-redis", "nats-core"]),
    ];
  }
  const all: SystemName[] = [
    ...(["reprise-redis", "reprise-embedded", "nats-core", "jetstream", "redis-pubsub"] as const),
    ...(["redis-streams", "socket-io", "mosquitto", "tcp"] as const),
  ];
  return [
    ...[1000, 10_000].flatMap((rate) => [10, 100].flatMap((subscribers) => measured(rate, subscribers, 128, all))),
    ...[16, 1024, 16_384].flatMap((size) => measured(1000, 10, size, all)),
  ];
}

export const paced: Scenario = {
  name: "paced",
  title:
    "One publisher at a fixed rate, all subscribers in one channel. Latency counts from the moment a message was due, to the moment a subscriber has it.",
  columns: pacedColumns,
  cases,
};
