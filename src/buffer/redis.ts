// The Redis buffer: channels as streams of one Redis server, shared by any number of nodes. redis/append.lua holds what
// must happen atomically, and the layout of the keys; redis/sequencer.ts how a watcher gets all of it in order.

import { connectRedis, type Redis, type RedisOptions } from "../redis/redis.js";
import type { AckLevel } from "../wire/ack-level.js";
import { currentEpoch } from "../wire/position.js";
import type { AckRule } from "./ack-rules.js";
import { createAvailability } from "./availability.js";
import type { ReplayBuffer } from "./buffer.js";
import { append } from "./redis/append.js";
import { createCalls } from "./redis/calls.js";
import { listChannels } from "./redis/channels.js";
import { createHeads } from "./redis/heads.js";
import { keysOf } from "./redis/keys.js";
import { createKnown } from "./redis/known.js";
import { readPage } from "./redis/page.js";
import { probe } from "./redis/probe.js";
import { deleteLog, type RemovalTarget, trimLog } from "./redis/removal.js";
import { redisRules } from "./redis/rules.js";
import { readState } from "./redis/state.js";
import { createTurns } from "./redis/turns.js";
import { watch } from "./redis/watch.js";
import { openWays } from "./redis/ways.js";
import type { RetentionPolicy } from "./retention.js";
import { layered } from "./rules.js";

export interface RedisBufferOptions {
  retention: RetentionPolicy;
  /** What an append must survive. Default: what Redis's configuration gives for nothing, `fsynced` or `stored`. */
  ackLevel?: AckLevel | undefined;
  /** What an append to single channels must survive besides. Default: nothing. */
  ackRules?: readonly AckRule[] | undefined;
  /** After which an append is rejected, all its tries together. */
  appendDeadlineMs?: number;
}

/** Watches that begin at the same time. */
const mostBeginning = 200;

/** Between two comparisons of the heads of what is watched. */
const compareMs = 1_000;

/**
 * Connects and opens the buffer.
 * @throws RepriseError as `connectRedis`, and `ack_level_unavailable` if Redis cannot keep the level
 */
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
  const { appendDeadlineMs = 10_000 } = options;
  const layers = layered(options.retention);
  const { policy: retention } = layers;
  const { address, commandTimeoutMs, masters, writer, reader, topics } = redis;
  const { prefix, where } = address;
  const soon = () => performance.now() + commandTimeoutMs;
  const ways = await openWays(redis, options.ackLevel, options.ackRules ?? []);
  const known = createKnown();
  const heads = createHeads(reader, masters, prefix, commandTimeoutMs, known.see);
  topics.onResubscribed(() => void heads.compare());
  const sources = { reader, topics, heads, see: known.see, timeoutMs: commandTimeoutMs };
  const availability = createAvailability();
  let asking = false;
  async function ask(): Promise<void> {
    if (asking) return;
    asking = true;
    const pings = masters.all.map((master) => writer.attempt(soon(), (client) => client.ping(), master));
    availability.set(
      await Promise.all(pings)
        .then(() => true)
        .catch(() => false),
    );
    asking = false;
  }
  const rules = redisRules({ reader, writer }, prefix, layers, commandTimeoutMs);
  await rules.list();
  const comparison = setInterval(() => {
    void heads.compare();
    void rules.look();
    void ask();
  }, compareMs);
  const calls = createCalls();
  const begin = createTurns(mostBeginning);

  const removal = (channel: string): RemovalTarget => ({
    ...ways.of(channel),
    keys: keysOf(prefix, channel),
    publish: topics.publish,
    deadline: performance.now() + appendDeadlineMs,
  });

  async function end(): Promise<void> {
    await calls.end(commandTimeoutMs);
    clearInterval(comparison);
  }
  let ended: Promise<void> | undefined;

  return {
    description: `Redis at ${where}, keys ${prefix}*`,
    ackLevel: ways.ackLevel,
    get available() {
      return availability.available;
    },
    onAvailable: availability.onAvailable,
    get echo() {
      return topics.echo;
    },
    probe: () => calls.run("probe", () => probe({ ...ways.own, masters, prefix, timeoutMs: commandTimeoutMs })),
    retention,
    append: (channel, runs) =>
      calls.run(`append to ${channel}`, async () => {
        if (runs.length === 0) return [];
        const target = {
          ...ways.of(channel),
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
      calls.run(`watch ${channel}`, () => begin(() => watch(sources, channel, keysOf(prefix, channel), watcher))),
    trim: (channel, before) => calls.run(`trim ${channel}`, () => trimLog(removal(channel), before)),
    delete: (channel) =>
      calls.run(`delete ${channel}`, async () => {
        const existed = await deleteLog(removal(channel));
        // The other nodes find out within a second.
        void heads.compare();
        return existed;
      }),
    rules: {
      list: () => calls.run("rules of retention", rules.list),
      set: (pattern, limits) => calls.run("rules of retention", () => rules.set(pattern, limits)),
    },
    channels: (channelPrefix, token, limit, admits) =>
      calls.run("list channels", () =>
        listChannels({ reader, masters, prefix, deadline: soon() }, channelPrefix, token, limit, admits),
      ),
    close: () => {
      ended ??= end();
      return ended;
    },
  };
}
