// Redis away for a long time, frozen or dead, while three nodes are under load: no session is dropped, publishers wait,
// or get an error that says to come again if they ask a single time, nodes keep within their memory, and subscribers
// catch up when Redis is back.
import { setTimeout as delay } from "node:timers/promises";
import { credentials, type ServiceError, status } from "@grpc/grpc-js";
import grpcBroker from "../../generated/reprise/v1/broker_grpc_pb.js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { type Bus, connect } from "../../src/client/index.js";
import { MiB } from "../../src/wire/limits.js";
import { assert, suite, type T, until } from "../harness.js";
import { type RedisServer, startRedis } from "../redis.js";
import { type BrokerProcess, MB } from "./broker-process.js";
import { type Flow, reasonsToLeave, startFlow } from "./flow.js";
import { figure, form } from "./form.js";
import { spread, startNodes } from "./nodes.js";

const awaySeconds = form({ short: 12, full: 60 });
const shape = { channel: ["common", "other"], publishers: 6, subscribers: 12, perSecond: 1_000 };
/**
 * Publishers with much more to say than a node may hold: 128 MiB for all, and for each session what it may send
 * unanswered, 4 MiB, of which a part is there twice.
 */
const flooders = form({ short: 0, full: 48 });
const messageBytes = 100_000;
const messagesOfEach = 120;
const mostGrowth = 100 * MB + (flooders > 0 ? 128 * MiB + flooders * 6 * MiB : 0);

const test = suite("Redis away under load");

const ways: Record<string, (redis: RedisServer, whileAway: () => Promise<void>) => Promise<void>> = {
  async frozen({ pid }, whileAway) {
    process.kill(pid, "SIGSTOP");
    await whileAway();
    process.kill(pid, "SIGCONT");
  },
  async "killed and started again"(redis, whileAway) {
    await redis.kill();
    await whileAway();
    await redis.start();
  },
};

for (const [way, goAway] of Object.entries(ways)) {
  test(
    `${way}: nobody is dropped, and all is caught up (P-4, P-9)`,
    async (t) => {
      const redis = await startRedis(t);
      const brokers = (await startNodes(t, redis, 3)).map(({ broker }) => broker);
      const flow = await startFlow(t, spread(brokers), shape);
      const buses = await startFlooders(t, brokers[0]!);
      await flowing(flow);
      const memory = watchMemory(t, brokers);
      let newcomer: Promise<unknown> | undefined;
      let flood: Promise<unknown> | undefined;
      await goAway(redis, async () => {
        const begun = performance.now();
        flood = Promise.all(buses.map(pour));
        newcomer = arrive(t, brokers[1]!);
        const { error, seconds } = await publishOnce(t, brokers[2]!);
        figure("a single publish is refused", `after ${seconds.toFixed(1)} s: ${error.details}`);
        assert.is(error.code, status.UNAVAILABLE);
        assert.equal(error.metadata.get("reprise-code"), ["buffer_unavailable"]);
        await delay(Math.max(0, begun + awaySeconds * 1_000 - performance.now()));
      });
      const back = performance.now();
      await flowing(flow);
      const first = (performance.now() - back) / 1_000;
      await Promise.all([newcomer, flood]);
      const { stallMs } = flow.lap();
      const { messages, duplicates, lost, gaps } = await flow.finish();
      const caughtUp = (performance.now() - back) / 1_000;
      figure(`${way} for ${awaySeconds} s`, `${messages} messages, ${duplicates} resent although stored`);
      figure("lost by Redis, and announced", `${lost} messages to their publishers, ${gaps} gaps to subscribers`);
      figure("back", `flowing after ${first.toFixed(1)} s, all caught up after ${caughtUp.toFixed(1)} s`);
      figure("longest stall", `${(stallMs / 1_000).toFixed(1)} s`);
      figure(
        "memory of a node",
        `grew by ${memory
          .grown()
          .map((bytes) => `${(bytes / MB).toFixed(0)} MB`)
          .join(", ")}`,
      );
      for (const bytes of memory.grown()) assert.ok(bytes < mostGrowth, `a node grew by ${bytes} bytes`);
      // Only a publisher of whom Redis lost acknowledged messages leaves, to come back under a new producer id (P-12).
      const reasons = reasonsToLeave(flow.states).filter((code) => code !== "sequence_skipped" || lost === 0);
      assert.equal(reasons, [], "nobody was dropped");
      const told = flow.states.filter((state) => state.kind === "connected" && state.bufferAway).length;
      assert.ok(told >= shape.publishers + shape.subscribers, "everybody was told that the buffer is away (P-5)");
    },
    { timeoutMs: form({ short: 120_000, full: 240_000 }) },
  );
}

async function flowing(flow: Flow): Promise<void> {
  const enough = flow.acked + 500;
  await until(() => flow.acked >= enough && flow.connected, "messages flow between all", 30_000);
}

/** Publishes with a call of its own, which waits as long as the node tries. */
async function publishOnce(t: T, { address }: BrokerProcess): Promise<{ error: ServiceError; seconds: number }> {
  const client = new grpcBroker.BrokerClient(address, credentials.createInsecure());
  t.after(() => client.close());
  const request = new pb.PublishRequest().setChannel("single");
  request.addMessages().setData(Buffer.from("x"));
  const begun = performance.now();
  const error = await new Promise<ServiceError | null>((resolve) => client.publish(request, resolve));
  assert.ok(error, "there is no Redis to store it");
  return { error, seconds: (performance.now() - begun) / 1_000 };
}

/** A subscriber that comes while Redis is away is let in, and waits. */
async function arrive(t: T, { address }: BrokerProcess): Promise<void> {
  const bus = await connect(address);
  t.after(() => bus.close());
  await bus.subscribe("common", { from: "earliest" }).ready;
}

const startFlooders = (t: T, { address }: BrokerProcess): Promise<Bus[]> =>
  Promise.all(
    Array.from({ length: flooders }, async () => {
      const bus = await connect(address);
      t.after(() => bus.close({ timeoutMs: 0 }));
      return bus;
    }),
  );

async function pour(bus: Bus, number: number): Promise<void> {
  const data = Buffer.alloc(messageBytes, "x");
  await Promise.all(Array.from({ length: messagesOfEach }, () => bus.publish(`flood${number}`, data)));
}

/** By how many bytes the resident memory of each node grew at most. */
function watchMemory(t: T, brokers: readonly BrokerProcess[]): { grown(): number[] } {
  const least: number[] = [];
  const most: number[] = [];
  let over = false;
  const look = async () => {
    for (; !over; await delay(200)) {
      for (const [i, broker] of brokers.entries()) {
        const { rss } = await broker.look();
        least[i] ??= rss;
        most[i] = Math.max(most[i] ?? 0, rss);
      }
    }
  };
  const looking = look();
  // Before the brokers end: they could not answer any more.
  t.after(() => {
    over = true;
    return looking;
  });
  return { grown: () => most.map((rss, i) => rss - least[i]!) };
}

test.run();
