// The member store over a real Cluster: the contract, and a master that is lost.
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { sharedCluster } from "../buffer/redis-sets.js";
import { assert, suite, until } from "../harness.js";
import { startCluster } from "../redis-cluster.js";
import { entering, idsOf, redisStore, times, watching } from "./audience.js";
import { contract } from "./contract.js";

const test = suite("members in a Redis Cluster");
const [cluster, last] = sharedCluster();

contract(test, async (t) => {
  const { url } = await cluster();
  const prefix = `${randomUUID()}:`;
  return [await redisStore(t, url, prefix), await redisStore(t, url, prefix)];
});

test(
  "a master is lost, with what it had not replicated: nobody left, and all are there again",
  async (t) => {
    const set = await startCluster(t, { replicasPerMaster: 1 });
    const stores = [await redisStore(t, set.url, "a:"), await redisStore(t, set.url, "a:")];
    const channels = Array.from({ length: 12 }, (_, i) => `channel-${i}`);
    for (const channel of channels) {
      await stores[0]!.enter(channel, entering("ada-00001"), "1");
      await stores[1]!.enter(channel, entering("bob-00001"), "2");
    }
    const audiences = await Promise.all(channels.map((channel, i) => watching(t, stores[i % 2]!, channel)));
    await delay(stores[0]!.settleMs + 500);
    const lost = await set.masterOf("{channel-0}");
    await lost.kill();
    await set.promoted("{channel-0}", lost);
    const all = async () => {
      const lists = await Promise.all(channels.map((channel) => stores[0]!.list(channel).catch(() => [])));
      return lists.every((list) => list.length === 2);
    };
    await until(all, "all are there", 20_000);
    await delay(stores[0]!.settleMs + times.leaseMs);
    assert.ok(await all());
    for (const { told } of audiences) assert.equal(told, []);
    await stores[1]!.leave("channel-0", { id: "bob-00001", session: "2" });
    await audiences[0]!.tells("-bob-00001");
    assert.equal(idsOf(await stores[0]!.list("channel-0")), ["ada-00001"]);
  },
  { timeoutMs: 60_000 },
);

test.run();
last.run();
