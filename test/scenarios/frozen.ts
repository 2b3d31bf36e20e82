// A subscriber that can be stopped and continued while everybody else goes on: frozen-subscriber.ts in its process.
import { fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { loader, type T } from "../harness.js";
import type { Range } from "./trail.js";

export interface FrozenReport {
  /** The offset that it expects next. */
  next: number;
  ranges: Range[];
  /** What was wrong first. */
  fault?: string;
  /** How many it took so far. */
  connections: number;
}

export interface Frozen {
  /** Resolves when it is subscribed: what is stored from now on it misses only by what happens to it. */
  readonly ready: Promise<unknown>;
  /** Resolves when it has begun to read. */
  readonly reading: Promise<unknown>;
  freeze(): void;
  thaw(): void;
  report(): Promise<FrozenReport>;
}

export function startFrozen(t: T, address: string, channel: string): Frozen {
  const script = resolve(import.meta.dirname, "frozen-subscriber.ts");
  const child = fork(script, [address, channel], { execArgv: ["--import", loader] });
  t.after(async () => {
    if (child.exitCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  });
  const ready = once(child, "message");
  return {
    ready,
    reading: ready.then(() => once(child, "message")),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    async report() {
      const answer = once(child, "message");
      child.send("report");
      return (await answer)[0];
    },
  };
}
