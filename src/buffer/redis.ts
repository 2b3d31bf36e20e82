// The Redis buffer: channels as streams of one Redis server, shared by any number of nodes. redis/append.lua holds what
// must happen atomically, and the layout of the keys; redis/sequencer.ts how a watcher gets all of it in order.
import type { AckLevel } from "../wire/ack-level.js";
import { currentEpoch } from "../wire/position.js";
import type { ReplayBuffer } from "./buffer.js";
import { type Address, parseAddress } from "./redis/address.js";
import { append } from "./redis/append.js";
import { createCalls } from "./redis/calls.js";
import { listChannels } from "./redis/channels.js";
import { type Connection, connect } from "./redis/connection.js";
import { createHeads } from "./redis/heads.js";
import { keysOf } from "./redis/keys.js";
import { createKnown } from "./redis/known.js";
import { readPage } from "./redis/page.js";
import { checkServer } from "./redis/server.js";
import { readState } from "./redis/state.js";
import { createTopics } from "./redis/topics.js";
import { watch } from "./redis/watch.js";
import type { RetentionPolicy } from "./retention.js";

export interface RedisOptions {
  /** redis:// or rediss://, see redis/address.ts. */
  url: string;
  retention: RetentionPolicy;
  /** Told what an operator should know: a dangerous setting, a lost connection. */
  warn?: (message: string) => void;
  /** After which a command is given up, a silent connection replaced, and everything but an append rejected. */
  commandTimeoutMs?: number;
  /** After which an append is rejected, all its tries together. */
  appendDeadlineMs?: number;
}

/** Between two comparisons of the heads of what is watched. */
const compareMs = 1_000;

/**
 * Connects, in about `commandTimeoutMs`.
 * @throws RepriseError `invalid_argument`: such a URL or such a server will not do; `buffer_unavailable`: Redis cannot
 * be reached there or refuses the credentials
 */
export async function openRedis(options: RedisOptions): Promise<ReplayBuffer> {
  const { retention, warn = () => {}, commandTimeoutMs = 3_000, appendDeadlineMs = 10_000 } = options;
  const address = parseAddress(options.url);
  const { prefix, where } = address;
  const soon = () => performance.now() + commandTimeoutMs;
  const { writer, ackLevel } = await connectAndCheck(address, commandTimeoutMs, warn);
  const reader = connect(address, "read", commandTimeoutMs);
  const subscriber = connect(address, "watch", commandTimeoutMs);
  const known = createKnown();
  const heads = createHeads(reader, prefix, commandTimeoutMs, known.see);
  const topics = createTopics(subscriber, () => void heads.compare());
  const sources = { reader, topics, heads, see: known.see, timeoutMs: commandTimeoutMs };
  const comparison = setInterval(() => {
    topics.probe();
    void heads.compare();
  }, compareMs);
  const calls = createCalls();

  async function end(): Promise<void> {
    await calls.end(commandTimeoutMs);
    clearInterval(comparison);
    for (const connection of [writer, reader, subscriber]) connection.close();
  }
  let ended: Promise<void> | undefined;

  return {
    description: `Redis at ${where}, keys ${prefix}*`,
    ackLevel,
    append: (channel, runs) =>
      calls.run(`append to ${channel}`, async () => {
        if (runs.length === 0) return [];
        const target = {
          connection: writer,
          keys: keysOf(prefix, channel),
          retention: retention(channel),
          deadline: performance.now() + appendDeadlineMs,
          known: known.get(channel),
        };
        const { outcomes, head } = await append(target, runs);
        if (head) known.see(channel, head);
        return outcomes;
      }),
    read: (channel, from, maxBytes) =>
      calls.run(`read ${channel}`, async () => {
        const { stretches, end, head } = await reader.attempt(soon(), (client) =>
          readPage(client, keysOf(prefix, channel), from, maxBytes),
        );
        known.see(channel, head);
        return { stretches, end };
      }),
    state: (channel) =>
      calls.run(`state of ${channel}`, async () => {
        const state = await reader.attempt(soon(), (client) => readState(client, keysOf(prefix, channel)));
        if (state) known.see(channel, { epoch: currentEpoch(state), next: state.next });
        return state;
      }),
    watch: (channel, watcher) =>
      calls.run(`watch ${channel}`, () => watch(sources, channel, keysOf(prefix, channel), watcher)),
    channels: (channelPrefix, token, limit) =>
      calls.run("list channels", () =>
        reader.attempt(soon(), (client) => listChannels(client, prefix, channelPrefix, token, limit)),
      ),
    close: () => {
      ended ??= end();
      return ended;
    },
  };
}

/** The connection for appends; with it the address, the credentials and the server prove themselves. */
async function connectAndCheck(
  address: Address,
  commandTimeoutMs: number,
  warn: (message: string) => void,
): Promise<{ writer: Connection; ackLevel: AckLevel }> {
  const writer = connect(address, "append", commandTimeoutMs, warn);
  try {
    // Credentials that are refused now are refused in a second, too.
    const refused = writer.refused.then((error) => Promise.reject(error));
    const deadline = performance.now() + commandTimeoutMs;
    const checked = writer.attempt(deadline, (client) => checkServer(client, address, warn));
    return { writer, ackLevel: await Promise.race([checked, refused]) };
  } catch (error) {
    writer.close();
    throw error;
  }
}
