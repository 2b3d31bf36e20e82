// The report of a run, as text: what was run, what happened when, and the verdict.
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { HarnessLine } from "./check/history.js";

const seconds = (ms: number): string => (ms / 1_000).toFixed(1).padStart(7);

export async function describeRun(folder: string, checked: string): Promise<string> {
  const lines: string[] = [];
  let begun = 0;
  for await (const text of createInterface({ input: createReadStream(join(folder, "harness.jsonl")) })) {
    const line = JSON.parse(text) as HarnessLine;
    if (line.kind === "run") {
      begun = line.t;
      const { seed, minutes, level } = line;
      lines.push(`torture: seed ${seed}, ${minutes} minutes, acknowledged is ${level}`, "", "  begun   ended  seconds");
    } else if (line.kind === "fault") {
      const [since, until] = [line.since - begun, line.t - begun];
      lines.push(`${seconds(since)} ${seconds(until)}  ${line.fault}: ${line.target}`);
    } else if (line.kind === "sample") {
      const memory = (line.memory / 1e6).toFixed(1);
      lines.push(
        `${seconds(line.t - begun)}          ${line.process} ${line.phase}: ${memory} MB, ${line.files} files`,
      );
    } else if (line.kind === "keys") {
      lines.push(`${seconds(line.t - begun)}          Redis: ${line.count} keys, ${line.channels} channels`);
    }
  }
  return `${[...lines, "", checked].join("\n").trimEnd()}\n`;
}
