// The processes of a benchmark: programs of this folder, which say what they have to say by messages.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export const program = (name: string, ...args: string[]): ChildProcess =>
  fork(join(import.meta.dirname, name), args, {
    execArgv: ["--expose-gc", "--import", import.meta.resolve("tsx")],
  });

/** The next message of a child; rejects if it ends instead. */
export async function told<T>(child: ChildProcess): Promise<T> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const [message] = await Promise.race([
      once(child, "message", { signal }),
      once(child, "exit", { signal }).then(([code]) => {
        throw new Error(`${child.spawnargs.join(" ")} ended with ${code}`);
      }),
    ]);
    return message;
  } finally {
    // Whoever asks a thousand times leaves no thousand listeners.
    settled.abort();
  }
}

/** Tells a child something, and waits for what it answers. */
export function asked<T>(child: ChildProcess, question: object): Promise<T> {
  const answer = told<T>(child);
  child.send(question);
  return answer;
}
