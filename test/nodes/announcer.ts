// A process that keeps a node entered until it is killed: announcer.ts redis|etcd URL.
import { openEtcdRegistry } from "../../src/nodes/etcd.js";
import { redisRegistry } from "../../src/nodes/redis.js";
import { connectRedis } from "../../src/redis/redis.js";
import { entry } from "./entry.js";

const [kind, url] = process.argv.slice(2) as [string, string];
const registry = kind === "redis" ? redisRegistry(await connectRedis({ url })) : openEtcdRegistry(url);
for (;;) {
  await registry.announce(entry("announcer"));
  await new Promise((resolve) => setTimeout(resolve, registry.leaseMs / 10));
}
