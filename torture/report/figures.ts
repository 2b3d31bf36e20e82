// What a report shows, read from the logs of a run: what happened when, and what was done in each second of it.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  type HarnessLine,
  nobody,
  type PublisherLine,
  readLog,
  type Sample,
  type SubscriberLine,
} from "../check/history.js";
import { createHistogram, type Histogram } from "./histogram.js";

/** Times are seconds since the beginning. */
export interface Fault {
  fault: string;
  target: string;
  since: number;
  until: number;
}

export interface Second {
  published: number;
  acked: number;
  delivered: number;
  /** From sending to delivery, of what was sent in this second, at each subscriber that was there and takes no time itself. */
  latency: Histogram;
}

export interface Figures {
  run: Extract<HarnessLine, { kind: "run" }>;
  load: Extract<HarnessLine, { kind: "load" }> | undefined;
  /** What acknowledgements meant, of any publisher. */
  levels: Set<string>;
  faults: Fault[];
  samples: (Sample & { at: number })[];
  keys: Extract<HarnessLine, { kind: "keys" }> | undefined;
  seconds: Second[];
}

const ending = ".jsonl";

/** @throws Error if it is no folder with the logs of a run */
export async function readFigures(folder: string): Promise<Figures> {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  // What is torn, the checker has found.
  const lines = <Line>(name: string) => readLog<Line>(join(folder, name), () => {});
  const figures = await readHarness(folder, lines<HarnessLine>(`harness${ending}`));
  const { seconds, run, samples } = figures;
  const secondAt = (t: number): Second => {
    const at = Math.max(0, Math.floor((t - run.t) / 1_000));
    while (seconds.length <= at) seconds.push({ published: 0, acked: 0, delivered: 0, latency: createHistogram() });
    return seconds[at]!;
  };
  /** When messages were sent, by publisher and number. */
  const sent = new Map<string, number[]>();
  for (const name of names.filter((name) => name.startsWith("publisher-"))) {
    const times: number[] = [];
    sent.set(name.slice(0, -ending.length), times);
    for await (const line of lines<PublisherLine>(name)) {
      if (line.kind === "send") {
        times[line.n] = line.t;
        secondAt(line.t).published++;
      } else if (line.kind === "ack") secondAt(line.t).acked++;
      else if (line.kind === "node") figures.levels.add(line.level);
    }
  }
  for (const name of names.filter((name) => name.startsWith("subscriber-"))) {
    const watch = watchDelays(sent, secondAt);
    for await (const line of lines<SubscriberLine>(name)) {
      if (line.kind === "got") secondAt(line.t).delivered += line.messages.length;
      if (line.kind === "sample") samples.push({ ...line, at: (line.t - run.t) / 1_000 });
      watch(line);
    }
  }
  return figures;
}

async function readHarness(folder: string, lines: AsyncIterable<HarnessLine>): Promise<Figures> {
  if (!existsSync(join(folder, `harness${ending}`))) throw new Error(`${folder} holds no harness${ending}`);
  const figures: Omit<Figures, "run"> = {
    load: undefined,
    levels: new Set(),
    faults: [],
    samples: [],
    keys: undefined,
    seconds: [],
  };
  let run: Figures["run"] | undefined;
  for await (const line of lines) {
    const at = (t: number) => (t - (run?.t ?? t)) / 1_000;
    if (line.kind === "run") run = line;
    else if (line.kind === "load") figures.load = line;
    else if (line.kind === "keys") figures.keys = line;
    else if (line.kind === "sample") figures.samples.push({ ...line, at: at(line.t) });
    else if (line.kind === "fault" && line.target !== nobody) {
      const { fault, target, since } = line;
      figures.faults.push({ fault, target, since: at(since), until: at(line.t) });
    }
  }
  if (run === undefined) throw new Error(`harness${ending} does not say what was run`);
  return { ...figures, run };
}

/** Of one subscriber: how long what was sent while it was subscribed took to reach it. */
function watchDelays(sent: ReadonlyMap<string, number[]>, secondAt: (t: number) => Second) {
  const since = new Map<string, number>();
  let isSlow = false;
  return (line: SubscriberLine): void => {
    if (line.kind === "begin") isSlow = line.slowMs !== undefined;
    if (line.kind === "start") since.set(line.channel, line.t);
    if (line.kind !== "got" || isSlow) return;
    const begun = since.get(line.channel) ?? line.t;
    for (const [name] of line.messages) {
      const dash = name.lastIndexOf("-");
      const t = sent.get(name.slice(0, dash))?.[Number(name.slice(dash + 1))];
      if (t !== undefined && t >= begun) secondAt(t).latency.add(line.t - t);
    }
  };
}
