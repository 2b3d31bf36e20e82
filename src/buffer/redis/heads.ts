// The heads of all watched channels, compared with where their watchers are: what Pub/Sub lost at the end of a channel
// shows here and nowhere else. One call for each master, whatever the number of channels there.
import type { Client } from "../../redis/client.js";
import type { Connection } from "../../redis/connection.js";
import type { Master, Masters } from "../../redis/masters.js";
import { loadScript } from "../../redis/script.js";
import { type Head, readHead } from "./head.js";
import { keysOf } from "./keys.js";
import type { Mark } from "./sequencer.js";

const file = new URL("./heads.lua", import.meta.url);
const headsScript = loadScript<string[]>(file);
const clusterScript = loadScript<string[]>(file, "no-writes,allow-cross-slot-keys");

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
/** Channels asked for one by one at a time. */
const mostAlone = 20;

export function createHeads(
  connection: Connection,
  masters: Masters,
  prefix: string,
  timeoutMs: number,
  see: (channel: string, head: Head) => void,
): Heads {
  const followers = new Map<string, Set<Follower>>();
  /** The masters that are being asked; true: again, once they have answered. */
  const asked = new Map<Master, boolean>();
  const metaOf = (channel: string) => keysOf(prefix, channel).meta;

  /** @param ask answers what the field `head` holds, for each of the channels */
  async function compareSome(
    channels: readonly string[],
    at: Master | string,
    ask: (client: Client) => Promise<(string | null)[]>,
  ): Promise<string[]> {
    const marks = new Map<Follower, Mark>();
    const texts = await connection.attempt(
      performance.now() + timeoutMs,
      (client) => {
        for (const channel of channels) {
          for (const follower of followers.get(channel) ?? []) marks.set(follower, follower.mark());
        }
        return ask(client);
      },
      at,
    );
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
    return channels.filter((_, i) => texts[i] === "?");
  }

  async function compareAt(master: Master, channels: readonly string[]): Promise<void> {
    const script = masters.sharded ? clusterScript : headsScript;
    const unknown: string[] = [];
    for (let i = 0; i < channels.length; i += commandChannels) {
      const some = channels.slice(i, i + commandChannels);
      unknown.push(...(await compareSome(some, master, (client) => script(client, [], some.map(metaOf)))));
    }
    if (!masters.sharded) return;
    // Served elsewhere by now, or on the way there: each is followed to where it is.
    for (let i = 0; i < unknown.length; i += mostAlone) {
      await Promise.allSettled(
        unknown.slice(i, i + mostAlone).map((channel) => {
          const key = metaOf(channel);
          return compareSome([channel], key, async (client) => [await client.hget(key, "head")]);
        }),
      );
    }
  }

  /** One master that does not answer does not keep the others waiting. */
  async function compareAgain(master: Master, channels: readonly string[]): Promise<void> {
    if (asked.has(master)) {
      asked.set(master, true);
      return;
    }
    asked.set(master, false);
    await compareAt(master, channels).catch(() => {});
    const again = asked.get(master);
    asked.delete(master);
    if (again) await compareAll();
  }

  async function compareAll(): Promise<void> {
    const byMaster = new Map<Master, string[]>();
    for (const channel of followers.keys()) {
      const master = masters.of(metaOf(channel));
      const others = master && byMaster.get(master);
      if (others) others.push(channel);
      else if (master) byMaster.set(master, [channel]);
    }
    await Promise.all([...byMaster].map(([master, channels]) => compareAgain(master, channels)));
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
    compare: compareAll,
  };
}
