// Server programs of a benchmark: on a free port, gone when the benchmark is, even if that was killed.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Server {
  port: number;
  pid: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const readyMs = 20_000;

/** Starts a program that listens on the port it is given; resolves when it does. @param given the port; default: a free one */
export async function startServer(
  program: string,
  folder: string,
  args: (port: number) => readonly string[],
  given?: number,
): Promise<Server> {
  const port = given ?? (await freePort());
  const log = join(folder, `log-${port}`);
  const output = openSync(log, "w");
  const child = spawn(program, args(port), { stdio: ["ignore", output, output] });
  closeSync(output);
  const exited = once(child, "exit").catch(() => {});
  await once(child, "spawn");
  const watchdog = watch(child);
  // A stop in good order would write down what nobody will read.
  const stop = async (signal: NodeJS.Signals = "SIGKILL") => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await exited;
    }
    watchdog.kill("SIGKILL");
  };
  const deadline = performance.now() + readyMs;
  while (!(await listens(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`${program} did not start:\n${readFileSync(log, "utf8")}`);
    }
    await sleep(20);
  }
  return { port, pid: child.pid!, stop };
}

/** A shell that waits until its standard input closes, which the kernel does for us, and kills the server then. */
const watch = ({ pid }: ChildProcess): ChildProcess =>
  spawn("sh", ["-c", `cat >/dev/null; kill -9 ${pid}`], { stdio: ["pipe", "ignore", "ignore"] });

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

/** Of 127.0.0.1. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** The first line of what a program says of its version. */
export const versionOf = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: "utf8" }).split("\n")[0]!.trim();
