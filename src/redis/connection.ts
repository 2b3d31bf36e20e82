// A way to Redis for one purpose: a connection to each of the masters, found by the key, and the patience to try again.
// What is tried must be safe to repeat: whether a command that failed was executed is unknown.
import { setTimeout as delay } from "node:timers/promises";
import { type Log, noLog } from "../log/log.js";
import { RepriseError } from "../wire/errors.js";
import type { Address, Endpoint } from "./address.js";
import { type Client, gather } from "./client.js";
import { failureOf } from "./failure.js";
import type { Master, Masters } from "./masters.js";
import { createPool, type Line } from "./pool.js";
import { asking, type Redirection, redirectionOf } from "./redirection.js";

export interface Connection {
  /**
   * Does `work` at a master once the connection to it is ready, and again while it fails for a reason that passes. All
   * its commands that have keys must be of one slot.
   * @param deadline of all tries together, in the time of `performance.now`; the work under way may outlast it by
   *   the time limit of a command
   * @param at a key of that slot, or the very master. Without it a Cluster is asked anywhere, and most likely says where
   *   to ask instead
   * @throws RepriseError `buffer_unavailable`, `buffer_full`, `closed`
   */
  attempt<T>(deadline: number, work: (client: Client) => Promise<T>, at?: string | Master): Promise<T>;
  /** Calls `tell` with each client when it is made: a client is of one server, and reconnects to that. */
  onClient(tell: (client: Client, id: string) => void): void;
  /** The client of that server, if there is one and it is connected. */
  ready(id: string): Client | undefined;
  /** Resolves if the credentials are refused: the connection keeps trying, but somebody should know. */
  readonly refused: Promise<RepriseError>;
  close(): void;
}

/** How long the masters are looked for between two tries of those that wait. */
const lookMs = 200;
/** Redirections in a row without a pause: a slot is led to its new master by one or two. */
const mostRedirections = 4;

/** @param log told once when a connection is lost, and once when it is back */
export function connect(
  address: Address,
  masters: Masters,
  name: string,
  commandTimeoutMs: number,
  log: Log = noLog,
): Connection {
  const { where } = address;
  const closing = new AbortController();
  const pool = createPool(address, masters, name, commandTimeoutMs, log);
  const { waiting, wake } = pool;
  let looking = false;

  /** While somebody waits: whoever is waited for may have been replaced. */
  async function lookAgain(): Promise<void> {
    if (looking) return;
    looking = true;
    while (waiting.size > 0 && !closing.signal.aborted) {
      await masters.look();
      // Those that wait for the first answer may as well give up.
      if (masters.all.length === 0) wake();
      await delay(lookMs, undefined, { signal: closing.signal }).catch(() => {});
    }
    looking = false;
  }

  function woken(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        waiting.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, patienceMs);
      waiting.add(settle);
      if (address.form !== "server") void lookAgain();
    });
  }

  async function ready(at: string | Master | undefined, redirection: Redirection | undefined, deadline: number) {
    for (let to: Endpoint | undefined = redirection?.to; ; to = undefined) {
      if (closing.signal.aborted) throw closed();
      if (typeof at === "object" && !masters.all.includes(at)) throw deposed(at);
      const endpoint = to ?? (typeof at === "object" ? at : masters.of(at));
      const line = endpoint && pool.line(endpoint);
      if (line?.client.status === "ready" && masters.trusted(line.readySince)) {
        const led = to !== undefined && redirection?.kind === "ASK";
        return { endpoint: line.endpoint, client: led ? asking(line.client) : line.client };
      }
      const patience = deadline - performance.now();
      // No master was ever known, and none will be.
      const hopeless = !line && masters.failure?.retry === false;
      if (patience <= 0 || hopeless) throw unreachable(line);
      await woken(patience);
    }
  }

  const deposed = ({ id }: Master) => new RepriseError("buffer_unavailable", `Redis at ${id} is no master any more`);

  function unreachable(line: Line | undefined): RepriseError {
    if (!line)
      return masters.failure?.error ?? new RepriseError("buffer_unavailable", `Redis at ${where} has no master now`);
    const why = line.client.status === "connect" ? "it is not ready (loading its data?)" : line.lastError;
    return new RepriseError("buffer_unavailable", `Redis at ${line.where} cannot be reached: ${why}`);
  }

  return {
    refused: pool.refused,
    onClient: pool.onClient,
    ready: pool.ready,
    async attempt(deadline, work, at) {
      let redirection: Redirection | undefined;
      let redirections = 0;
      for (let pause = 10; ; ) {
        let line: { endpoint: Endpoint; client: Client } | undefined;
        try {
          line = await ready(at, redirection, deadline);
          gather(line.client);
          return await work(line.client);
        } catch (thrown) {
          if (closing.signal.aborted) throw closed();
          redirection = line && redirectionOf(thrown, line.endpoint);
          if (redirection?.kind === "MOVED") void masters.look();
          if (redirection && ++redirections % mostRedirections !== 0 && performance.now() < deadline) continue;
          const failure = failureOf(thrown, where);
          if (!failure.retry || performance.now() + pause >= deadline) throw failure.error;
          void masters.look();
          if (failure.reconnect && line) pool.reconnect(line.client);
        }
        await delay(pause);
        pause = Math.min(2 * pause, 500);
      }
    },
    close() {
      closing.abort();
      pool.close();
      wake();
    },
  };
}

export const closed = (): RepriseError => new RepriseError("closed", "the Redis buffer was closed");
