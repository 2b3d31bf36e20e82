// The client processes as the benchmark sees them.
import { once } from "node:events";
import { program } from "./child.js";
import type { Calls } from "./client.js";
import { NotOffered } from "./system.js";

type Answer<K extends keyof Calls> = Awaited<ReturnType<Calls[K]>>;

export interface Client {
  call<K extends keyof Calls>(name: K, ...args: Parameters<Calls[K]>): Promise<Answer<K>>;
  /** Does not wait for an answer. */
  tell<K extends keyof Calls>(name: K, ...args: Parameters<Calls[K]>): void;
  onProgress(listener: (least: number) => void): void;
  /** SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  end(): Promise<void>;
}

interface Reply {
  id?: number;
  result?: unknown;
  error?: string;
  name?: string;
  progress?: number;
}

export function startClient(): Client {
  const child = program("client.ts");
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let listener: (least: number) => void = () => {};
  let last = 0;
  child.on("message", ({ id, result, error, name, progress }: Reply) => {
    if (progress !== undefined) return listener(progress);
    const call = waiting.get(id!);
    waiting.delete(id!);
    if (error === undefined) call?.resolve(result as never);
    else if (call === undefined) console.error(error);
    else call.reject(name === "NotOffered" ? new NotOffered(error) : new Error(error));
  });
  const exited = once(child, "exit").then(([code, signal]) => {
    for (const { reject } of waiting.values()) reject(new Error(`a client process ended with ${signal ?? code}`));
  });
  return {
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        if (child.exitCode !== null) return reject(new Error("the client process has ended"));
        waiting.set(++last, { resolve, reject });
        child.send({ id: last, name, args });
      }),
    tell: (name, ...args) => void child.send({ id: 0, name, args }),
    onProgress(given) {
      listener = given;
    },
    signal: (signal) => void child.kill(signal),
    async end() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
