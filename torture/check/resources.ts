// Nothing grew without bound: what processes held when all was quiet in the end, against what they held at the beginning;
// the last third of a long run against the third before it; and the keys in Redis.
import type { Sample } from "./history.js";
import type { World } from "./world.js";

/** Of heap and external memory after a collection. Caches of hot channels and code that has been compiled since. */
const mostGrowth = 64 * 1024 * 1024;
const mostFiles = 50;
/** Log, epochs, producers and what is beside them; and what nodes share. */
const keysOfChannel = 8;
const keysBeside = 100;

/** Fewer samples of a process say nothing of its growth. */
const leastSamples = 12;
/** From one third of the run to the next. */
const mostGrowthPart = 1.25;
const mostGrowthBytes = 32 * 1024 * 1024;

export function judgeResources(world: World): void {
  const { findings, keys } = world;
  // A Redis is there to hold more in the end.
  const samples = world.samples.filter((sample) => sample.keys === undefined);
  const least = (of: (sample: (typeof samples)[number]) => number) =>
    Math.min(...samples.filter(({ phase }) => phase === "begin").map(of));
  const memory = least((sample) => sample.memory);
  const files = least((sample) => sample.files);
  for (const sample of samples) {
    if (sample.phase !== "idle") continue;
    const { process: who } = sample;
    if (sample.memory > memory + mostGrowth)
      findings.find({ kind: "memory", who, text: `${sample.memory} bytes, ${memory} at the beginning` });
    if (sample.files > files + mostFiles)
      findings.find({ kind: "files", who, text: `${sample.files} files, ${files} at the beginning` });
  }
  if (keys !== undefined && keys.count > keys.channels * keysOfChannel + keysBeside)
    findings.find({ kind: "keys", who: "redis", text: `${keys.count} keys for ${keys.channels} channels` });
  judgeGrowth(world);
}

/** Of what is sampled all the time. Redis, too, if there is an end to what it keeps. */
function judgeGrowth({ findings, samples, channels }: World): void {
  const isBounded = [...channels.values()].every(({ keeps }) => keeps < Number.POSITIVE_INFINITY);
  const during = samples.filter(({ phase, keys }) => phase === "during" && (isBounded || keys === undefined));
  for (const who of new Set(during.map((sample) => sample.process))) {
    const own = during.filter((sample) => sample.process === who);
    if (own.length < leastSamples) continue;
    const [, middle, last] = thirds(own) as [Sample[], Sample[], Sample[]];
    const grown = (of: (sample: Sample) => number, least: number) => {
      const [before, after] = [median(middle.map(of)), median(last.map(of))];
      return after > before * mostGrowthPart + least ? `${after}, ${before} in the third of the run before` : undefined;
    };
    const memory = grown((sample) => sample.memory, mostGrowthBytes);
    const files = grown((sample) => sample.files, mostFiles);
    const more = grown((sample) => sample.keys ?? 0, keysBeside);
    if (memory !== undefined) findings.find({ kind: "memory", who, text: `grows: ${memory} bytes` });
    if (files !== undefined) findings.find({ kind: "files", who, text: `grows: ${files}` });
    if (more !== undefined) findings.find({ kind: "keys", who, text: `grows: ${more}` });
  }
}

export const thirds = <A>(list: readonly A[]): A[][] =>
  [0, 1, 2].map((i) => list.slice(Math.floor((i * list.length) / 3), Math.floor(((i + 1) * list.length) / 3)));

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
