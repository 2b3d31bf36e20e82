// The ioredis client as we need it: of one server. It reconnects by itself and for ever; commands are never queued,
// never resent behind our back, and always settle. `maxRetriesPerRequest: 0` rejects what is in flight when the
// connection breaks, the time limits end what a stalled connection holds.
import { Redis } from "ioredis";
import type { Endpoint } from "./address.js";
import { type Tls, tlsOptions } from "./tls.js";

/** Of one server. */
export type Client = Redis;

/** How to get in. */
export interface Login {
  username: string | undefined;
  password: string | undefined;
  tls: Tls | undefined;
  db: number;
}

/** @param commandTimeoutMs after which a command is given up; a connection silent for so long is replaced */
export function createClient({ host, port }: Endpoint, login: Login, name: string, commandTimeoutMs: number): Client {
  const { username, password, tls, db } = login;
  const client = new Redis({
    host,
    port,
    db,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: tlsOptions(tls, host) } : {}),
    connectionName: `reprise-${name}`,
    disableClientInfo: true,
    connectTimeout: commandTimeoutMs,
    // Its timer outlives even a connection that is closed already.
    disconnectTimeout: 50,
    commandTimeout: commandTimeoutMs,
    socketTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // It would not tell when it is done, and a failure of it would be an unhandled rejection.
    autoResubscribe: false,
    retryStrategy: (times) => Math.min(1_000, 20 * 2 ** times) * (0.5 + Math.random() / 2),
  });
  client.setMaxListeners(0);
  return client;
}

/**
 * What is sent to the server now leaves together with what else is sent before the event loop goes on: a write to the
 * socket costs more than a command.
 */
export function gather({ stream }: Client): void {
  if (stream === undefined || stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

export function closeClient(client: Client): void {
  client.disconnect();
  // Not a farewell that a stalled peer would have to answer.
  client.stream?.destroy();
}

/** Resolves when it is ready, rejects at the first error. */
export function opened(client: Client): Promise<void> {
  if (client.status === "ready") return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void) => () => {
      client.off("ready", ready);
      client.off("error", failed);
      client.off("close", closed);
      settled();
    };
    let error: unknown = new Error("the connection was closed");
    const ready = settle(resolve);
    const failed = (thrown: Error) => {
      error = thrown;
      settle(() => reject(error))();
    };
    const closed = settle(() => reject(error));
    client.once("ready", ready);
    client.once("error", failed);
    client.once("close", closed);
  });
}
