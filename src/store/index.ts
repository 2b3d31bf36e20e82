// What a node shares with the others of its kind, opened together: the buffer, the members of channels, and who the
// nodes are. Public entry.

import type { ReplayBuffer } from "../buffer/buffer.js";
import { type BufferOptions, invalidSpec, isFolder, openBuffer } from "../buffer/index.js";
import { createRedisBuffer } from "../buffer/redis.js";
import { aloneRegistry } from "../nodes/alone.js";
import { openEtcdRegistry } from "../nodes/etcd.js";
import { redisRegistry } from "../nodes/redis.js";
import type { NodeRegistry } from "../nodes/registry.js";
import type { MemberStore } from "../presence/members.js";
import { memoryMembers } from "../presence/memory.js";
import { redisMembers } from "../presence/redis.js";
import { isRedisUrl, parseAddress } from "../redis/address.js";
import { connectRedis } from "../redis/redis.js";

export type { BufferOptions } from "../buffer/index.js";
export { type AckRule, type RetentionPolicy, retentionPolicy } from "../buffer/index.js";
export type { Finding } from "../redis/finding.js";
export { parseAckLevel } from "../wire/ack-level.js";
export { type InspectOptions, inspectStore } from "./inspect.js";

export interface StoreOptions extends BufferOptions {
  /** etcd://… or etcds://…: where nodes find each other. Default: in the Redis of the buffer, if it is in one. */
  registry?: string | undefined;
}

export interface Store {
  buffer: ReplayBuffer;
  members: MemberStore;
  registry: NodeRegistry;
  /** What was found dangerous about its configuration, a sentence each. It may grow. */
  warnings: readonly string[];
  /** Closes all of it. */
  close(): Promise<void>;
}

type Parts = Omit<Store, "close">;

/** Given each part as it is opened, to be closed in the opposite order. */
type Keep = <Part extends { close(): Promise<void> | void }>(part: Part) => Part;

/**
 * Opens what `spec` names: `embedded:FOLDER`, `redis://…`, `redis-sentinel://…`, `redis-cluster://…`.
 * @throws RepriseError `invalid_argument`, or what opening it throws
 */
export async function openStore(spec: string, options: StoreOptions): Promise<Store> {
  const parts: { close(): Promise<void> | void }[] = [];
  const keep: Keep = (part) => {
    parts.unshift(part);
    return part;
  };
  async function close(): Promise<void> {
    for (const part of parts.splice(0)) await part.close();
  }
  try {
    const opened = await (isRedisUrl(spec) ? openInRedis : openAlone)(spec, options, keep);
    return { ...opened, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Whether `openStore` would try to open it. Reads the files of TLS that the URLs name.
 * @throws RepriseError `invalid_argument`
 */
export async function checkStore(spec: string, registry: string | undefined): Promise<void> {
  // It connects when it is first asked.
  if (registry !== undefined) await openEtcdRegistry(registry).close();
  if (isRedisUrl(spec)) parseAddress(spec);
  else if (!isFolder(spec)) throw invalidSpec(spec);
}

async function openInRedis(url: string, { registry, ...options }: StoreOptions, keep: Keep): Promise<Parts> {
  const etcd = registry === undefined ? undefined : keep(openEtcdRegistry(registry));
  const redis = keep(await connectRedis({ url, log: options.log }));
  return {
    buffer: keep(await createRedisBuffer(redis, options)),
    members: keep(redisMembers(redis)),
    registry: etcd ?? keep(redisRegistry(redis)),
    warnings: redis.warnings,
  };
}

async function openAlone(spec: string, { registry, ...options }: StoreOptions, keep: Keep): Promise<Parts> {
  const nodes = keep(registry === undefined ? aloneRegistry() : openEtcdRegistry(registry));
  const buffer = keep(await openBuffer(spec, options));
  return { buffer, members: keep(memoryMembers()), registry: nodes, warnings: [] };
}
