// The throwaway Sentinel set and Cluster of the tests.
import slotOf from "cluster-key-slot";
import { assert, suite, until } from "./harness.js";
import { ask } from "./redis.js";
import { startCluster } from "./redis-cluster.js";
import { replicated, startSentinel } from "./redis-sentinel.js";

const test = suite("throwaway redis sets");

/** Servers agree on who is master in their own time, and more than once if the machine is busy. */
const busy = { timeoutMs: 180_000 };

test(
  "sentinels: a master that is killed is replaced, and comes back as a replica; a failover can be asked for",
  async (t) => {
    const set = await startSentinel(t);
    const [first] = set.servers;
    assert.is(await set.master(), first);
    await ask(first!, "SET", "key", "value");
    assert.is(await ask(first!, "WAIT", 1, 1_000), 1);
    await first!.kill();
    const second = await set.promoted(first!);
    assert.is(await ask(second, "GET", "key"), "value");
    await first!.start();
    // The sentinels cut connections when they make a replica of it.
    const role = async () => ((await ask(first!, "ROLE").catch(() => [])) as unknown[]).join(" ");
    await until(async () => /^slave .* connected /.test(await role()), "the old master is a replica in sync");
    assert.is(await set.failover(), first);
  },
  busy,
);

test(
  "cluster: a master that is killed is replaced by its replica; a slot moves with its keys",
  async (t) => {
    const set = await startCluster(t, { replicasPerMaster: 1 });
    const owner = await set.masterOf("{a}");
    await ask(owner, "SET", "{a}1", "value");
    await replicated(owner);
    await owner.kill();
    const successor = await set.promoted("{a}", owner);
    assert.is(successor, set.replicas[set.masters.indexOf(owner)]);
    assert.is(await ask(successor, "GET", "{a}1"), "value");
    const target = set.masters.find((master) => master !== owner)!;
    await set.migrate(slotOf("{a}"), target);
    assert.is(await set.masterOf("{a}"), target);
    assert.is(await ask(target, "GET", "{a}1"), "value");
  },
  busy,
);

test.run();
