// Processes that a test starts, and the lines they print.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { loader, type T, until } from "../../harness.js";

export interface Child {
  readonly process: ChildProcess;
  readonly lines: string[];
  /** Waits for so many lines; rejects if the process ends before. */
  prints(count: number): Promise<void>;
  /** SIGKILL; resolves when it is gone and everything it had printed is in `lines`. */
  kill(): Promise<void>;
  readonly ended: Promise<void>;
}

/** Starts a script of this folder; killed after the test. */
export function start(t: T, script: string, ...args: string[]): Child {
  return startCommand(t, process.execPath, ["--import", loader, path(script), ...args]);
}

export const path = (script: string): string => fileURLToPath(new URL(script, import.meta.url));

export function startCommand(t: T, command: string, args: string[]): Child {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  let gone = false;
  const ended = Promise.all([once(child, "close"), once(reader, "close")]).then(() => {
    gone = true;
  });
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  t.after(kill);
  return {
    process: child,
    lines,
    ended,
    kill,
    prints: (count) =>
      until(() => {
        if (gone && lines.length < count) throw new Error(`it ended after printing ${JSON.stringify(lines)}`);
        return lines.length >= count;
      }, `${count} lines`),
  };
}
