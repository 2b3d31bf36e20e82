import { setTimeout as sleep } from "node:timers/promises";
import { windowOf } from "../../src/bin/bench/window.js";
import { type Arena, inArena } from "../arena.js";
import type { Client } from "../clients.js";
import { measure, type Reading } from "../reading.js";
import type { SystemName } from "../systems/index.js";
import { type Case, combine, type Figures, type Form, type Parameters, type Scenario } from "./scenario.js";

/** One publisher floods one channel, as fast as the slowest subscriber and the acknowledgements let it. */
export async function flood(
  arena: Arena,
  { subscribers, size, next = 1 }: { subscribers: number; size: number; next?: number },
  form: Form,
  publisher?: Client,
): Promise<{ reading: Reading; memory: number }> {
  const sessions = Array.from({ length: subscribers }, () => arena.channels);
  const listening = await arena.subscribers(sessions, { next });
  const flooding = publisher ?? (await arena.publishers(1))[0]!;
  await listening.feed(flooding, next - 1);
  flooding.tell("flood", windowOf(size, subscribers));
  await sleep(form.warmSeconds * 1000);
  const reading = await measure(arena, [...listening.clients, flooding], form.seconds, listening.messages);
  const memory = arena.residentMiB("broker");
  await flooding.call("stop");
  await listening.all([flooding]);
  return { reading, memory };
}

export const floodColumns = {
  deliveries: "deliveries/s",
  broker: "broker CPU, µs a delivery",
  store: "store CPU, µs a delivery",
  servers: "both, µs a delivery",
  clients: "client CPU, µs a delivery",
  memory: "broker, MiB resident",
};

export const floodFigures = ({ reading, memory }: { reading: Reading; memory: number }): Figures => ({
  deliveries: reading.perSecond,
  broker: reading.broker,
  store: reading.store,
  servers: reading.broker + reading.store,
  clients: reading.clients,
  memory,
});

async function run(system: SystemName, parameters: Parameters, form: Form): Promise<Figures> {
  const { subscribers, size } = parameters as { subscribers: number; size: number };
  return inArena(system, { channels: 1, size }, async (arena) =>
    floodFigures(await flood(arena, { subscribers, size }, form)),
  );
}

const reprise: SystemName[] = ["reprise-redis", "reprise-embedded"];
const peers: SystemName[] = [
  "nats-core",
  "jetstream",
  "redis-pubsub",
  "redis-streams",
  "socket-io",
  "mosquitto",
  "tcp",
];

function cases(form: Form): Case[] {
  const measured = (subscribers: number, size: number, systems: readonly SystemName[]) =>
    combine(systems, [{ subscribers, size }], (system, parameters) => run(system, parameters, form));
  if (form.short) {
    return [
      ...measured(100, 128, [...reprise, "nats-core"]),
      ...measured(1000, 128, [...reprise, "nats-core", "jetstream", "socket-io"]),
    ];
  }
  return [
    ...[10, 100, 1000].flatMap((subscribers) => measured(subscribers, 128, [...reprise, ...peers])),
    // For the curve alone.
    ...[30, 300].flatMap((subscribers) => measured(subscribers, 128, [...reprise, "nats-core"])),
    ...[16, 1024, 16_384].flatMap((size) => measured(100, size, [...reprise, ...peers])),
  ];
}

export const fanOut: Scenario = {
  name: "fan-out",
  title: "One publisher, all subscribers in one channel, unpaced.",
  columns: floodColumns,
  cases,
};
