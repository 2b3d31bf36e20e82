// Nodes that share members over one Redis, each with a buffer of its own, which no test here looks at.
import { type Node, type NodeOptions, startBroker } from "../../src/broker/index.js";
import type { MemberStore } from "../../src/presence/members.js";
import { embedded } from "../broker/buffers.js";
import type { T } from "../harness.js";
import { someRedis } from "../redis.js";
import { redisStore } from "./audience.js";

export interface MemberNode extends Node {
  store: MemberStore;
}

export async function startMemberNode(
  t: T,
  { url, prefix }: { url: string; prefix: string },
  options: Partial<NodeOptions> = {},
): Promise<MemberNode> {
  const store = await redisStore(t, url, prefix);
  const rest = { presenceGraceMs: 1_500, listen: "127.0.0.1:0", ...options };
  const node = await startBroker({ buffer: await embedded(t), members: store, ...rest });
  t.after(() => node.close(1_000));
  return { ...node, store };
}

export async function startMemberNodes(t: T, count: number, options: Partial<NodeOptions> = {}): Promise<MemberNode[]> {
  const redis = await someRedis(t);
  return Promise.all(
    Array.from({ length: count }, (_, i) => startMemberNode(t, redis, { node: `node ${i + 1}`, ...options })),
  );
}
