// What `npm test` runs: every test/**/*.test.ts in a process of its own, two at a time, the slowest first; and while they
// leave some of the CPU idle, because they wait, more beside them, the quickest first.
//
//   npm test                      everything
//   npm test -- buffer cli        the files whose path contains one of these words
//   npm test -- --timeout 600     how many seconds a file may take (300)
//   npm test -- --folder other    the files of another folder
//
// The last line is `N passed, N failed`, and `, N skipped` where tests could not be run. Exit code 0: all passed.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { watchIdle } from "./idle.js";
import { serverVariables } from "./programs.js";

interface Report {
  file: string;
  seconds: number;
  passed: number;
  /** Titles, or what else went wrong with the file. */
  failed: string[];
  skipped: string[];
  output: string;
}

const root = resolve(import.meta.dirname, "..");
/** Where the TypeScript that the tests run is compiled to: see compiled.mjs. */
const compiled = mkdtempSync(join(tmpdir(), "reprise-compiled-"));
const timesFile = join(root, ".cache/test-times.json");
const atOnce = 2;
/** With those beside them. What waits now may work in a moment, and a test has a time limit. */
const mostAtOnce = 4;
/** Of the CPU, idle since it was looked at last: more is enough for one more file. */
const idleShare = 0.15;
/** As long as a file needs until what it uses is seen. */
const lookMs = 500;
/** Process groups of the files under way. */
const groups = new Set<number>();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { timeout: { type: "string", default: "300" }, folder: { type: "string", default: join(root, "test") } },
  });
  const timeoutMs = Number(values.timeout) * 1000;
  if (!(timeoutMs > 0)) throw new Error(`--timeout ${values.timeout}: expected a number of seconds`);
  const times = readTimes();
  const expected = (file: string) => times[file] ?? (/\/(scenarios|torture|bin|abuse)\//.test(file) ? 30 : 5);
  const files = testFiles(values.folder, positionals).sort((a, b) => expected(b) - expected(a) || (a < b ? -1 : 1));
  if (files.length === 0) console.error(`no test file in ${values.folder} matches ${positionals.join(" ")}`);
  const variables = { ...serverVariables(), REPRISE_TEST_COMPILED: compiled };
  if (files.some(isOurs)) compile();

  const reports: Report[] = [];
  const waiting = [...files];
  const run = async (file: string) => {
    const report = await runFile(file, variables, timeoutMs);
    times[file] = report.seconds;
    reports.push(report);
    print(report);
  };
  const runInTurn = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await run(file);
  };
  await Promise.all([...Array.from({ length: atOnce }, runInTurn), runBesides(waiting, run)]);
  writeTimes(times);
  return summarize(reports);
}

/** Takes them from the end. */
async function runBesides(waiting: string[], run: (file: string) => Promise<void>): Promise<void> {
  const idle = watchIdle();
  const running = new Set<Promise<void>>();
  while (waiting.length > 0) {
    await delay(lookMs);
    if (idle() < idleShare || atOnce + running.size >= mostAtOnce) continue;
    const file = waiting.pop();
    if (file === undefined) break;
    const ended = run(file).finally(() => running.delete(ended));
    running.add(ended);
  }
  await Promise.all(running);
}

function testFiles(folder: string, words: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => relative(root, join(resolve(folder), name)))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
}

/** Whether it is right is for `npm run check` to say. */
function compile(): void {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const emit = ["--noEmit", "false", "--noCheck", "--outDir", compiled, "--rootDir", root];
  const maps = ["--inlineSourceMap", "--sourceRoot", pathToFileURL(`${root}/`).href];
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.json", ...emit, ...maps], { cwd: root, stdio: "inherit" });
}

/** Not one of a folder that belongs to no part of the repository, which is not compiled. */
const isOurs = (file: string): boolean => !file.startsWith("..");

async function runFile(file: string, variables: Record<string, string>, timeoutMs: number): Promise<Report> {
  const scratch = mkdtempSync(join(tmpdir(), "reprise-results-"));
  const results = join(scratch, "results");
  const colour = process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: "1" } : {};
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ["--import", isOurs(file) ? join(root, "scripts/compiled.mjs") : "tsx", join(root, file)],
    {
      cwd: root,
      // A group of its own: what the file started can be ended with it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...colour, ...variables, REPRISE_TEST_RESULTS: results },
    },
  );
  const group = child.pid!;
  groups.add(group);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    killGroup(group);
  }, timeoutMs);
  const closed = new Promise((resolve) => child.once("close", resolve));
  const ending = await new Promise<number | NodeJS.Signals>((resolve) =>
    child.once("exit", (code, signal) => resolve(signal ?? code ?? 1)),
  );
  clearTimeout(limit);
  // What the file left behind would hold its output open, and more.
  killGroup(group);
  groups.delete(group);
  await closed;
  const seconds = (performance.now() - started) / 1000;
  const report: Report = { file, seconds, passed: 0, failed: [], skipped: [], output };
  const lines = existsSync(results) ? readFileSync(results, "utf8").trim().split("\n") : [];
  rmSync(scratch, { recursive: true });
  for (const { suite, title, outcome, reason } of lines.map((line) => JSON.parse(line))) {
    if (outcome === "passed") report.passed++;
    else if (outcome === "failed") report.failed.push(`${suite}: ${title}`);
    else report.skipped.push(`${suite}: ${title}: ${reason}`);
  }
  if (late) report.failed.push(`the file did not end within ${timeoutMs / 1000} s`);
  else if (ending !== 0 && report.failed.length === 0) report.failed.push(`the file ended with ${ending}`);
  else if (lines.length === 0) report.failed.push("the file reported no test");
  return report;
}

function killGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It is empty.
  }
}

function print({ file, seconds, passed, failed, skipped, output }: Report): void {
  const counts = `${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`;
  console.log(
    `${failed.length > 0 ? "FAIL" : "ok"}  ${file}  ${seconds.toFixed(1)} s  ${counts}\n${output.trimEnd()}\n`,
  );
}

function summarize(reports: readonly Report[]): number {
  const list = (what: string, of: (report: Report) => string[]) => {
    const names = reports.flatMap((report) => of(report).map((name) => `  ${report.file}: ${name}`));
    if (names.length > 0) console.log(`${what}:\n${names.join("\n")}\n`);
    return names.length;
  };
  const skipped = list("NOT RUN", (report) => report.skipped);
  const failed = list("FAILED", (report) => report.failed);
  const passed = reports.reduce((sum, report) => sum + report.passed, 0);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** Seconds each file took when it was run last. */
function readTimes(): Record<string, number> {
  try {
    return JSON.parse(readFileSync(timesFile, "utf8"));
  } catch {
    return {};
  }
}

function writeTimes(times: Record<string, number>): void {
  const known = Object.entries(times).filter(([file]) => existsSync(join(root, file)));
  mkdirSync(join(timesFile, ".."), { recursive: true });
  writeFileSync(timesFile, `${JSON.stringify(Object.fromEntries(known), null, 2)}\n`);
}

process.on("exit", () => {
  groups.forEach(killGroup);
  rmSync(compiled, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
