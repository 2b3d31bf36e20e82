// Nothing grew without bound: what nodes held when all was quiet in the end, against what they held at the beginning, and
// the keys in Redis.
import type { World } from "./world.js";

/** Of heap and external memory after a collection. Caches of hot channels and code that has been compiled since. */
const mostGrowth = 64 * 1024 * 1024;
const mostFiles = 50;
/** Log, epochs, producers and what is beside them; and what nodes share. */
const keysOfChannel = 8;
const keysBeside = 100;

export function judgeResources({ findings, samples, keys }: World): void {
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
}
