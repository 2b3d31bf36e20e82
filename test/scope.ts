// What a test, or a torture run, is to the servers and folders that it uses: they end with it.
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export interface T {
  /** Runs after the test, whatever became of it; the last one registered runs first. A cleanup that fails, fails the test. */
  after(cleanup: () => unknown | Promise<unknown>): void;
  /** Aborted when the test exceeds its time. */
  signal: AbortSignal;
}

/** What `node --import` is given to run TypeScript of this repository: what scripts/test.ts has compiled, or tsx. */
export const loader =
  process.env.REPRISE_TEST_COMPILED === undefined
    ? import.meta.resolve("tsx")
    : new URL("../scripts/compiled.mjs", import.meta.url).href;

/** Thrown by `notRun`. */
export class NotRun extends Error {}

/** Ends the running test: it cannot be run here. It counts as skipped, and its name is printed with the reason. */
export function notRun(reason: string): never {
  throw new NotRun(reason);
}

/** Polls every 5 ms, less often what takes long to be answered: asking is not to be most of the work. Rejects when `condition` throws or does not hold in time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (let asked = performance.now(); !(await condition()); asked = performance.now()) {
    const now = performance.now();
    if (now > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await delay(Math.min(100, Math.max(5, 3 * (now - asked))));
  }
}

/** CPU that this process has used, in ms: what it takes by itself, however busy the machine is. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** An empty folder that is removed after the test. */
export function temporaryFolder(t: T): string {
  const folder = mkdtempSync(join(tmpdir(), "reprise-test-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
