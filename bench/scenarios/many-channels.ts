import { inArena } from "../arena.js";
import { pace, pacedColumns } from "./paced.js";
import { combine, type Scenario } from "./scenario.js";

const subscribersEach = 10;

/** Session s of so many listens to the channels c with c ≡ s (mod groups): each channel has ten sessions. */
export function spread(channels: readonly string[], sessions: number): string[][] {
  const groups = sessions / subscribersEach;
  return Array.from({ length: sessions }, (_, session) =>
    channels.filter((_, channel) => channel % groups === session % groups),
  );
}

export const manyChannels: Scenario = {
  name: "many-channels",
  title:
    "One publisher at 10 msg/s in each of 1,000 channels with 10 subscribers each; 100 sessions hold 100 subscriptions each.",
  columns: pacedColumns,
  cases: (form) =>
    combine(
      form.short
        ? ["reprise-redis", "nats-core"]
        : ["reprise-redis", "reprise-embedded", "nats-core", "redis-pubsub", "mosquitto", "socket-io"],
      [{ channels: 1000, sessions: 100, size: 128 }],
      (system, { channels, sessions, size }) =>
        inArena(system, { channels: channels!, size: size! }, (arena) =>
          pace(arena, spread(arena.channels, sessions!), 10 * channels!, form),
        ),
    ),
};
