// The harness every test file uses: uvu's suites, plus what uvu leaves out. A test has a time limit and cleanups; a
// promise nobody handles, a suite that was never run, or anything still open when the file is through fails the file.
import { appendFileSync, fstatSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { isatty } from "node:tty";
import { suite as uvuSuite } from "uvu";
import { NotRun, type T } from "./scope.js";

export * as assert from "uvu/assert";
export { cpuMs, loader, notRun, type T, temporaryFolder, until } from "./scope.js";

type Body = (t: T) => Promise<void> | void;

export interface Suite {
  (title: string, body: Body, options?: { timeoutMs?: number }): void;
  run(): void;
}

const defaultTimeoutMs = 30_000;
const cleanupTimeoutMs = 10_000;
const leakDeadlineMs = 1_000;

// Suites that exist, and those that have not finished. A suite without `.run()` would otherwise pass unseen.
const unfinished = new Set<string>();
let ran = 0;
/** Failures of the file outside its tests. */
let failures = 0;
/** Fails the running test at once; undefined between tests. */
let interrupt: ((error: Error) => void) | undefined;

export function suite(name: string): Suite {
  const inner = uvuSuite(name);
  if (unfinished.has(name)) throw new Error(`two suites are called ${JSON.stringify(name)}`);
  unfinished.add(name);
  const add = (title: string, body: Body, options: { timeoutMs?: number } = {}) =>
    inner(title, () => runTest(name, title, body, options.timeoutMs ?? defaultTimeoutMs));
  inner.after(async () => {
    unfinished.delete(name);
    if (unfinished.size === 0) await checkLeaks();
  });
  return Object.assign(add, { run: () => inner.run() });
}

async function runTest(name: string, title: string, body: Body, timeoutMs: number): Promise<void> {
  const errors: Error[] = [];
  const cleanups: (() => unknown)[] = [];
  const abort = new AbortController();
  const t: T = { after: (cleanup) => cleanups.push(cleanup), signal: abort.signal };
  const stray = new Promise<never>((_, reject) => {
    interrupt = reject;
  });
  stray.catch(() => {});
  await within(timeoutMs, "the test", Promise.race([call(() => body(t)), stray]), () => abort.abort()).catch((error) =>
    errors.push(asError(error)),
  );
  for (const cleanup of cleanups.reverse()) {
    await within(cleanupTimeoutMs, "a cleanup", call(cleanup)).catch((error) => errors.push(asError(error)));
  }
  // Rejections nobody handled are reported once the microtasks of this turn are through.
  await new Promise(setImmediate);
  await Promise.race([stray, Promise.resolve()]).catch((error) => {
    if (!errors.includes(error)) errors.push(error);
  });
  interrupt = undefined;
  report(name, title, errors);
}

/** Tells scripts/test.ts, then uvu: by throwing if the test failed. */
function report(suite: string, title: string, errors: Error[]): void {
  ran++;
  const failed = errors.filter((error) => !(error instanceof NotRun));
  const skipped = failed.length === 0 ? errors[0]?.message : undefined;
  if (process.env.REPRISE_TEST_RESULTS) {
    const outcome = failed.length > 0 ? "failed" : skipped === undefined ? "passed" : "skipped";
    appendFileSync(process.env.REPRISE_TEST_RESULTS, `${JSON.stringify({ suite, title, outcome, reason: skipped })}\n`);
  }
  if (skipped !== undefined) console.log(`\nNOT RUN ${suite}: ${title}: ${skipped}`);
  const [first, ...others] = failed;
  if (first === undefined) return;
  // What a property failed with stands there only.
  const { cause } = first;
  if (cause instanceof Error) {
    const details = "details" in cause ? `\n${cause.details}` : "";
    console.log(`\ncause in ${suite}: ${title}: ${cause.stack}${details}`);
  }
  for (const other of others) console.log(`\nalso in ${suite}: ${title}: ${other.stack ?? other.message}`);
  throw first;
}

async function call(body: () => unknown): Promise<void> {
  await body();
}

async function within(limitMs: number, what: string, work: Promise<void>, late = () => {}): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} did not end within ${limitMs} ms`));
      late();
    }, limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

// uvu's report needs a name and a message.
const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(`thrown, but not an Error: ${JSON.stringify(thrown)}`);

/** Standard output and error stay open for good; each counts as one resource unless it is a file. */
const stdioResources = [1, 2].filter((fd) => {
  const stat = fstatSync(fd);
  return isatty(fd) || stat.isFIFO() || stat.isSocket();
}).length;

/** What keeps the process alive, without what is always there. */
function openResources(): string[] {
  let stdio = stdioResources;
  return process.getActiveResourcesInfo().filter((type) => !(/^(Pipe|TTY|TCPSocket)/.test(type) && stdio-- > 0));
}

async function checkLeaks(): Promise<void> {
  const deadline = performance.now() + leakDeadlineMs;
  let open: string[];
  do {
    await delay(5);
    // In an immediate our own timer is gone.
    await new Promise(setImmediate);
    open = openResources();
  } while (open.length > 0 && performance.now() < deadline);
  if (open.length === 0) return;
  failFile(`left open after the last test: ${open.join(", ")}`);
  // What is open would keep the process alive. Not at once: uvu has its summary to print.
  setImmediate(() => process.exit(1));
}

function failFile(message: string): void {
  failures++;
  console.error(`\nFAIL ${message}`);
}

// Rejections without a handler arrive here as well.
process.on("uncaughtException", (thrown, origin) => {
  const error = asError(thrown);
  error.message = `${origin}: ${error.message}`;
  if (interrupt) interrupt(error);
  else failFile(error.stack ?? error.message);
});

process.on("exit", () => {
  for (const name of unfinished)
    failFile(`suite ${JSON.stringify(name)} was not run to its end (is its .run() missing?)`);
  if (ran === 0) failFile("no test was run");
  if (failures > 0) process.exitCode = 1;
});
