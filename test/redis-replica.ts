// A replica of a test's Redis.
import { type T, until } from "./harness.js";
import { ask, type RedisServer, startRedis } from "./redis.js";

export interface Replica extends RedisServer {
  /** It becomes a master, with what it has. */
  promote(): Promise<void>;
}

/** Starts a replica and waits until it has what the master has. `port`: of the master, or of a proxy in front of it. */
export async function startReplica(t: T, { port }: { port: number }, ...args: string[]): Promise<Replica> {
  const master = { port };
  // Otherwise a master waits 5 s for more replicas before it copies its data.
  await ask(master, "CONFIG", "SET", "repl-diskless-sync-delay", 0);
  const replica = await startRedis(t, "--replicaof", "127.0.0.1", String(port), ...args);
  const key = `replicated-to-${replica.port}`;
  await ask(master, "SET", key, "");
  await until(async () => (await ask(replica, "EXISTS", key)) === 1, "the replica has what the master has");
  await ask(master, "DEL", key);
  return Object.assign(replica, { promote: async () => void (await ask(replica, "REPLICAOF", "NO", "ONE")) });
}

/** The server neither reads nor answers any more, but its connections stay open. */
export const freeze = ({ pid }: RedisServer): void => void process.kill(pid, "SIGSTOP");
export const thaw = ({ pid }: RedisServer): void => void process.kill(pid, "SIGCONT");
