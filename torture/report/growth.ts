// What processes held, from one third of the run to the next: the table of a soak.
import type { Sample } from "../check/history.js";
import { median, thirds } from "../check/resources.js";
import type { Figures } from "./figures.js";

export interface GrowthRow {
  process: string;
  /** Medians of the thirds of the run, and what it was in the end, when all was quiet: MB, and files or connections. */
  memory: (number | undefined)[];
  files: (number | undefined)[];
  /** Of Redis. */
  keys: (number | undefined)[];
}

export const growthHeadings = ["first third", "second", "last", "idle"] as const;

/** Of each process that was measured all the time; fewer than three samples are no table. */
export function growthRows({ samples }: Figures): GrowthRow[] {
  const names = [...new Set(samples.map(({ process }) => process))].sort();
  return names.flatMap((process) => {
    const own = samples.filter((sample) => sample.process === process);
    const during = own.filter(({ phase }) => phase === "during");
    const idle = own.find(({ phase }) => phase === "idle");
    if (during.length < 3) return [];
    const row = (of: (sample: Sample) => number | undefined) => [
      ...thirds(during).map((third) => median(third.map((sample) => of(sample) ?? 0))),
      idle && of(idle),
    ];
    const megabytes = row(({ memory }) => memory).map((bytes) => bytes && bytes / 1e6);
    return [{ process, memory: megabytes, files: row(({ files }) => files), keys: row(({ keys }) => keys) }];
  });
}
