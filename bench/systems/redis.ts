// redis-server, Debian's unless there is one on the path, with an append-only file that is synced every second.
import { findServer, redisServer } from "../../scripts/programs.js";
import { type Server, startServer, versionOf } from "../server.js";

export interface RedisServer extends Server {
  url: string;
  version: string;
}

export async function startRedis(folder: string): Promise<RedisServer> {
  const program = findServer(redisServer);
  const server = await startServer(program, folder, (port) => [
    ...["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder],
    ...["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"],
  ]);
  const version = `Redis ${/v=(\S+)/.exec(versionOf(program, "--version"))?.[1]}`;
  return { ...server, url: `redis://127.0.0.1:${server.port}`, version };
}
