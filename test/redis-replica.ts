// A replica of a test's Redis, and an address that can be led from the one to the other, as a failover does.
import { Redis } from "ioredis";
import { type T, until } from "./harness.js";
import { type RedisServer, startRedis } from "./redis.js";

export interface Replica extends RedisServer {
  /** It neither reads nor answers any more, and its connections stay open. */
  freeze(): void;
  thaw(): void;
  /** It becomes a master, with what it has. */
  promote(): Promise<void>;
}

/** Starts a replica and waits until it has what the master has. */
export async function startReplica(t: T, master: RedisServer, ...args: string[]): Promise<Replica> {
  // Otherwise a master waits 5 s for more replicas before it copies its data.
  await command(master.port, "CONFIG", "SET", "repl-diskless-sync-delay", "0");
  const before = await confirmed(master);
  const server = await startRedis(t, "--replicaof", "127.0.0.1", String(master.port), ...args);
  await until(async () => (await confirmed(master)) > before, "the replica has confirmed what the master has");
  // `pid` and the like of the server change with it.
  return Object.assign(server, {
    freeze: () => void process.kill(server.pid, "SIGSTOP"),
    thaw: () => void process.kill(server.pid, "SIGCONT"),
    promote: async () => void (await command(server.port, "REPLICAOF", "NO", "ONE")),
  });
}

/** How many replicas have what is written now. */
const confirmed = (master: RedisServer): Promise<number> =>
  once(master.port, async (client) => {
    await client.publish("", "");
    return client.wait(100, 10);
  });

/** One command, over a connection of its own. */
export const command = (port: number, name: string, ...args: string[]): Promise<unknown> =>
  once(port, (client) => client.call(name, ...args));

async function once<A>(port: number, work: (client: Redis) => Promise<A>): Promise<A> {
  const client = new Redis({ port, host: "127.0.0.1", disconnectTimeout: 50, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}
