import { setTimeout as sleep } from "node:timers/promises";
import { windowOf } from "../../src/bin/bench/window.js";
import { inArena } from "../arena.js";
import { measure } from "../reading.js";
import { NotOffered } from "../system.js";
import type { SystemName } from "../systems/index.js";
import { combine, type Figures, type Form, type Parameters, type Scenario } from "./scenario.js";

async function run(system: SystemName, parameters: Parameters, form: Form): Promise<Figures> {
  const { publishers, size } = parameters as { publishers: number; size: number };
  return inArena(system, { channels: 1, size, publishers, keepAll: true }, async (arena) => {
    const publishing = await arena.publishers(publishers);
    const published = () => Promise.all(publishing.map((publisher) => publisher.call("published")));
    for (const publisher of publishing) publisher.tell("flood", windowOf(size, 0));
    await sleep(form.warmSeconds * 1000);
    const reading = await measure(arena, publishing, form.seconds, async () =>
      (await published()).reduce((sum, { acked }) => sum + acked, 0),
    );
    await Promise.all(publishing.map((publisher) => publisher.call("stop")));
    // Whoever joins now must find all that was acknowledged.
    try {
      const listening = await arena.subscribers([arena.channels], { from: "earliest" });
      await listening.all(publishing);
    } catch (error) {
      if (!(error instanceof NotOffered)) throw error;
    }
    const { broker, store, clients, perSecond } = reading;
    return { acked: perSecond, broker, store, servers: broker + store, clients };
  });
}

export const durablePublish: Scenario = {
  name: "durable-publish",
  title:
    "Publishers, each a process of its own, unpaced, into one channel that nobody listens to; afterwards all that was acknowledged is read and checked.",
  columns: {
    acked: "acked/s",
    broker: "broker CPU, µs a message",
    store: "store CPU, µs a message",
    servers: "both, µs a message",
    clients: "publishers' CPU, µs a message",
  },
  cases: (form) =>
    form.short
      ? combine(
          ["reprise-redis", "reprise-embedded", "jetstream", "redis-streams"],
          [{ publishers: 1, size: 128 }],
          (system, parameters) => run(system, parameters, form),
        )
      : combine(
          ["reprise-redis", "reprise-embedded", "jetstream", "redis-streams", "mosquitto"],
          [1, 16].flatMap((publishers) => [16, 128, 1024, 16_384].map((size) => ({ publishers, size }))),
          (system, parameters) => run(system, parameters, form),
        ),
};
