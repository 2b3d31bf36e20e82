// What a node shares with the others of its kind, opened together: the buffer, the members of channels, and who the
// nodes are. Public entry.

import type { ReplayBuffer } from "../buffer/buffer.js";
import { type BufferOptions, openBuffer } from "../buffer/index.js";
import { aloneRegistry } from "../nodes/alone.js";
import type { NodeRegistry } from "../nodes/registry.js";
import type { MemberStore } from "../presence/members.js";
import { memoryMembers } from "../presence/memory.js";
import { redisMembers } from "../presence/redis.js";
import { connectRedis } from "../redis/redis.js";

export type { BufferOptions } from "../buffer/index.js";
export { retentionPolicy } from "../buffer/index.js";

export interface Store {
  buffer: ReplayBuffer;
  members: MemberStore;
  registry: NodeRegistry;
  /** Closes all of it. */
  close(): Promise<void>;
}

/**
 * Opens what `spec` names: `embedded:FOLDER`, `redis://…`, `redis-sentinel://…`, `redis-cluster://…`.
 * @throws RepriseError `invalid_argument`, or what opening it throws
 */
export async function openStore(spec: string, options: BufferOptions): Promise<Store> {
  const buffer = await openBuffer(spec, options);
  const registry = aloneRegistry();
  const redis = /^rediss?/.test(spec) ? await connectRedis({ url: spec }) : undefined;
  const members = redis === undefined ? memoryMembers() : redisMembers(redis);
  return {
    buffer,
    members,
    registry,
    async close() {
      await registry.close();
      await members.close();
      redis?.close();
      await buffer.close();
    },
  };
}
