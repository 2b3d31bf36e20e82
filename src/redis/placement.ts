// Which connection each topic is subscribed with: that to the master of its slot. Topics follow their slots, and are
// subscribed to again when a connection was lost.
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "./client.js";
import type { Connection } from "./connection.js";
import type { Masters } from "./masters.js";

export interface Placement {
  subscribe(client: Client, topics: readonly string[]): Promise<unknown>;
  unsubscribe(topic: string): void;
  /** To be called once a second: looks who the masters are, and whether all topics are where they belong. */
  check(): Promise<void>;
}

/** Topics in one go. */
const mostAtOnce = 500;
/** Between a server's word that a slot has left it and our looking for it. */
const soonMs = 100;

/**
 * @param wanted the topics
 * @param told when topics were subscribed to anew
 */
export function createPlacement(
  masters: Masters,
  subscriber: Connection,
  wanted: ReadonlyMap<string, unknown>,
  told: () => void,
): Placement {
  const { sharded } = masters;
  const placed = new Map<string, Client>();
  /** Whose server has ended subscriptions: it does not say for long which, and may have the slot again. */
  const suspects = new Set<Client>();
  let settling = false;
  let again = false;
  let following = false;

  async function subscribe(client: Client, topics: readonly string[]): Promise<void> {
    for (const topic of topics) placed.set(topic, client);
    const forget = (some: readonly string[]) => (error: unknown) => {
      for (const topic of some) if (placed.get(topic) === client) placed.delete(topic);
      throw error;
    };
    // One command for sharded topics may name those of one slot only.
    if (sharded) await Promise.all(topics.map((topic) => client.ssubscribe(topic).catch(forget([topic]))));
    else await client.subscribe(...topics).catch(forget(topics));
  }

  function displace(clients: ReadonlySet<Client>): void {
    if (clients.size === 0) return;
    for (const [topic, client] of placed) if (clients.has(client)) placed.delete(topic);
  }

  /** The topics that are not where they belong, by where that is. */
  function displaced(): Map<Client, string[]> {
    const found = new Map<Client, string[]>();
    for (const topic of wanted.keys()) {
      const master = masters.of(topic);
      const client = master && subscriber.ready(master.id);
      if (!client || placed.get(topic) === client) continue;
      const others = found.get(client);
      if (others) others.push(topic);
      else found.set(client, [topic]);
    }
    return found;
  }

  async function place(client: Client, topics: readonly string[]): Promise<void> {
    for (let i = 0; i < topics.length; i += mostAtOnce) {
      const some = topics.slice(i, i + mostAtOnce).filter((topic) => wanted.has(topic));
      // Where the connection broke again the next one does it; where a slot has moved again, the next check.
      if (some.length > 0) await subscribe(client, some).catch(() => {});
    }
  }

  async function settle(): Promise<void> {
    again = true;
    if (settling) return;
    settling = true;
    while (again) {
      again = false;
      const found = displaced();
      await Promise.all([...found].map(([client, topics]) => place(client, topics)));
      if (found.size > 0) told();
    }
    settling = false;
  }

  /** A server may say "moved" many times, before those that we ask know of it. */
  async function follow(): Promise<void> {
    if (following) return;
    following = true;
    await delay(soonMs, undefined, { ref: false });
    following = false;
    await masters.look();
    await settle();
  }

  subscriber.onClient((client) => {
    client.on("close", () => displace(new Set([client])));
    client.on("ready", () => void settle());
    // The server has ended a subscription since the slot has left it.
    client.on("moved", () => {
      suspects.add(client);
      void follow();
    });
  });
  masters.onChange(() => void settle());

  return {
    subscribe,
    unsubscribe(topic) {
      const client = placed.get(topic);
      placed.delete(topic);
      // Without a connection there is nothing to leave.
      (sharded ? client?.sunsubscribe(topic) : client?.unsubscribe(topic))?.catch(() => {});
    },
    async check() {
      displace(suspects);
      suspects.clear();
      await masters.look();
      await settle();
    },
  };
}
