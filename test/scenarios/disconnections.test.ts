// Clients that lose their connection again and again, in every way there is, while messages flow: every publish settles,
// and every subscriber is told every acknowledged message, once and in order. Nothing is stored twice: not even what was
// stored and whose acknowledgement was lost.
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "../../src/client/index.js";
import { startProxy } from "../client/proxy.js";
import { assert, suite, type T, until } from "../harness.js";
import { type BrokerProcess, startBroker } from "./broker-process.js";
import { bufferNames, buffers } from "./buffers.js";
import { type Flow, type FlowFigures, startFlow } from "./flow.js";
import { figure, form } from "./form.js";

const shape = { channel: "c", publishers: 3, subscribers: 5, perSecond: 2_000 };
/** Acknowledged between two disconnections: everybody is at it again. */
const messagesBetween = 400;
const outageMs = 30_000;
const timeoutMs = form({ short: 60_000, full: 900_000 });

interface Scene {
  broker: BrokerProcess;
  proxy: Awaited<ReturnType<typeof startProxy>>;
  flow: Flow;
  begun: number;
}

/** Ways to lose all connections. */
const ways = {
  async cut({ proxy }: Scene) {
    proxy.cut();
  },
  async kill({ broker }: Scene) {
    await broker.kill();
    await broker.start();
  },
  async restart({ broker }: Scene) {
    await broker.stop();
    await broker.start();
  },
  async outage({ broker }: Scene) {
    await broker.kill();
    await delay(outageMs);
    await broker.start();
  },
};

type Way = keyof typeof ways;

const course = form<Way[]>({
  short: ["cut", "kill", "cut", "restart", "cut", "kill", "cut", "cut", "restart", "cut"],
  full: Array.from({ length: 100 }, (_, i) =>
    i === 50 ? "outage" : (["cut", "kill", "cut", "restart"] as const)[i % 4]!,
  ),
});

const lostAckRounds = form({ short: 5, full: 100 });
/** Stored, and not acknowledged because the acknowledgements were lost, each time. */
const lostAcks = 100;

const test = suite("clients that are disconnected while messages flow");

async function start(t: T, name: (typeof bufferNames)[number]): Promise<Scene> {
  const { buffer } = await buffers[name](t);
  const broker = await startBroker(t, { buffer });
  const proxy = await startProxy(t, broker.address);
  return { broker, proxy, flow: await startFlow(t, proxy.address, shape), begun: performance.now() };
}

async function flowing({ flow }: Scene): Promise<void> {
  const enough = flow.acked + messagesBetween;
  await until(() => flow.acked >= enough && flow.connected, "messages flow between all", 20_000);
  await delay(Math.random() * 100);
}

/** Finishes the flow, which checks it. */
async function finish({ flow, proxy, begun }: Scene, what: string): Promise<FlowFigures> {
  const seconds = (performance.now() - begun) / 1_000;
  const figures = await flow.finish();
  assert.is(figures.lost, 0);
  assert.is(figures.gaps, 0);
  const { messages, duplicates } = figures;
  figure(
    what,
    `${messages} messages, ${Math.round(messages / seconds)} a second, ${duplicates} resent although stored, ` +
      `${proxy.connections} connections`,
  );
  return figures;
}

for (const name of bufferNames) {
  test(
    `${name}: every acked message exactly once, in order, at every subscriber (P-11, P-16)`,
    async (t) => {
      const scene = await start(t, name);
      for (const way of course) {
        await flowing(scene);
        await ways[way](scene);
      }
      await flowing(scene);
      await finish(scene, `${name}, disconnected ${course.length} times`);
      const clients = shape.publishers + shape.subscribers;
      assert.ok(scene.proxy.connections >= (course.length + 1) * clients, "everybody was disconnected every time");
    },
    { timeoutMs },
  );

  test(
    `${name}: acknowledgements are lost, and nothing is stored twice (P-11)`,
    async (t) => {
      const scene = await start(t, name);
      const { broker, proxy, flow } = scene;
      const witness = await connect(broker.address);
      t.after(() => witness.close());
      const stored = async () => (await witness.channel(shape.channel)).next - 1;
      for (let round = 0; round < lostAckRounds; round++) {
        await flowing(scene);
        proxy.deafen();
        await until(async () => (await stored()) >= flow.acked + lostAcks, "acknowledgements are lost");
        proxy.cut();
      }
      await flowing(scene);
      const { duplicates } = await finish(scene, `${name}, lost acknowledgements ${lostAckRounds} times`);
      // Some may still have been on their way to the clients.
      assert.ok(duplicates >= (lostAckRounds * lostAcks) / 2, `only ${duplicates} were resent`);
    },
    { timeoutMs },
  );
}

test.run();
