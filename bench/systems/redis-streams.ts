// The broadcast that people write with Redis Streams: a message at a time with XADD, and a blocking XREAD for each
// subscriber, which takes up to 1,000 messages at once.
import { Redis } from "ioredis";
import type { From, Servers, Session, System } from "../system.js";
import { NotOffered } from "../system.js";
import { startRedis } from "./redis.js";

type Entries = [id: Buffer, fields: Buffer[]][];

async function start({ folder }: { folder: string }): Promise<Servers> {
  const { url, pid, version, stop } = await startRedis(folder);
  return { address: url, processes: [{ role: "broker", pid }], version, stop };
}

/** The id behind which to read. */
async function idBefore(redis: Redis, channel: string, from: From): Promise<string> {
  if (from === "earliest" || from === 1) return "0-0";
  if (from !== "new") throw new NotOffered("ids of a stream are times, not numbers");
  const [last] = await redis.xrevrange(channel, "+", "-", "COUNT", 1);
  return last?.[0] ?? "0-0";
}

async function open(address: string): Promise<Session> {
  const redis = new Redis(address);
  let closed = false;
  return {
    publish: (channel, messages) => Promise.all(messages.map((data) => redis.xadd(channel, "*", "d", data))),
    async subscribe(channels, from, receive) {
      const ids = await Promise.all(channels.map((channel) => idBefore(redis, channel, from)));
      void (async () => {
        while (!closed) {
          const reply = (await redis.xreadBuffer("COUNT", 1000, "BLOCK", 1000, "STREAMS", ...channels, ...ids)) as
            | [Buffer, Entries][]
            | null;
          for (const [channel, entries] of reply ?? []) {
            ids[channels.indexOf(channel.toString())] = entries.at(-1)![0].toString();
            for (const [, fields] of entries) receive(fields[1]!);
          }
        }
      })().catch((error) => closed || console.error(`redis-streams: ${error.message}`));
    },
    async close() {
      closed = true;
      redis.disconnect();
    },
  };
}

export const systems: readonly System[] = [
  { name: "redis-streams", title: "Redis XADD/XREAD", durability: "stored in Redis, AOF everysec", start, open },
];
