// npm run torture:compare -- --seed 42
//
// The same load and the same faults for Reprise, Socket.IO with connection state recovery, and JetStream: subscribers that
// are cut off, lose their way, or lose their node, and go on as their client does. Counted is what each got, and what it
// was told of what it did not get (count.ts).
//
//   --seed N         repeats a schedule of faults (default: a random one)
//   --seconds N      of publishing (60)
//   --rate N         messages a second (300), of --size N bytes (128)
//   --subscribers N  each a process (10)
//   --only NAME      of these systems only; repeatable
//   --json FILE      the counts, and what they were counted on
//   --histories DIR  all that was written down, a file for each system
//
// The last thing printed is a table in Markdown. Exit code 1: a subscriber of Reprise missed, without being told, what was
// acknowledged, or got something twice or out of order.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { installPeers } from "../peers.js";
import { count, isSound } from "./count.js";
import { describe, makeReport, type Result } from "./report.js";
import { type Load, run } from "./run.js";
import { drawSchedule, type Fault } from "./schedule.js";
import { systemNamed, systemNames } from "./systems/index.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    seconds: { type: "string", default: "60" },
    rate: { type: "string", default: "300" },
    size: { type: "string", default: "128" },
    subscribers: { type: "string", default: "10" },
    only: { type: "string", multiple: true, default: [...systemNames] },
    json: { type: "string" },
    histories: { type: "string" },
  },
});

function number(name: "seed" | "seconds" | "rate" | "size" | "subscribers"): number {
  const value = Number(values[name]);
  if (!(value > 0)) throw new Error(`--${name} ${values[name]}: expected a number above 0`);
  return value;
}

async function compare(name: string, load: Load, schedule: readonly Fault[]): Promise<Result> {
  const { title, settings } = await systemNamed(name);
  console.log(`${title}: ${settings}`);
  const folder = mkdtempSync(join(tmpdir(), "reprise-compare-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once("exit", remove);
  try {
    const { version, history } = await run(name, folder, load, schedule, console.log);
    if (values.histories !== undefined) {
      mkdirSync(values.histories, { recursive: true });
      writeFileSync(join(values.histories, `${name}.json`), JSON.stringify(history));
    }
    return { system: name, title, settings, version, counts: count(history) };
  } finally {
    process.off("exit", remove);
    remove();
  }
}

async function main(): Promise<void> {
  const load: Load = {
    subscribers: number("subscribers"),
    rate: number("rate"),
    size: number("size"),
    seconds: number("seconds"),
  };
  const seed = number("seed");
  const schedule = drawSchedule(seed, load.seconds * 1_000, load.subscribers);
  const begun = new Date().toISOString();
  console.log(`seed ${seed}: ${schedule.length} faults in ${load.seconds} s`);
  const results: Result[] = [];
  for (const name of values.only) results.push(await compare(name, load, schedule));
  const report = makeReport({ begun, seed, load, schedule, results });
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 1)}\n`);
  const versions = results.map(({ title, version }) => `${title}: ${version}`);
  console.log(
    `\n${report.machine}, Node ${report.node}, commit ${report.commit}\n${versions.join("\n")}\n\n${describe(report)}`,
  );
  if (results.some(({ system, counts }) => system === "reprise" && !isSound(counts))) process.exitCode = 1;
}

// The folders of the servers go when the process exits.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
installPeers();
await main();
