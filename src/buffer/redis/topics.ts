// The Pub/Sub topics of the watched channels, over one connection. Delivers what arrives, promises nothing: whoever
// needs all of it compares with the log.
import type { StoredBatch } from "../buffer.js";
import type { Connection } from "./connection.js";
import { parseLive } from "./entry.js";

export type Listener = (batch: StoredBatch) => void;

export interface Topics {
  /** Answers once Redis has confirmed: what is published from then on arrives unless it is lost. */
  join(topic: string, listener: Listener, deadline: number): Promise<void>;
  leave(topic: string, listener: Listener): void;
  /** Asks for a sign of life: a connection that has silently stalled is replaced because none comes. */
  probe(): void;
}

/** Topics in one SUBSCRIBE. */
const commandTopics = 500;

/** @param resubscribed called when a new connection has subscribed to everything: until then messages were lost */
export function createTopics(connection: Connection, resubscribed: () => void): Topics {
  const { client } = connection;
  const listeners = new Map<string, Set<Listener>>();

  client.on("messageBuffer", (topic: Buffer, published: Buffer) => {
    const audience = listeners.get(topic.toString("latin1"));
    const batch = audience && parseLive(published);
    if (batch) for (const listener of [...audience]) listener(batch);
  });

  client.on("ready", () => {
    void subscribeAgain().then(resubscribed, () => {
      // The connection broke again: the next one does it.
    });
  });

  async function subscribeAgain(): Promise<void> {
    const topics = [...listeners.keys()];
    for (let i = 0; i < topics.length; i += commandTopics) {
      await client.subscribe(...topics.slice(i, i + commandTopics));
    }
  }

  return {
    async join(topic, listener, deadline) {
      const others = listeners.get(topic);
      if (others) others.add(listener);
      else listeners.set(topic, new Set([listener]));
      // Also for the second listener: the first one's may not be confirmed yet. Redis does not mind.
      await connection.attempt(deadline, (client) => client.subscribe(topic));
    },
    leave(topic, listener) {
      const others = listeners.get(topic);
      others?.delete(listener);
      if (others?.size !== 0) return;
      listeners.delete(topic);
      // Without a connection there is nothing to leave.
      client.unsubscribe(topic).catch(() => {});
    },
    probe() {
      client.ping().catch(() => {});
    },
  };
}
