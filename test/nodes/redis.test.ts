// The registry in Redis: the contract, and what is in Redis then.
import { Redis } from "ioredis";
import { redisRegistry } from "../../src/nodes/redis.js";
import type { NodeRegistry } from "../../src/nodes/registry.js";
import { connectRedis } from "../../src/redis/redis.js";
import { assert, suite, type T, until } from "../harness.js";
import { startRedis } from "../redis.js";
import { startCluster } from "../redis-cluster.js";
import { type Place, registryContract, servedContract } from "./contract.js";
import { entry } from "./entry.js";

const test = suite("node registry in redis");

const key = "test:nodes";

async function open(t: T): Promise<Place & { client: Redis }> {
  const server = await startRedis(t);
  const url = `${server.url}?prefix=test:`;
  const client = new Redis(server.url, { lazyConnect: true });
  t.after(() => client.disconnect());
  return {
    client,
    async open() {
      const redis = await connectRedis({ url, commandTimeoutMs: 1_000 });
      t.after(() => redis.close());
      return redisRegistry(redis);
    },
    server: {
      ...server,
      freeze: () => void process.kill(server.pid, "SIGSTOP"),
      thaw: () => void process.kill(server.pid, "SIGCONT"),
      async write(node, content) {
        await client.hset(key, node, `${Date.now() + 5_000} ${content}`);
      },
      announcer: ["redis", url],
    },
  };
}

registryContract("redis", open);
servedContract("redis", open);

const names = async (registry: NodeRegistry) => (await registry.list()).map(({ node }) => node).sort();

test("one hash, which goes with its last lease; what has run out is removed by the next announcement", async (t) => {
  const { client, open: another } = await open(t);
  const registry = await another();
  await registry.announce(entry("a"));
  const text = JSON.stringify(entry("b"));
  await client.hset(key, "b", `${Date.now() - 1} ${text}`, "later", `${Date.now() + 3_600_000} ${text}`);
  assert.equal(await names(registry), ["a"], "neither what is over nor what no lease can reach");
  await registry.announce(entry("a"));
  assert.equal(await client.hkeys(key), ["a"]);
  const ttl = await client.pttl(key);
  assert.ok(ttl > 0 && ttl <= registry.leaseMs);
  await registry.withdraw("a");
  assert.is(await client.exists(key), 0);
});

test("fields that are written otherwise stay and are passed over; a key of another kind is refused", async (t) => {
  const { client, open: another } = await open(t);
  const registry = await another();
  await registry.announce(entry("a"));
  const odd = { x: "", y: "{}", z: `-1 ${JSON.stringify(entry("z"))}`, w: "9".repeat(400), v: "1e3 {}" };
  await client.hset(key, odd);
  await registry.announce(entry("a"));
  assert.equal(await names(registry), ["a"]);
  assert.is(await client.hlen(key), 6);
  await client.set(key, "of another program");
  for (const call of [() => registry.announce(entry("a")), () => registry.list(), () => registry.withdraw("a")]) {
    const thrown = await call().catch((error: unknown) => error);
    assert.match((thrown as Error).message, "another program");
    assert.is((thrown as { code?: string }).code, "unavailable");
  }
});

test("in a Cluster, also after the master of its slot was lost", async (t) => {
  const cluster = await startCluster(t, { replicasPerMaster: 1 });
  const redis = await connectRedis({ url: `${cluster.url}?prefix=test:`, commandTimeoutMs: 1_000 });
  t.after(() => redis.close());
  const registry = redisRegistry(redis);
  const all = Array.from({ length: 10 }, (_, i) => `n${i}`);
  await Promise.all(all.map((node) => registry.announce(entry(node))));
  assert.equal(await names(registry), all);
  const master = await cluster.masterOf(key);
  await master.kill();
  await cluster.promoted(key, master);
  const entered = () =>
    Promise.all(all.map((node) => registry.announce(entry(node)))).then(
      () => true,
      () => false,
    );
  await until(entered, "they are entered again", 15_000);
  assert.equal(await names(registry), all);
});

test.run();
