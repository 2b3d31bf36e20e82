// The Redis buffer: channels as streams of one Redis server, shared by any number of nodes. redis/append.lua holds what
// must happen atomically, and the layout of the keys; redis/sequencer.ts how a watcher gets all of it in order.

import { connectRedis, type Redis, type RedisOptions } from "../redis/redis.js";
import { currentEpoch } from "../wire/position.js";
import { createAvailability } from "./availability.js";
import type { ReplayBuffer } from "./buffer.js";
import { readAckLevel } from "./redis/ack-level.js";
import { append } from "./redis/append.js";
import { createCalls } from "./redis/calls.js";
import { listChannels } from "./redis/channels.js";
import { createHeads } from "./redis/heads.js";
import { keysOf } from "./redis/keys.js";
import { createKnown } from "./redis/known.js";
import { readPage } from "./redis/page.js";
import { readState } from "./redis/state.js";
import { watch } from "./redis/watch.js";
import type { RetentionPolicy } from "./retention.js";

export interface RedisBufferOptions {
  retention: RetentionPolicy;
  /** After which an append is rejected, all its tries together. */
  appendDeadlineMs?: number;
}

/** Between two comparisons of the heads of what is watched. */
const compareMs = 1_000;

/** Connects and opens the buffer. @throws RepriseError as `connectRedis` */
export async function openRedis(options: RedisOptions & RedisBufferOptions): Promise<ReplayBuffer> {
  const redis = await connectRedis(options);
  try {
    const buffer = await createRedisBuffer(redis, options);
    const { close } = buffer;
    return Object.assign(buffer, { close: () => close().finally(() => redis.close()) });
  } catch (error) {
    redis.close();
    throw error;
  }
}

/** @param redis not closed with the buffer */
export async function createRedisBuffer(redis: Redis, options: RedisBufferOptions): Promise<ReplayBuffer> {
  const { retention, appendDeadlineMs = 10_000 } = options;
  const { address, commandTimeoutMs, masters, writer, reader, topics } = redis;
  const { prefix, where } = address;
  const soon = () => performance.now() + commandTimeoutMs;
  const ackLevel = await writer.attempt(soon(), (client) => readAckLevel(client));
  const known = createKnown();
  const heads = createHeads(reader, masters, prefix, commandTimeoutMs, known.see);
  topics.onResubscribed(() => void heads.compare());
  const sources = { reader, topics, heads, see: known.see, timeoutMs: commandTimeoutMs };
  const availability = createAvailability();
  let asking = false;
  async function ask(): Promise<void> {
    if (asking) return;
    asking = true;
    const answered = writer.attempt(soon(), (client) => client.ping());
    availability.set(await answered.then(() => true).catch(() => false));
    asking = false;
  }
  const comparison = setInterval(() => {
    void heads.compare();
    void ask();
  }, compareMs);
  const calls = createCalls();

  async function end(): Promise<void> {
    await calls.end(commandTimeoutMs);
    clearInterval(comparison);
  }
  let ended: Promise<void> | undefined;

  return {
    description: `Redis at ${where}, keys ${prefix}*`,
    ackLevel,
    get available() {
      return availability.available;
    },
    onAvailable: availability.onAvailable,
    append: (channel, runs) =>
      calls.run(`append to ${channel}`, async () => {
        if (runs.length === 0) return [];
        const target = {
          connection: writer,
          keys: keysOf(prefix, channel),
          retention: retention(channel),
          publish: topics.publish,
          deadline: performance.now() + appendDeadlineMs,
          known: known.get(channel),
        };
        const { outcomes, head } = await append(target, runs);
        if (head) known.see(channel, head);
        return outcomes;
      }),
    read: (channel, from, maxBytes) =>
      calls.run(`read ${channel}`, async () => {
        const keys = keysOf(prefix, channel);
        const { stretches, end, head } = await reader.attempt(
          soon(),
          (client) => readPage(client, keys, from, maxBytes),
          keys.log,
        );
        known.see(channel, head);
        return { stretches, end };
      }),
    state: (channel) =>
      calls.run(`state of ${channel}`, async () => {
        const keys = keysOf(prefix, channel);
        const state = await reader.attempt(soon(), (client) => readState(client, keys), keys.log);
        if (state) known.see(channel, { epoch: currentEpoch(state), next: state.next });
        return state;
      }),
    watch: (channel, watcher) =>
      calls.run(`watch ${channel}`, () => watch(sources, channel, keysOf(prefix, channel), watcher)),
    channels: (channelPrefix, token, limit) =>
      calls.run("list channels", () =>
        listChannels({ reader, masters, prefix, deadline: soon() }, channelPrefix, token, limit),
      ),
    close: () => {
      ended ??= end();
      return ended;
    },
  };
}
