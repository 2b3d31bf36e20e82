// Every scenario runs over both buffers, each in a folder or a Redis of its own.
import { join } from "node:path";
import { type T, temporaryFolder } from "../harness.js";
import { type RedisServer, startRedis } from "../redis.js";

export interface BufferPlace {
  /** As in `--buffer`. */
  buffer: string;
  /** Where the embedded buffer keeps its files. */
  folder?: string;
  redis?: RedisServer;
}

export const buffers: Record<"embedded" | "redis", (t: T) => Promise<BufferPlace>> = {
  async embedded(t) {
    const folder = join(temporaryFolder(t), "data");
    return { buffer: `embedded:${folder}`, folder };
  },
  async redis(t) {
    const redis = await startRedis(t);
    return { buffer: redis.url, redis };
  },
};

export const bufferNames = ["embedded", "redis"] as const;
