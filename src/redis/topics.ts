// The Pub/Sub topics that somebody here listens to, over one connection to each master. Delivers what arrives, promises
// nothing: whoever needs all of it compares with the log. In a Cluster topics are sharded: each is listened to at the
// master of its slot, and moves with it.
import type { Client } from "./client.js";
import type { Connection } from "./connection.js";
import { createEcho, type Echo } from "./echo.js";
import type { Masters } from "./masters.js";

export type Listener = (published: Buffer) => void;

export interface Topics {
  /** The command that reaches the listeners, for scripts: it is another one in a Cluster. */
  readonly publish: "PUBLISH" | "SPUBLISH";
  /** Answers once Redis has confirmed: what is published from then on arrives unless it is lost. */
  join(topic: string, listener: Listener, deadline: number): Promise<void>;
  leave(topic: string, listener: Listener): void;
  /** Calls `tell` when topics were subscribed to anew: until then messages may have been lost. */
  onResubscribed(tell: () => void): void;
  /** When the node has last heard what it published itself, and how long that took. */
  readonly echo: Echo;
  close(): void;
}

/** Topics in one go. */
const mostAtOnce = 500;
/** Between two echoes, and two looks at who the masters are. */
const beatMs = 1_000;

export function createTopics(masters: Masters, subscriber: Connection, writer: Connection, prefix: string): Topics {
  const { sharded } = masters;
  const listeners = new Map<string, Set<Listener>>();
  /** The client that each topic was last subscribed with. */
  const placed = new Map<string, Client>();
  const afterLoss = new Set<() => void>();
  let settling = false;
  let wanted = false;

  const subscribe = (client: Client, ...topics: string[]): Promise<unknown> => {
    for (const topic of topics) placed.set(topic, client);
    if (!sharded) return client.subscribe(...topics);
    // One command may name topics of one slot only.
    return Promise.all(topics.map((topic) => client.ssubscribe(topic).catch((error) => forget(topic, client, error))));
  };
  function forget(topic: string, client: Client, error: unknown): never {
    if (placed.get(topic) === client) placed.delete(topic);
    throw error;
  }

  /** Subscribes with every topic that is not where it belongs. */
  async function settle(): Promise<void> {
    wanted = true;
    if (settling) return;
    settling = true;
    while (wanted) {
      wanted = false;
      const found = await settleOnce();
      if (found) for (const tell of afterLoss) tell();
    }
    settling = false;
  }
  async function settleOnce(): Promise<boolean> {
    const away = new Map<Client, string[]>();
    for (const topic of listeners.keys()) {
      const master = masters.of(topic);
      const client = master && subscriber.ready(master.id);
      if (!client || placed.get(topic) === client) continue;
      const others = away.get(client);
      if (others) others.push(topic);
      else away.set(client, [topic]);
    }
    for (const [client, topics] of away) {
      for (let i = 0; i < topics.length; i += mostAtOnce) {
        const some = topics.slice(i, i + mostAtOnce).filter((topic) => listeners.has(topic));
        // Where the connection broke again the next one does it; where a slot has moved again, the next beat.
        await subscribe(client, ...some).catch(() => {});
      }
    }
    return away.size > 0;
  }

  subscriber.onClient((client) => {
    const deliver = (topic: Buffer, published: Buffer) => {
      for (const listener of [...(listeners.get(topic.toString("latin1")) ?? [])]) listener(published);
    };
    client.on("messageBuffer", deliver);
    client.on("smessageBuffer", deliver);
    client.on("close", () => {
      for (const [topic, at] of placed) if (at === client) placed.delete(topic);
    });
    client.on("ready", () => void settle());
    // The server has ended a subscription since the slot has left it.
    client.on("moved", () => void masters.look().then(settle));
  });
  masters.onChange(() => void settle());

  const topics: Topics = {
    publish: sharded ? "SPUBLISH" : "PUBLISH",
    async join(topic, listener, deadline) {
      const others = listeners.get(topic);
      if (others) others.add(listener);
      else listeners.set(topic, new Set([listener]));
      // Also for the second listener: the first one's may not be confirmed yet. Redis does not mind.
      await subscriber.attempt(deadline, (client) => subscribe(client, topic), topic);
    },
    leave(topic, listener) {
      const others = listeners.get(topic);
      others?.delete(listener);
      if (others?.size !== 0) return;
      listeners.delete(topic);
      const client = placed.get(topic);
      placed.delete(topic);
      // Without a connection there is nothing to leave.
      (sharded ? client?.sunsubscribe(topic) : client?.unsubscribe(topic))?.catch(() => {});
    },
    onResubscribed(tell) {
      afterLoss.add(tell);
    },
    get echo() {
      return echo.last();
    },
    close() {
      clearInterval(beat);
    },
  };
  const echo = createEcho({ masters, subscriber, writer, topics, prefix });
  const beat = setInterval(() => {
    void masters.look().then(settle);
    echo.call();
  }, beatMs);
  echo.call();
  return topics;
}
