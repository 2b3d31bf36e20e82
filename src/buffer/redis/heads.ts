// The heads of all watched channels, compared with where their watchers are: what Pub/Sub lost at the end of a channel
// shows here and nowhere else.
import type { Connection } from "../../redis/connection.js";
import { loadScript } from "../../redis/script.js";
import { type Head, readHead } from "./head.js";
import { keysOf } from "./keys.js";
import type { Mark } from "./sequencer.js";

const headsScript = loadScript<string[]>(new URL("./heads.lua", import.meta.url));

/** Whoever follows a channel. */
export interface Follower {
  mark(): Mark;
  compare(sent: Mark, head: Head): void;
}

export interface Heads {
  add(channel: string, follower: Follower): void;
  remove(channel: string, follower: Follower): void;
  /** Compares now, or again if a comparison is under way. Never rejects: what cannot be asked now is asked later. */
  compare(): Promise<void>;
}

/** Channels in one command: a bound to what waits behind it, in Redis and here. */
const commandChannels = 500;

export function createHeads(
  connection: Connection,
  prefix: string,
  timeoutMs: number,
  see: (channel: string, head: Head) => void,
): Heads {
  const followers = new Map<string, Set<Follower>>();
  let comparing = false;
  let wanted = false;

  async function compareSome(channels: readonly string[]): Promise<void> {
    const marks = new Map<Follower, Mark>();
    const texts = await connection.attempt(performance.now() + timeoutMs, (client) => {
      for (const channel of channels) {
        for (const follower of followers.get(channel) ?? []) marks.set(follower, follower.mark());
      }
      const keys = channels.map((channel) => keysOf(prefix, channel).meta);
      return headsScript(client, keys, []);
    });
    for (const [i, channel] of channels.entries()) {
      const head = readHead(texts[i]);
      // A key that somebody else wrote says nothing.
      if (!head) continue;
      see(channel, head);
      for (const follower of [...(followers.get(channel) ?? [])]) {
        const sent = marks.get(follower);
        if (sent) follower.compare(sent, head);
      }
    }
  }

  return {
    add(channel, follower) {
      const others = followers.get(channel);
      if (others) others.add(follower);
      else followers.set(channel, new Set([follower]));
    },
    remove(channel, follower) {
      const others = followers.get(channel);
      others?.delete(follower);
      if (others?.size === 0) followers.delete(channel);
    },
    async compare() {
      wanted = true;
      if (comparing) return;
      comparing = true;
      while (wanted) {
        wanted = false;
        const channels = [...followers.keys()];
        for (let i = 0; i < channels.length; i += commandChannels) {
          await compareSome(channels.slice(i, i + commandChannels)).catch(() => {});
        }
      }
      comparing = false;
    },
  };
}
