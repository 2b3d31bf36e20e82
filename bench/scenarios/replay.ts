import { inArena, measure, windowOf } from "../arena.js";
import { combine, type Scenario } from "./scenario.js";

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
  cases: (form) =>
    combine(
      form.short ? ["reprise-redis", "jetstream"] : ["reprise-redis", "reprise-embedded", "jetstream", "redis-streams"],
      [1, 20].map((joiners) => ({ joiners, stored: form.short ? 200_000 : 1_000_000, size: 128 })),
      (system, parameters) => {
        const { joiners, stored, size } = parameters as { joiners: number; stored: number; size: number };
        return inArena(system, { channels: 1, size, keepAll: true }, async (arena) => {
          const filling = await arena.publishers(1);
          filling[0]!.tell("flood", windowOf(size, 0), stored);
          await filling[0]!.call("done");
          const processes = await arena.clients(Math.min(2, joiners));
          const { perSecond, broker, store, clients } = await measure(
            arena,
            processes,
            async () => {
              const listening = await arena.subscribers(
                Array.from({ length: joiners }, () => arena.channels),
                { from: "earliest", processes },
              );
              await listening.all(filling);
            },
            async () => (await Promise.all(processes.map((client) => client.call("count")))).reduce((a, b) => a + b),
          );
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
      },
    ),
};
