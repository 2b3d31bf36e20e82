import { setTimeout as sleep } from "node:timers/promises";
import { windowOf } from "../../src/bin/bench/window.js";
import { inArena } from "../arena.js";
import { measure } from "../reading.js";
import { Fault } from "../subscribers.js";
import { combine, type Scenario } from "./scenario.js";

const others = 99;

export const slowSubscriber: Scenario = {
  name: "slow-subscriber",
  title:
    "Fan-out to 100 subscribers, of whom one stands still (SIGSTOP) for a while; the publisher waits for the other 99 only.",
  columns: {
    without: "deliveries/s to the others before",
    with: "deliveries/s to the others meanwhile",
    ratio: "ratio",
    grown: "broker, MiB more resident",
    complete: "the slow one got everything in the end (1: yes)",
  },
  cases: (form) =>
    combine(
      ["reprise-redis", "reprise-embedded", "nats-core", "jetstream", "redis-pubsub", "socket-io", "mosquitto"],
      form.short ? [] : [{ size: 128 }],
      (system, parameters) => {
        const { size } = parameters as { size: number };
        return inArena(system, { channels: 1, size, keepAll: true }, async (arena) => {
          const listening = await arena.subscribers(Array.from({ length: others }, () => arena.channels));
          const slow = await arena.subscribers([arena.channels]);
          const [publisher] = await arena.publishers(1);
          await listening.feed(publisher!);
          publisher!.tell("flood", windowOf(size, others + 1));
          await sleep(form.warmSeconds * 1000);
          const before = await measure(arena, [], form.seconds, listening.messages);
          const memory = arena.residentMiB("broker");
          slow.clients[0]!.signal("SIGSTOP");
          const meanwhile = await measure(arena, [], 3 * form.seconds, listening.messages);
          const grown = arena.residentMiB("broker") - memory;
          slow.clients[0]!.signal("SIGCONT");
          await publisher!.call("stop");
          await listening.all([publisher!]);
          const complete = await slow.all([publisher!]).then(
            () => 1,
            (error) => {
              if (error instanceof Fault) return 0;
              throw error;
            },
          );
          const [without, ratio] = [before.perSecond, meanwhile.perSecond / before.perSecond];
          return { without, with: meanwhile.perSecond, ratio, grown, complete };
        });
      },
    ),
};
