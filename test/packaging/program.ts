// A program of its own with all that it starts: gone after the test, and when this process is killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type T, until } from "../harness.js";

export interface Launched {
  pid: number;
  readonly output: string;
  /** Waits until its output holds the text. */
  says(text: string): Promise<void>;
  /** SIGTERM to all of it; waits for the end. */
  stop(): Promise<void>;
}

export function launch(
  t: T,
  program: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Launched {
  const env = { REPRISE_LOG_FORMAT: "text", ...options.env };
  const child = spawn(program, args, { ...options, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const group = child.pid!;
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const exited = once(child, "close");
  // Its standard input ends with this process, however that does.
  const watchdog = spawn("sh", ["-c", `cat >/dev/null; kill -9 -${group}`], { stdio: ["pipe", "ignore", "ignore"] });
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(-group, signal);
    } catch {
      // It has ended.
    }
  };
  t.after(async () => {
    kill("SIGKILL");
    await exited;
    watchdog.kill("SIGKILL");
    await once(watchdog, "exit");
  });
  return {
    pid: group,
    get output() {
      return output;
    },
    says: (text) =>
      until(() => output.includes(text), `it says ${JSON.stringify(text)}`, 60_000).catch((error: Error) => {
        throw new Error(`${error.message}; it said: ${output}`);
      }),
    async stop() {
      kill("SIGTERM");
      await exited;
    },
  };
}
