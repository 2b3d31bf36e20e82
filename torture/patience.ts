// Waiting for what fails while the machine, or the store, is busy with something else: a supervisor would try again, too.
import { setTimeout as delay } from "node:timers/promises";
import { ask } from "../test/redis.js";

/** Two failovers of a master are some seconds apart, and the machine may have much else to do. */
export const patienceMs = 90_000;

/** Tries until it succeeds. @throws what it failed with last */
export async function patiently<A>(what: () => Promise<A>): Promise<A> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await what();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(100);
    }
  }
}

/** One command to a Redis, until it is answered: of those that may be done twice. */
export const tell = (server: { port: number }, command: string, ...args: (string | number)[]): Promise<unknown> =>
  patiently(() => ask(server, command, ...args));
