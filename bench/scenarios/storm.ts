import { inArena } from "../arena.js";
import { fill } from "../fill.js";
import { combine, type Scenario } from "./scenario.js";

export const storm: Scenario = {
  name: "storm",
  title:
    "Sessions come back at the same moment, each far behind in the same channel; until the last one has caught up.",
  columns: { seconds: "s until all have caught up", reads: "reads of the store" },
  cases: (form) =>
    combine(
      form.short ? ["reprise-redis"] : ["reprise-redis", "reprise-embedded", "jetstream"],
      [{ sessions: 1000, missed: 10_000, size: 128 }],
      (system, parameters) => {
        const { sessions, missed, size } = parameters as { sessions: number; missed: number; size: number };
        return inArena(system, { channels: 1, size }, async (arena) => {
          // They have received the first message.
          const filling = [await fill(arena, size, missed + 1)];
          const processes = await arena.clients(2);
          const reads = (await arena.servers.storeReads?.()) ?? Number.NaN;
          const begun = performance.now();
          const listening = await arena.subscribers(
            Array.from({ length: sessions }, () => arena.channels),
            { from: 2, next: 2, atOnce: sessions, processes },
          );
          await listening.all(filling);
          const seconds = (performance.now() - begun) / 1000;
          return { seconds, reads: ((await arena.servers.storeReads?.()) ?? Number.NaN) - reads };
        });
      },
    ),
};
