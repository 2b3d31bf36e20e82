// A throwaway Redis for a benchmark, with an append-only file synced every second.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "./server.js";

export interface BenchRedis {
  url: string;
  port: number;
  pid: number;
  child: ChildProcess;
}

/** @param folder for its files */
export async function startRedis(folder: string): Promise<BenchRedis> {
  const port = await freePort();
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"];
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const text of child.stdout) if (`${text}`.includes("Ready to accept connections")) break;
  child.stdout.resume();
  return { url: `redis://127.0.0.1:${port}`, port, pid: child.pid!, child };
}

/** Ends processes, the last one started first. */
export async function stopAll(children: readonly ChildProcess[]): Promise<void> {
  for (const child of [...children].reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  }
}
