// Reprise over Redis and over its embedded buffer: `reprise serve` and the client, both as they are built for users.
import { join, resolve } from "node:path";
import { Redis } from "ioredis";
import { type Server, startServer } from "../server.js";
import type { Place, Servers, Session, System } from "../system.js";
import { startRedis } from "./redis.js";

const dist = resolve(import.meta.dirname, "../../dist");

/** The command line, as it is built for users. */
export const command = join(dist, "bin/reprise.js");

/** The client, as it is built for users. */
export async function loadClient(): Promise<typeof import("../../src/client/index.js")> {
  return await import(new URL("client/index.js", `file://${dist}/`).href);
}

/** Where CPU profiles of the broker go; none are made without it. */
const profiles = process.env.REPRISE_BENCH_PROFILE;

async function startNode(place: Place, buffer: string): Promise<Server> {
  const profiling = profiles === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", profiles];
  const retain = place.keepAll ? ["--retain", "messages=none bytes=none"] : [];
  const node = await startServer(process.execPath, place.folder, (port) => [
    ...[...profiling, command, "serve", "--listen", `127.0.0.1:${port}`, "--buffer", buffer],
    ...retain,
  ]);
  // A profile is written at the end.
  return { ...node, stop: () => node.stop(profiles === undefined ? "SIGKILL" : "SIGTERM") };
}

async function startOverRedis(place: Place): Promise<Servers> {
  const redis = await startRedis(place.folder);
  const node = await startNode(place, redis.url);
  return {
    address: `127.0.0.1:${node.port}`,
    processes: [
      { role: "broker", pid: node.pid },
      { role: "store", pid: redis.pid },
    ],
    version: redis.version,
    storeReads: () => countReads(redis.url),
    async stop() {
      await node.stop();
      await redis.stop();
    },
  };
}

/** Pages of the log are read with XRANGE, and nothing else is. */
async function countReads(url: string): Promise<number> {
  const redis = new Redis(url);
  const stats = await redis.info("commandstats");
  redis.disconnect();
  return Number(/cmdstat_xrange:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

async function startEmbedded(place: Place): Promise<Servers> {
  const node = await startNode(place, `embedded:${join(place.folder, "data")}`);
  return {
    address: `127.0.0.1:${node.port}`,
    processes: [{ role: "broker", pid: node.pid }],
    version: "",
    stop: () => node.stop(),
  };
}

async function open(address: string): Promise<Session> {
  const { connect } = await loadClient();
  const bus = await connect(address, { timeoutMs: 60_000 });
  return {
    publish: (channel, messages) => Promise.all(messages.map((data) => bus.publish(channel, data))),
    async subscribe(channels, from, receive) {
      const subscriptions = channels.map((channel) => bus.subscribe(channel, { from, onGap: "throw" }));
      await Promise.all(subscriptions.map((subscription) => subscription.ready));
      for (const subscription of subscriptions) {
        void (async () => {
          for await (const batch of subscription.batches()) for (const message of batch) receive(message.data);
        })().catch((error) => console.error(`reprise: ${error.message}`));
      }
    },
    close: () => bus.close(),
  };
}

export const systems: readonly System[] = [
  {
    name: "reprise-redis",
    title: "Reprise, Redis",
    durability: "stored in Redis, AOF everysec",
    start: startOverRedis,
    open,
  },
  {
    name: "reprise-embedded",
    title: "Reprise, embedded",
    durability: "written to a file, fsync everysec",
    start: startEmbedded,
    open,
  },
];
