import { inArena } from "../arena.js";
import { fill } from "../fill.js";
import { pace, pacedColumns } from "./paced.js";
import { combine, type Form, type Scenario } from "./scenario.js";

const subscribersEach = 10;

/** Session s of so many listens to the channels c with c ≡ s (mod groups): each channel has ten sessions. */
export function spread(channels: readonly string[], sessions: number): string[][] {
  const groups = sessions / subscribersEach;
  return Array.from({ length: sessions }, (_, session) =>
    channels.filter((_, channel) => channel % groups === session % groups),
  );
}

/** `each`: messages a second in each channel. The lower one is what everybody keeps up with on a small machine. */
const rates = ({ short }: Form) => (short ? [10] : [2, 10]);

export const manyChannels: Scenario = {
  name: "many-channels",
  title:
    "One publisher publishes, in turn, into 1,000 channels with 10 subscribers each: `each` msg/s in each channel; 100 sessions hold 100 subscriptions each.",
  columns: pacedColumns,
  cases: (form) =>
    combine(
      form.short
        ? ["reprise-redis", "nats-core"]
        : ["reprise-redis", "reprise-embedded", "nats-core", "redis-pubsub", "mosquitto", "socket-io"],
      rates(form).map((each) => ({ channels: 1000, sessions: 100, each, size: 128 })),
      (system, parameters) => {
        const { channels, sessions, each, size } = parameters as Record<
          "channels" | "sessions" | "each" | "size",
          number
        >;
        return inArena(system, { channels, size }, async (arena) => {
          // Every channel exists before it is measured.
          const publisher = await fill(arena, size, channels);
          return pace(arena, spread(arena.channels, sessions), each * channels, form, { next: 2, publisher });
        });
      },
    ),
};
