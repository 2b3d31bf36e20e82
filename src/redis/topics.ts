// The Pub/Sub topics that somebody here listens to, over one connection. Delivers what arrives, promises nothing: whoever
// needs all of it compares with the log.
import type { Connection } from "./connection.js";

export type Listener = (published: Buffer) => void;

export interface Topics {
  /** Answers once Redis has confirmed: what is published from then on arrives unless it is lost. */
  join(topic: string, listener: Listener, deadline: number): Promise<void>;
  leave(topic: string, listener: Listener): void;
  /** Calls `tell` when a new connection has subscribed to everything: until then messages were lost. */
  onResubscribed(tell: () => void): void;
  /** Asks for a sign of life: a connection that has silently stalled is replaced because none comes. */
  probe(): void;
}

/** Topics in one SUBSCRIBE. */
const commandTopics = 500;

export function createTopics(connection: Connection): Topics {
  const { client } = connection;
  const listeners = new Map<string, Set<Listener>>();
  const afterLoss = new Set<() => void>();

  client.on("messageBuffer", (topic: Buffer, published: Buffer) => {
    for (const listener of [...(listeners.get(topic.toString("latin1")) ?? [])]) listener(published);
  });

  client.on("ready", () => {
    void subscribeAgain().then(
      () => {
        for (const tell of afterLoss) tell();
      },
      () => {
        // The connection broke again: the next one does it.
      },
    );
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
    onResubscribed(tell) {
      afterLoss.add(tell);
    },
    probe() {
      client.ping().catch(() => {});
    },
  };
}
