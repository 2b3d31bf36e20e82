// redis-server as Debian delivers it, with an append-only file that is synced every second.
import { findRedis } from "../../scripts/redis-server.js";
import { type Server, startServer, versionOf } from "../server.js";

export interface RedisServer extends Server {
  url: string;
  version: string;
}

export async function startRedis(folder: string): Promise<RedisServer> {
  const redis = findRedis();
  if (redis.kind !== "server") throw new Error("the benchmark needs a redis-server of its own");
  const server = await startServer(redis.program, folder, (port) => [
    ...["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder],
    ...["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"],
  ]);
  const version = `Redis ${/v=(\S+)/.exec(versionOf(redis.program, "--version"))?.[1]}`;
  return { ...server, url: `redis://127.0.0.1:${server.port}`, version };
}
