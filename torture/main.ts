// npm run torture -- --minutes 10 --seed 42
//
//   --minutes N   how long faults happen (default 10; 0.5 is the short form)
//   --seed N      repeats a workload and a schedule of faults (default: a random one)
//   --every N     seconds between two faults, on average (default 5)
//   --nodes N, --publishers N, --channels N   (3, 4, 6)
//   --buffer redis|embedded   embedded: one node, whose disk may be full (default redis)
//   --fsync always|everysec   of Redis, or of the embedded buffer (default everysec)
//   --only NAME   of these faults only; repeatable
//   --folder DIR  where the logs and the report go (default: a new one in the system's folder for temporary files)
//
// Real processes, faults, and a checker that reads their logs. The last line is the verdict; exit code 1: something was
// violated, or the run did not come to its end. The folder is kept.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { serverVariables } from "../scripts/programs.js";
import type { T } from "../test/scope.js";
import { describeRun } from "./report.js";
import type { RunOptions } from "./run.js";
import { faultsOf, type StoreKind } from "./schedule.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    every: { type: "string", default: "5" },
    nodes: { type: "string", default: "3" },
    publishers: { type: "string", default: "4" },
    channels: { type: "string", default: "6" },
    buffer: { type: "string", default: "redis" },
    fsync: { type: "string", default: "everysec" },
    only: { type: "string", multiple: true, default: [] },
    folder: { type: "string" },
  },
});

function number(name: "minutes" | "seed" | "every" | "nodes" | "publishers" | "channels"): number {
  const value = Number(values[name]);
  if (!(value > 0)) throw new Error(`--${name} ${values[name]}: expected a number above 0`);
  return value;
}

function oneOf<Value extends string>(name: "buffer" | "fsync", ...list: Value[]): Value {
  const value = list.find((one) => one === values[name]);
  if (value === undefined) throw new Error(`--${name} ${values[name]}: expected one of ${list.join(", ")}`);
  return value;
}

function optionsGiven(): RunOptions {
  const kind: StoreKind = {
    buffer: oneOf("buffer", "redis", "embedded"),
    fsync: oneOf("fsync", "always", "everysec"),
  };
  const names: string[] = faultsOf(kind);
  const unknown = values.only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(", ")}: there are ${names.join(", ")}`);
  return {
    minutes: number("minutes"),
    seed: number("seed"),
    everyMs: number("every") * 1_000,
    only: values.only,
    kind,
    size: { nodes: number("nodes"), publishers: number("publishers"), channels: number("channels") },
  };
}

/** Runs the checker: it knows nothing but the logs. */
async function check(folder: string): Promise<{ code: number; said: string }> {
  const program = join(import.meta.dirname, "check.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program, folder], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = await once(child, "close");
  return { code: code ?? 1, said };
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
  const { code, said } = await check(folder);
  const report = await describeRun(folder, said);
  writeFileSync(join(folder, "report.txt"), report);
  console.log(`report: ${join(folder, "report.txt")}\n${said.trimEnd()}`);
  return code;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.stack : error);
  console.log("NO VERDICT: the run did not come to its end");
  process.exitCode = 1;
}
