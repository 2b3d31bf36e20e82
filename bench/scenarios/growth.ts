// What a delivery costs when there is more of something. Against subscribers, fan-out.ts has it.
import { inArena } from "../arena.js";
import { fill } from "../fill.js";
import { flood, floodColumns, floodFigures } from "./fan-out.js";
import { spread } from "./many-channels.js";
import { pace, pacedColumns } from "./paced.js";
import { combine, type Form, type Scenario } from "./scenario.js";

export const growthChannels: Scenario = {
  name: "growth-channels",
  title:
    "1,000 msg/s in all, one at a time, into the channels in turn; 100 sessions, of which 10 listen to each channel: the same deliveries, whatever the number of channels.",
  columns: pacedColumns,
  cases: (form) =>
    combine(
      form.short ? ["reprise-redis"] : ["reprise-redis", "reprise-embedded", "nats-core"],
      (form.short ? [1, 10_000] : [1, 10, 100, 1000, 10_000]).map((channels) => ({ channels, size: 128 })),
      (system, parameters) => {
        const { channels, size } = parameters as { channels: number; size: number };
        return inArena(system, { channels, size }, async (arena) => {
          // Every channel exists before it is measured.
          const publisher = await fill(arena, size, channels);
          return pace(arena, spread(arena.channels, 100), 1000, form, { next: 2, publisher });
        });
      },
    ),
};

const storedCounts = ({ short }: Form) => (short ? [1e3, 1e5, 1e6] : [1e3, 1e4, 1e5, 1e6, 1e7]);

export const growthStored: Scenario = {
  name: "growth-stored",
  title: "Fan-out to 100 subscribers in a channel that holds messages already.",
  columns: floodColumns,
  cases: (form) =>
    combine(
      form.short ? ["reprise-redis"] : ["reprise-redis", "reprise-embedded"],
      storedCounts(form).map((stored) => ({ stored, subscribers: 100, size: 128 })),
      (system, parameters) => {
        const { stored, subscribers, size } = parameters as { stored: number; subscribers: number; size: number };
        return inArena(system, { channels: 1, size, keepAll: true }, async (arena) => {
          const publisher = await fill(arena, size, stored);
          return floodFigures(await flood(arena, { subscribers, size, next: stored + 1 }, form, publisher));
        });
      },
    ),
};
