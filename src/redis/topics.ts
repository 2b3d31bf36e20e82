// The Pub/Sub topics that somebody here listens to, over one connection to each master. Delivers what arrives, promises
// nothing: whoever needs all of it compares with the log. In a Cluster topics are sharded: each is listened to at the
// master of its slot, and moves with it.
import type { Connection } from "./connection.js";
import { createEcho, type Echo } from "./echo.js";
import type { Masters } from "./masters.js";
import { createPlacement } from "./placement.js";

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

/** Between two echoes, and two looks at who the masters are. */
const beatMs = 1_000;

export function createTopics(masters: Masters, subscriber: Connection, writer: Connection, prefix: string): Topics {
  const listeners = new Map<string, Set<Listener>>();
  const afterLoss = new Set<() => void>();
  const placement = createPlacement(masters, subscriber, listeners, () => {
    for (const tell of afterLoss) tell();
  });
  const deliver = (topic: Buffer, published: Buffer) => {
    for (const listener of [...(listeners.get(topic.toString("latin1")) ?? [])]) listener(published);
  };
  subscriber.onClient((client) => {
    client.on("messageBuffer", deliver);
    client.on("smessageBuffer", deliver);
  });

  const topics: Topics = {
    publish: masters.sharded ? "SPUBLISH" : "PUBLISH",
    async join(topic, listener, deadline) {
      const others = listeners.get(topic);
      if (others) others.add(listener);
      else listeners.set(topic, new Set([listener]));
      // Also for the second listener: the first one's may not be confirmed yet. Redis does not mind.
      await subscriber.attempt(deadline, (client) => placement.subscribe(client, [topic]), topic);
    },
    leave(topic, listener) {
      const others = listeners.get(topic);
      others?.delete(listener);
      if (others?.size !== 0) return;
      listeners.delete(topic);
      placement.unsubscribe(topic);
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
    void placement.check();
    echo.call();
  }, beatMs);
  echo.call();
  return topics;
}
