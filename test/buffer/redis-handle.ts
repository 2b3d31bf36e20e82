// Handles on a Redis for the tests of the Redis buffer: the buffer itself, and a plain client that does what other
// programs and operators do.
import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { openRedis, type RedisBufferOptions } from "../../src/buffer/redis.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import type { RedisOptions } from "../../src/redis/redis.js";
import type { T } from "../harness.js";
import type { Opened } from "./contract/open.js";

/** A buffer with short time limits. */
export async function openAt(
  t: T,
  url: string,
  options: Partial<RedisOptions & RedisBufferOptions> & { rules?: string[] } = {},
): Promise<ReplayBuffer> {
  const { rules = [], ...rest } = options;
  const buffer = await openRedis({ url, retention: retentionPolicy(rules), commandTimeoutMs: 1_000, ...rest });
  t.after(() => buffer.close());
  return buffer;
}

/** For the contract's tests: under a prefix that no other test shares. */
export async function openIn(t: T, url: string, rules: string[] = []): Promise<Opened> {
  const prefix = `reprise-test-${randomUUID()}:`;
  const open = async () => {
    const buffer = await openRedis({ url: `${url}?prefix=${prefix}`, retention: retentionPolicy(rules) });
    t.after(() => buffer.close());
    return buffer;
  };
  let buffer = await open();
  return {
    buffer,
    other: open,
    restart: async () => {
      await buffer.close();
      buffer = await open();
      return buffer;
    },
  };
}

export async function plainClient(t: T, port: number): Promise<Redis> {
  const client = new Redis({ port, host: "127.0.0.1", retryStrategy: () => 50, maxRetriesPerRequest: 100 });
  client.on("error", () => {});
  t.after(() => {
    client.disconnect();
    client.stream?.destroy();
  });
  await client.ping();
  return client;
}
