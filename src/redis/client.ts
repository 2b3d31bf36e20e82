// The ioredis client as we need it: it reconnects by itself and for ever; commands are never queued, never
// resent behind our back, and always settle. `maxRetriesPerRequest: 0` rejects what is in flight when the connection
// breaks, the time limits end what a stalled connection holds.
import { isIP } from "node:net";
import { Redis } from "ioredis";
import type { Address } from "./address.js";

/** Of one server. */
export type Client = Redis;

/** @param commandTimeoutMs after which a command is given up; a connection silent for so long is replaced */
export function createClient(address: Address, name: string, commandTimeoutMs: number): Client {
  const { host, port, username, password, db, tls } = address;
  const client = new Redis({
    host,
    port,
    db,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    // An IP address is no server name.
    ...(tls ? { tls: isIP(host) ? {} : { servername: host } } : {}),
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
