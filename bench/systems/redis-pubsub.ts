// Redis Pub/Sub with ioredis.
import { Redis } from "ioredis";
import type { Servers, Session, System } from "../system.js";
import { NotOffered } from "../system.js";
import { startRedis } from "./redis.js";

async function start({ folder }: { folder: string }): Promise<Servers> {
  const { url, pid, version, stop } = await startRedis(folder);
  return { address: url, processes: [{ role: "broker", pid }], version, stop };
}

async function open(address: string): Promise<Session> {
  const redis = new Redis(address);
  return {
    publish: (channel, messages) => Promise.all(messages.map((data) => redis.publish(channel, data))),
    async subscribe(channels, from, receive) {
      if (from !== "new") throw new NotOffered("Redis Pub/Sub keeps nothing");
      redis.on("messageBuffer", (_channel: Buffer, data: Buffer) => receive(data));
      await redis.subscribe(...channels);
    },
    close: async () => redis.disconnect(),
  };
}

export const systems: readonly System[] = [
  { name: "redis-pubsub", title: "Redis Pub/Sub", durability: "not kept", start, open },
];
