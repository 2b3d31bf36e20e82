// One connection to Redis, and the patience to try again on it. What is tried must be safe to repeat: whether a command
// that failed was executed is unknown.
import { setTimeout as delay } from "node:timers/promises";
import { RepriseError } from "../wire/errors.js";
import type { Address } from "./address.js";
import { type Client, createClient } from "./client.js";
import { failureOf, isRefusal } from "./failure.js";

export interface Connection {
  readonly client: Client;
  /**
   * Does `work` once the connection is ready, and again while it fails for a reason that passes.
   * @param deadline of all tries together, in the time of `performance.now`; the work under way may outlast it by
   *   the time limit of a command
   * @throws RepriseError `buffer_unavailable`, `buffer_full`, `closed`
   */
  attempt<T>(deadline: number, work: (client: Client) => Promise<T>): Promise<T>;
  /** Resolves if the credentials are refused: the connection keeps trying, but somebody should know. */
  readonly refused: Promise<RepriseError>;
  close(): void;
}

/** Between two connections given up because the server turned out to be the wrong one. */
const reconnectMs = 500;

/** @param warn told once when the connection is lost, and once when it is back */
export function connect(
  address: Address,
  name: string,
  commandTimeoutMs: number,
  warn: (message: string) => void = () => {},
): Connection {
  const { where } = address;
  const client = createClient(address, name, commandTimeoutMs);
  const closing = new AbortController();
  const { ready, refused, wake } = observe(client, where, closing.signal, warn);
  let reconnectedAt = Number.NEGATIVE_INFINITY;
  function reconnect(): void {
    if (performance.now() < reconnectedAt + reconnectMs) return;
    reconnectedAt = performance.now();
    client.disconnect(true);
  }
  return {
    client,
    refused,
    async attempt(deadline, work) {
      for (let pause = 10; ; pause = Math.min(2 * pause, 500)) {
        try {
          await ready(deadline);
          return await work(client);
        } catch (thrown) {
          if (closing.signal.aborted) throw closed();
          const failure = failureOf(thrown, where);
          if (!failure.retry || performance.now() + pause >= deadline) throw failure.error;
          if (failure.reconnect) reconnect();
        }
        await delay(pause);
      }
    },
    close() {
      closing.abort();
      client.disconnect();
      // Not a farewell that a stalled peer would have to answer.
      client.stream?.destroy();
      wake();
    },
  };
}

export const closed = (): RepriseError => new RepriseError("closed", "the Redis buffer was closed");

/** What becomes of the connection: told to the operator, and to those that wait for it. */
function observe(client: Client, where: string, closing: AbortSignal, warn: (message: string) => void) {
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const resume of [...waiting]) resume();
  };
  let lastError = "the connection was closed";
  let lost = false;
  client.on("reconnecting", () => {
    if (!lost) warn(`Redis at ${where} is not connected, trying again: ${lastError}`);
    lost = true;
  });
  client.on("ready", () => {
    if (lost) warn(`Redis at ${where} is connected again`);
    lost = false;
    wake();
  });
  const refused = new Promise<RepriseError>((resolve) => {
    client.on("error", (error: Error) => {
      lastError = error.message;
      if (isRefusal(error)) resolve(failureOf(error, where).error);
    });
  });

  function woken(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        waiting.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, patienceMs);
      waiting.add(settle);
    });
  }

  const isReady = () => client.status === "ready";
  async function ready(deadline: number): Promise<void> {
    const patience = deadline - performance.now();
    if (!isReady() && !closing.aborted && patience > 0) await woken(patience);
    if (closing.aborted) throw closed();
    if (isReady()) return;
    const why = client.status === "connect" ? "it is not ready (loading its data?)" : lastError;
    throw new RepriseError("buffer_unavailable", `Redis at ${where} cannot be reached: ${why}`);
  }
  return { ready, refused, wake };
}
