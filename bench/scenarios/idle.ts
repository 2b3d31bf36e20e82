import { setTimeout as sleep } from "node:timers/promises";
import { inArena } from "../arena.js";
import { loadOf } from "../measure.js";
import { combine, type Scenario } from "./scenario.js";

export const idle: Scenario = {
  name: "idle",
  title: "Sessions with one subscription each, all in one channel; nothing is published.",
  columns: { memory: "KB of broker memory a session", cpu: "% of a core, broker", brokerMiB: "broker, MiB resident" },
  cases: (form) =>
    combine(
      form.short ? ["reprise-redis"] : ["reprise-redis", "reprise-embedded", "nats-core", "socket-io", "mosquitto"],
      [{ sessions: 5000 }],
      (system, { sessions }) =>
        inArena(system, { channels: 1, size: 128 }, async (arena) => {
          const { pid } = arena.servers.processes.find(({ role }) => role === "broker")!;
          const before = arena.residentMiB("broker");
          await arena.subscribers(Array.from({ length: sessions! }, () => arena.channels));
          await sleep(2_000);
          const brokerMiB = arena.residentMiB("broker");
          const [cpu = 0] = await loadOf([pid], form.short ? 5 : 30);
          return { memory: ((brokerMiB - before) * 1024 * 1.024) / sessions!, cpu, brokerMiB };
        }),
    ),
};
