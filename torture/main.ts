// npm run torture -- --minutes 10 --seed 42
//
//   --minutes N   how long faults happen (default 10, of a soak 30; 0.5 is the short form)
//   --seed N      repeats a workload and a schedule of faults (default: a random one)
//   --every N     seconds between two faults, on average (default 5, of a soak 10)
//   --nodes N, --publishers N, --channels N   (3, 4, 6); and as many publishers again without the client library, but not more
//                 than there are calls that publish, which are four
//   --buffer redis|embedded           embedded: one node, whose disk may be full (default redis)
//   --fsync always|everysec           of Redis, or of the embedded buffer (default everysec)
//   --store single|sentinel|cluster   of Redis (default single)
//   --ack LEVEL   what acknowledgements mean; repeatable: nodes and publishers take turns (default: replicated:1 and stored
//                 of a store with replicas, else fsynced with --fsync always, else stored)
//   --soak        at 30 % of the load that the machine is found to take, with little kept: nothing may grow
//   --only NAME   of these faults only; repeatable
//   --folder DIR  where the logs and the report go (default: a new one in the system's folder for temporary files)
//
// Real processes, faults, and a checker that reads their logs. The last line is the verdict; exit code 1: something was
// violated, or the run did not come to its end, or no fault hit anything. The folder is kept.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { serverVariables } from "../scripts/programs.js";
import { parseAckLevel } from "../src/wire/ack-level.js";
import { loader, type T } from "../test/scope.js";
import type { RunOptions } from "./run.js";
import { faultsOf, type StoreKind, storeNames } from "./schedule.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    every: { type: "string" },
    nodes: { type: "string", default: "3" },
    publishers: { type: "string", default: "4" },
    channels: { type: "string", default: "6" },
    buffer: { type: "string", default: "redis" },
    fsync: { type: "string", default: "everysec" },
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

function oneOf<Value extends string>(name: "buffer" | "fsync" | "store", list: readonly Value[]): Value {
  const value = list.find((one) => one === values[name]);
  if (value === undefined) throw new Error(`--${name} ${values[name]}: expected one of ${list.join(", ")}`);
  return value;
}

function optionsGiven(): RunOptions {
  const { soak } = values;
  const kind: StoreKind = {
    buffer: oneOf("buffer", ["redis", "embedded"]),
    fsync: oneOf("fsync", ["always", "everysec"]),
    store: oneOf("store", storeNames),
  };
  const names: string[] = faultsOf(kind);
  const unknown = values.only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(", ")}: there are ${names.join(", ")}`);
  const usual = kind.fsync === "always" ? ["fsynced"] : ["stored"];
  const levels = (values.ack ?? (kind.store === "single" ? usual : ["replicated:1", "stored"])).map(parseAckLevel);
  const nodes = kind.buffer === "embedded" ? 1 : number("nodes");
  const size = { nodes, publishers: number("publishers"), channels: number("channels") };
  if (levels.length > Math.min(nodes, size.publishers)) throw new Error("--ack: more levels than nodes or publishers");
  return {
    minutes: number("minutes", soak ? 30 : 10),
    seed: number("seed"),
    everyMs: number("every", soak ? 10 : 5) * 1_000,
    only: values.only,
    kind,
    size: { ...size, levels, soak },
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
  const args = ["--import", loader, program, folder];
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
