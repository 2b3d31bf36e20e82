// The command line as a process of its own.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { type T, until } from "../harness.js";

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly stdout: string;
  readonly stderr: string;
  /** Complete lines of stdout. */
  readonly lines: string[];
  /** The exit code, or the signal. */
  readonly exit: Promise<number | string>;
}

export interface CommandOptions {
  /** Everything on standard input; it stays open without. */
  input?: string | Buffer;
  env?: Record<string, string>;
  cwd?: string;
}

const root = resolve(import.meta.dirname, "../..");
/** Built before the tests are run: what users start, and much sooner there than the source. */
const program = join(root, "dist/bin/reprise.js");

/** Killed after the test, if it still runs. */
export function start(t: T, args: readonly string[], { input, env = {}, cwd = root }: CommandOptions = {}): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    // Without the contexts of whoever runs the tests, and as at a terminal.
    env: { ...process.env, XDG_CONFIG_HOME: "/nonexistent", REPRISE_LOG_FORMAT: "text", ...env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // Nobody reads what is written to a process that has ended.
  child.stdin.on("error", () => {});
  if (input !== undefined) child.stdin.end(input);
  const exit = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string);
  t.after(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  return {
    child,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    get lines() {
      return stdout.split("\n").slice(0, -1);
    },
    exit,
  };
}

/** Runs it to its end. */
export async function run(t: T, args: readonly string[], options: CommandOptions = {}) {
  const running = start(t, args, { input: "", ...options });
  const code = await running.exit;
  return { code, stdout: running.stdout, stderr: running.stderr, lines: running.lines };
}

/** Waits until its stderr holds the text. */
export const said = (running: Running, text: string): Promise<void> =>
  until(() => running.stderr.includes(text), `it says ${JSON.stringify(text)}; it said: ${running.stderr}`, 20_000);
