// npm run torture -- --minutes 10 --seed 42
//
//   --minutes N   how long faults happen (default 10, of a soak 30; 0.5 is the short form)
//   --seed N      repeats a workload and a schedule of faults (default: a random one)
//   --every N     seconds between two faults, on average (default 5, of a soak 10)
//   --nodes N, --publishers N, --channels N   (3, 4, 6)
//   --store NAME  single, sentinel or cluster (default single)
//   --ack LEVEL   what acknowledgements mean; repeatable: nodes and publishers take turns (default: stored; of a store with
//                 replicas, replicated:1 and stored)
//   --soak        at 30 % of the load that the machine is found to take, with little kept: nothing may grow
//   --only NAME   of these faults only; repeatable
//   --folder DIR  where the logs and the report go (default: a new one in the system's folder for temporary files)
//
// Real processes, faults, and a checker that reads their logs. The last line is the verdict; exit code 1: something was
// violated, or the run did not come to its end. The folder is kept.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { serverVariables } from "../scripts/programs.js";
import { parseAckLevel } from "../src/wire/ack-level.js";
import type { T } from "../test/scope.js";
import type { RunOptions } from "./run.js";
import { faultNames, storeNames } from "./schedule.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    every: { type: "string" },
    nodes: { type: "string", default: "3" },
    publishers: { type: "string", default: "4" },
    channels: { type: "string", default: "6" },
    store: { type: "string", default: "single" },
    ack: { type: "string", multiple: true },
    soak: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    folder: { type: "string" },
  },
});

type Numeric = "minutes" | "seed" | "every" | "nodes" | "publishers" | "channels";

function number(name: Numeric, otherwise?: number): number {
  const value = Number(values[name] ?? otherwise);
  if (!(value > 0)) throw new Error(`--${name} ${values[name]}: expected a number above 0`);
  return value;
}

function optionsGiven(): RunOptions {
  const unknown = values.only.filter((name) => !(faultNames as string[]).includes(name));
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(", ")}: there are ${faultNames.join(", ")}`);
  const { soak } = values;
  const store = storeNames.find((name) => name === values.store);
  if (store === undefined) throw new Error(`--store ${values.store}: there are ${storeNames.join(", ")}`);
  const levels = (values.ack ?? (store === "single" ? ["stored"] : ["replicated:1", "stored"])).map(parseAckLevel);
  const size = { nodes: number("nodes"), publishers: number("publishers"), channels: number("channels") };
  if (levels.length > Math.min(size.nodes, size.publishers))
    throw new Error("--ack: more levels than nodes or publishers");
  return {
    minutes: number("minutes", soak ? 30 : 10),
    seed: number("seed"),
    everyMs: number("every", soak ? 10 : 5) * 1_000,
    only: values.only,
    size: { ...size, store, levels, soak },
    command: commandGiven(),
  };
}

/** With the seed, whether it was given or not, and without the folder. */
function commandGiven(): string {
  const given = Object.entries({ ...values, folder: undefined }).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    if (value === true) return [`--${name}`];
    return [value].flat().flatMap((one) => [`--${name}`, /^[\w.:-]+$/.test(one) ? one : `'${one}'`]);
  });
  return ["npm run torture --", ...given].join(" ");
}

/** Runs the checker, which knows nothing but the logs, and writes the report. */
async function check(folder: string): Promise<number> {
  const program = join(import.meta.dirname, "check.ts");
  const args = ["--import", import.meta.resolve("tsx"), program, folder];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(child, "close");
  return code ?? 1;
}

async function main(): Promise<number> {
  const options = optionsGiven();
  // The tests' servers are told by their environment which programs to use.
  Object.assign(process.env, serverVariables());
  const { run } = await import("./run.js");
  const folder = values.folder === undefined ? mkdtempSync(join(tmpdir(), "reprise-torture-")) : resolve(values.folder);
  mkdirSync(folder, { recursive: true });
  console.log(`torture: seed ${options.seed}, ${options.minutes} minutes`);
  const cleanups: (() => unknown)[] = [];
  const abort = new AbortController();
  const t: T = { after: (cleanup) => void cleanups.push(cleanup), signal: abort.signal };
  try {
    await run(t, folder, options, console.log);
  } finally {
    abort.abort();
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
  return await check(folder);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.stack : error);
  console.log("NO VERDICT: the run did not come to its end");
  process.exitCode = 1;
}
