// Nothing grew without bound: what processes held when all was quiet in the end, against what they held at the beginning;
// the last third of a long life against the third before it; and connections and keys in Redis.
import type { Sample } from "./history.js";
import type { World } from "./world.js";

/** Of heap and external memory after a collection. Caches of hot channels and code that has been compiled since. */
const mostGrowth = 32e6;
const mostFiles = 30;
/** Of all Redis together: what nodes have there at the beginning they keep, whatever happened. */
const mostConnections = 6;
/** Log, epochs, producers and what is beside them; and what nodes share. */
const keysOfChannel = 8;
const keysBeside = 100;

/** Of one life of a process, a quarter of an hour of them: fewer say nothing of its growth. */
const leastSamples = 45;
/** From one third to the next. A node at work holds 10 MB more or less from one moment to the next, but its floor stays. */
const mostHeldMore = 8e6;
/** Of what is resident, the engine decides much: new objects alone may take a hundred megabytes or none. */
const mostResidentMore = 96e6;
/** Of the data of a Redis, which it is there to hold: up to what channels keep. */
const mostDataPart = 1.25;
const mostDataMore = 32e6;

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
  judgeConnections(world);
  if (keys !== undefined && keys.count > keys.channels * keysOfChannel + keysBeside)
    findings.find({ kind: "keys", who: "redis", text: `${keys.count} keys for ${keys.channels} channels` });
  judgeGrowth(world);
}

/** Those of one Redis move to another with its master. */
function judgeConnections({ findings, samples }: World): void {
  const total = (phase: Sample["phase"]) =>
    samples
      .filter((sample) => sample.phase === phase && sample.keys !== undefined)
      .reduce((sum, { files }) => sum + files, 0);
  const [begin, idle] = [total("begin"), total("idle")];
  if (idle <= begin + mostConnections) return;
  findings.find({ kind: "files", who: "redis", text: `${idle} connections, ${begin} at the beginning` });
}

/** Of what is sampled all the time. Redis, too, if there is an end to what it keeps. */
function judgeGrowth({ findings, samples, channels }: World): void {
  const isBounded = [...channels.values()].every(({ keeps }) => keeps < Number.POSITIVE_INFINITY);
  const during = samples.filter(({ phase, keys }) => phase === "during" && (isBounded || keys === undefined));
  const lives = new Map<string, Sample[]>();
  for (const sample of during) {
    const life = `${sample.process} ${sample.pid ?? ""}`;
    lives.set(life, [...(lives.get(life) ?? []), sample]);
  }
  for (const own of lives.values()) {
    if (own.length < leastSamples) continue;
    const who = own[0]!.process;
    const [, middle, last] = thirds(own) as [Sample[], Sample[], Sample[]];
    const grown = (of: (sample: Sample) => number, more: number, part = 1) => {
      const [before, after] = [floor(middle.map(of)), floor(last.map(of))];
      return after > before * part + more ? `grows: ${after}, ${before} in the third before` : undefined;
    };
    const isRedis = own[0]!.keys !== undefined;
    const memory =
      (isRedis
        ? grown((sample) => sample.memory, mostDataMore, mostDataPart)
        : grown((sample) => sample.memory, mostHeldMore)) ?? grown((sample) => sample.rss ?? 0, mostResidentMore);
    const files = grown((sample) => sample.files, mostFiles);
    const more = grown((sample) => sample.keys ?? 0, keysBeside);
    if (memory !== undefined) findings.find({ kind: "memory", who, text: `${memory} bytes` });
    if (files !== undefined) findings.find({ kind: "files", who, text: files });
    if (more !== undefined) findings.find({ kind: "keys", who, text: more });
  }
}

/** What a quarter of them do not exceed: what comes and goes is above it. */
const floor = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 4)] ?? 0;

export const thirds = <A>(list: readonly A[]): A[][] =>
  [0, 1, 2].map((i) => list.slice(Math.floor((i * list.length) / 3), Math.floor(((i + 1) * list.length) / 3)));

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
