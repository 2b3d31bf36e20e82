import { inArena } from "../arena.js";
import { fill } from "../fill.js";
import { measure } from "../reading.js";
import type { SystemName } from "../systems/index.js";
import { type Case, combine, type Figures, type Form, type Parameters, type Scenario } from "./scenario.js";

async function run(system: SystemName, parameters: Parameters): Promise<Figures> {
  const { joiners, stored, size } = parameters as { joiners: number; stored: number; size: number };
  return inArena(system, { channels: 1, size, keepAll: true }, async (arena) => {
    const filling = [await fill(arena, size, stored)];
    const processes = await arena.clients(Math.min(2, joiners));
    const join = async (count: number) => {
      const sessions = Array.from({ length: count }, () => arena.channels);
      const listening = await arena.subscribers(sessions, { from: "earliest", processes });
      await listening.all(filling);
    };
    // Warm-up of both ends.
    await join(processes.length);
    await Promise.all(processes.map((client) => client.call("closeSubscribers")));
    const counted = async () =>
      (await Promise.all(processes.map((client) => client.call("count")))).reduce((a, b) => a + b);
    const { perSecond, broker, store, clients } = await measure(arena, processes, () => join(joiners), counted);
    const cpu = broker + store + clients;
    return {
      each: perSecond / joiners,
      deliveries: perSecond,
      broker,
      store,
      clients,
      clientShare: clients / cpu,
      cores: (cpu * perSecond) / 1e6,
    };
  });
}

function cases({ short }: Form): Case[] {
  const measured = (joiners: number, stored: number, systems: readonly SystemName[]) =>
    combine(systems, [{ joiners, stored, size: 128 }], run);
  if (short)
    return [...measured(1, 1_000_000, ["reprise-redis", "jetstream"]), ...measured(20, 1_000_000, ["reprise-redis"])];
  return [1, 20].flatMap((joiners) =>
    measured(joiners, 1_000_000, ["reprise-redis", "reprise-embedded", "jetstream", "redis-streams"]),
  );
}

export const replay: Scenario = {
  name: "replay",
  title: "Late joiners read all that is stored, from their connect to the last message.",
  columns: {
    each: "messages/s, each joiner",
    deliveries: "messages/s, all joiners",
    broker: "broker CPU, µs a message",
    store: "store CPU, µs a message",
    clients: "joiners' CPU, µs a message",
    clientShare: "joiners' share of all CPU",
    cores: "cores in use",
  },
  cases,
};
