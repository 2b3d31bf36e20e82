// The master of Redis lost under load, in a Sentinel set and in a Cluster. With `replicated:1` no acknowledged message is
// lost, even if the replica had fallen behind. With `stored`, what the replica had not received is lost, and announced
// exactly: to publishers what was acknowledged of theirs, to subscribers what they had been told beyond the new log.
import { setTimeout as delay } from "node:timers/promises";
import slotOf from "cluster-key-slot";
import { assert, suite, type T, until } from "../harness.js";
import { ask, type RedisServer } from "../redis.js";
import { startCluster } from "../redis-cluster.js";
import { startSentinel } from "../redis-sentinel.js";
import { startBroker } from "./broker-process.js";
import { type Flow, startFlow } from "./flow.js";
import { figure, form } from "./form.js";
import { spread } from "./nodes.js";

const rounds = form({ short: 1, full: 6 });
const timeoutMs = form({ short: 60_000, full: 300_000 });
/** Of the replica, before its master is killed: what it misses. */
const lagMs = 400;
/** The second one is, in the Cluster, in the slots of another master. */
const shape = { channel: ["failover", "c"], publishers: 3, subscribers: 4, perSecond: 600 };

/** A master with one replica, and what becomes of them. */
interface Pair {
  master: RedisServer;
  replica: RedisServer;
}

interface Store {
  url: string;
  /** Moves the first channel to another master, and answers when everybody knows. */
  move?(): Promise<void>;
  /** Those that hold the first channel. */
  pair(): Promise<Pair>;
  /** Resolves when there is another master and everybody who is asked for it knows. */
  promoted(old: RedisServer): Promise<unknown>;
  /** Another master by the operator's wish. */
  failover?(): Promise<unknown>;
}

const stores = {
  async Sentinel(t: T): Promise<Store> {
    const set = await startSentinel(t);
    const pair = async () => {
      const master = await set.master();
      return { master, replica: set.servers.find((server) => server !== master)! };
    };
    const named = async (sentinel: RedisServer) => {
      const [, port] = (await ask(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "reprise")) as string[];
      return Number(port);
    };
    const promoted = async (old: RedisServer) => {
      const { port } = await set.promoted(old);
      const agreed = async () => (await Promise.all(set.sentinels.map(named))).every((each) => each === port);
      await until(agreed, "all sentinels name the new master");
    };
    return { url: set.url, pair, promoted, failover: set.failover };
  },
  async Cluster(t: T): Promise<Store> {
    const set = await startCluster(t, { replicasPerMaster: 1 });
    const key = `reprise:{${shape.channel[0]}}:log`;
    const pair = async () => {
      const master = await set.masterOf(key);
      const pairs = set.masters.map((server, i) => [server, set.replicas[i]!]);
      return { master, replica: pairs.find((each) => each.includes(master as never))!.find((one) => one !== master)! };
    };
    let turn = 0;
    const move = async () => {
      const owner = await set.masterOf(key);
      const others = set.masters.filter((master) => master !== owner);
      await set.migrate(slotOf(key), others[turn++ % others.length]!);
    };
    return { url: set.url, move, pair, promoted: (old) => set.promoted(key, old as never) };
  },
};

const test = suite("a failover under load");

async function start(t: T, store: Store, level: string): Promise<Flow> {
  const brokers = await Promise.all(
    Array.from({ length: 2 }, () => startBroker(t, { buffer: store.url, args: ["--ack", level] })),
  );
  const flow = await startFlow(t, spread(brokers), shape);
  await flowing(flow);
  await inSync(store);
  return flow;
}

async function flowing(flow: Flow): Promise<void> {
  const [acked, received] = [flow.acked + 300, flow.received + 50];
  const flows = () => flow.acked >= acked && flow.received >= received && flow.connected;
  await until(flows, "messages flow between all", 30_000);
}

/** The replica has all that its master has at this moment, also what the master remembers of its own promotion. */
async function inSync(store: Store): Promise<void> {
  const state = async () => {
    const { master } = await store.pair();
    const info = String(await ask(master, "INFO", "replication").catch(() => ""));
    const number = (pattern: RegExp) => Number(pattern.exec(info)?.[1] ?? Number.NaN);
    return {
      written: number(/^master_repl_offset:(\d+)/m),
      replicated: number(/^slave0:.*state=online,offset=(\d+)/m),
    };
  };
  const { written } = await state();
  await until(async () => (await state()).replicated >= written, "the replica has everything", 20_000);
}

/** What happens to the master, once. */
const ways = {
  /**
   * Killed before the replica has everything: that is stopped first, and its connection closed at the master, so that
   * nothing more is on its way to it. The old master comes back with a log of its own, takes itself for the master for
   * a moment, and is made a replica.
   */
  async killed(store: Store): Promise<void> {
    const { master, replica } = await store.pair();
    replica.freeze();
    await ask(master, "CLIENT", "KILL", "TYPE", "replica");
    await delay(lagMs);
    await master.kill();
    replica.thaw();
    await store.promoted(master);
    await master.start();
  },
  /** It stands still until it is replaced; then it goes on with what it was about, until it hears that it is a replica. */
  async frozen(store: Store): Promise<void> {
    const { master } = await store.pair();
    master.freeze();
    await store.promoted(master);
    master.thaw();
  },
  replaced: (store: Store) => store.failover!(),
  moved: (store: Store) => store.move!(),
};

interface Case {
  store: keyof typeof stores;
  way: keyof typeof ways;
  level: "stored" | "replicated:1";
}

const cases = form<Case[]>({
  short: [
    { store: "Sentinel", way: "killed", level: "stored" },
    { store: "Sentinel", way: "replaced", level: "replicated:1" },
    { store: "Cluster", way: "killed", level: "replicated:1" },
    { store: "Cluster", way: "moved", level: "stored" },
  ],
  full: (["stored", "replicated:1"] as const).flatMap((level): Case[] => [
    { store: "Sentinel", way: "killed", level },
    { store: "Sentinel", way: "frozen", level },
    { store: "Sentinel", way: "replaced", level },
    { store: "Cluster", way: "killed", level },
    { store: "Cluster", way: "frozen", level },
    { store: "Cluster", way: "moved", level },
  ]),
});

for (const { store: name, way, level } of cases) {
  test(
    `${name}, ${level}, the master ${way} (P-9, P-16)`,
    async (t) => {
      const store = await stores[name](t);
      const flow = await start(t, store, level);
      for (let round = 0; round < rounds; round++) {
        await ways[way](store);
        await flowing(flow);
        await inSync(store);
      }
      const { stallMs } = flow.lap();
      const { messages, duplicates, lost, gaps, resets } = await flow.finish();
      figure(`${name}, ${level}, ${way} ${rounds} times`, `${messages} messages, ${duplicates} resent although stored`);
      figure("lost after they were acknowledged", `${lost}, all announced`);
      figure("gaps", `${gaps}, ${resets} of unknown extent; longest stall ${(stallMs / 1_000).toFixed(1)} s`);
      if (level === "replicated:1" || way === "moved") assert.is(lost, 0, "nothing acknowledged was lost");
      if (way === "moved") assert.is(gaps, 0);
      if (way !== "killed") return;
      assert.is(resets, 0, "what was announced was exact");
      if (level !== "stored") return;
      assert.ok(lost > 0, "something acknowledged was lost");
      assert.ok(gaps >= rounds * shape.subscribers, "every subscriber had seen it, and was told");
    },
    { timeoutMs },
  );
}

test.run();
