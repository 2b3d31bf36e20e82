// Three nodes over one Redis under load, while nodes end, Pub/Sub connections are killed, a node is cut off from Redis,
// and all nodes are replaced: every subscriber is told the same sequence, that of the log, nothing lost and nothing
// twice; every publisher's order is kept, and every publish settles.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { assert, suite, type T, until } from "../harness.js";
import { type RedisServer, startRedis } from "../redis.js";
import { type Flow, type FlowOptions, reasonsToLeave, startFlow } from "./flow.js";
import { figure, form } from "./form.js";
import { type NodeOnLine, spread, startNodes } from "./nodes.js";

const seconds = form({ short: 5, full: 60 });
const partitionSeconds = form({ short: 3, full: 10 });
const timeoutMs = form({ short: 60_000, full: 180_000 });
const shape = { channel: ["common", "north", "south"], publishers: 6, subscribers: 12, perSecond: 1_000 };

interface Scene {
  redis: RedisServer;
  /** Of the test itself, to Redis. */
  operator: Redis;
  nodes: NodeOnLine[];
  flow: Flow;
}

const test = suite("three nodes");

async function start(t: T, options: Partial<FlowOptions> = {}): Promise<Scene> {
  const redis = await startRedis(t);
  const operator = new Redis(redis.url);
  t.after(() => operator.disconnect());
  const nodes = await startNodes(t, redis, 3);
  const flow = await startFlow(t, spread(nodes.map(({ broker }) => broker)), { ...shape, ...options });
  await flowing(flow);
  flow.lap();
  return { redis, operator, nodes, flow };
}

async function flowing(flow: Flow): Promise<void> {
  const enough = flow.acked + 200;
  await until(() => flow.acked >= enough && flow.connected, "messages flow between all", 20_000);
}

/** Repeats `disturb` until the time is over and messages flow again, then checks everything. */
async function disturbed(what: string, { flow, operator }: Scene, disturb: () => Promise<void>): Promise<void> {
  const over = performance.now() + seconds * 1_000;
  let times = 0;
  do {
    await disturb();
    await flowing(flow);
    times++;
  } while (performance.now() < over);
  const { messages, deliveries, reconnections, stallMs } = flow.lap();
  const { duplicates, lost, gaps } = await flow.finish();
  const stats = await operator.info("commandstats");
  const reads = /cmdstat_xrange:calls=(\d+)/.exec(stats)?.[1] ?? "0";
  figure(
    `${what}, ${times} times`,
    `${messages} messages, ${deliveries} deliveries, ${duplicates} resent although stored`,
  );
  figure(
    "",
    `${reconnections} reconnections, ${reads} reads of the log, longest stall ${(stallMs / 1_000).toFixed(2)} s`,
  );
  assert.is(lost, 0);
  assert.is(gaps, 0);
}

test(
  "a node killed and started again (P-10, P-11, P-16)",
  async (t) => {
    const scene = await start(t);
    let turn = 0;
    await disturbed("a node killed", scene, async () => {
      const { broker } = scene.nodes[turn++ % 3]!;
      await delay(Math.random() * 500);
      await broker.kill();
      await delay(Math.random() * 1_000);
      await broker.start();
    });
  },
  { timeoutMs },
);

test(
  "the Pub/Sub connections killed every second",
  async (t) => {
    const scene = await start(t);
    let killed = 0;
    await disturbed("Pub/Sub connections killed", scene, async () => {
      killed += (await scene.operator.call("CLIENT", "KILL", "TYPE", "pubsub")) as number;
      await delay(800);
    });
    assert.ok(killed >= 2 * seconds, `only ${killed} connections were killed`);
    assert.equal(reasonsToLeave(scene.flow.states), [], "nobody was disconnected");
  },
  { timeoutMs },
);

test(
  "Pub/Sub connections that overflow",
  async (t) => {
    const scene = await start(t, { padding: 1_000 });
    const { operator, redis, nodes } = scene;
    await operator.config("SET", "client-output-buffer-limit", "pubsub 10000 0 0");
    let turn = 0;
    await disturbed("Pub/Sub connections overflowed", scene, async () => {
      const { line } = nodes[turn++ % 3]!;
      line.sever();
      await delay(1_000);
      // What waited there comes in large batches, too large for Redis to keep for anybody.
      line.mend();
    });
    const overflows = readFileSync(join(redis.folder, "redis.log"), "utf8").match(/overcoming of output buffer/g) ?? [];
    figure("", `${overflows.length} connections closed by Redis`);
    assert.ok(overflows.length >= turn, `only ${overflows.length} connections overflowed`);
  },
  { timeoutMs },
);

test(
  `a node cut off from Redis for ${partitionSeconds} s`,
  async (t) => {
    const scene = await start(t);
    let turn = 0;
    await disturbed("a node cut off", scene, async () => {
      const { line } = scene.nodes[turn++ % 3]!;
      line.sever();
      await delay(partitionSeconds * 1_000);
      line.mend();
      await delay(2_000);
    });
    assert.equal(reasonsToLeave(scene.flow.states), [], "nobody was disconnected");
  },
  { timeoutMs },
);

test(
  "all nodes replaced one after the other (P-6)",
  async (t) => {
    const scene = await start(t);
    await disturbed("all nodes replaced", scene, async () => {
      for (const { broker } of scene.nodes) {
        const { code } = await broker.stop();
        assert.is(code, 0, broker.log);
        await broker.start();
        await flowing(scene.flow);
      }
    });
  },
  { timeoutMs },
);

test.run();
