// Hearing oneself: once a second the node publishes to a topic of its own at each master, by the way that appends are
// published, and must hear it on its subscriptions there. A connection that hears nothing though Redis has published is
// replaced: it has silently died.
import { randomUUID } from "node:crypto";
import type { Client } from "./client.js";
import type { Connection } from "./connection.js";
import { keyAt, type Master, type Masters } from "./masters.js";
import type { Topics } from "./topics.js";

/** Of all masters the worst. */
export interface Echo {
  /** When it was last heard, in the time of `performance.now`; undefined: not from every master yet. */
  heardAt: number | undefined;
  /** From publishing to hearing. */
  roundTripMs: number;
}

interface Way {
  topic: string;
  /** Of the connection that listens: how often it was replaced or broke. */
  client: Client | undefined;
  heardAt: number | undefined;
  roundTripMs: number;
  /** When the first publish since the last echo had succeeded. */
  silentSince: number | undefined;
  busy: boolean;
  leave(): void;
}

interface EchoSources {
  masters: Masters;
  subscriber: Connection;
  writer: Connection;
  topics: Topics;
  prefix: string;
}

/** A connection that has been silent so long after something was published is replaced. */
const silenceMs = 900;
/** For one beat. */
const callMs = 900;

export function createEcho({ masters, subscriber, writer, topics, prefix }: EchoSources) {
  const name = randomUUID();
  const ways = new Map<string, Way>();

  /** A topic whose slot is the master's. */
  function topicOf(master: Master): string {
    return keyAt(masters, master, (i) => `${prefix}{${name}.${i}}:echo`);
  }

  function wayTo(master: Master): Way {
    const known = ways.get(master.id);
    if (known && masters.of(known.topic) === master) return known;
    known?.leave();
    const topic = topicOf(master);
    const heard = (published: Buffer) => {
      const sentAt = Number(published);
      if (!(sentAt <= performance.now())) return;
      way.heardAt = performance.now();
      way.roundTripMs = way.heardAt - sentAt;
      way.silentSince = undefined;
    };
    const way: Way = {
      ...{ topic, client: undefined, heardAt: undefined, roundTripMs: 0, silentSince: undefined, busy: false },
      leave: () => topics.leave(topic, heard),
    };
    ways.set(master.id, way);
    // Not confirmed in time, it is subscribed to with all others.
    topics.join(topic, heard, performance.now() + callMs).catch(() => {});
    return way;
  }

  async function callOne(master: Master, way: Way): Promise<void> {
    const client = subscriber.ready(master.id);
    if (way.client !== client) way.silentSince = undefined;
    way.client = client;
    if (!client) return;
    const stamp = String(performance.now());
    const send = (server: Client) =>
      topics.publish === "SPUBLISH" ? server.spublish(way.topic, stamp) : server.publish(way.topic, stamp);
    await writer.attempt(performance.now() + callMs, send, way.topic);
    // What has arrived here meanwhile is looked at before the verdict.
    await new Promise(setImmediate);
    if (way.heardAt !== undefined && way.heardAt >= Number(stamp)) return;
    way.silentSince ??= performance.now();
    if (performance.now() < way.silentSince + silenceMs) return;
    way.silentSince = undefined;
    client.disconnect(true);
  }

  return {
    /** Publishes, and replaces what has been silent. */
    call(): void {
      for (const [id, way] of ways) {
        if (masters.all.some((master) => master.id === id)) continue;
        way.leave();
        ways.delete(id);
      }
      for (const master of masters.all) {
        const way = wayTo(master);
        if (way.busy) continue;
        way.busy = true;
        // Not published: nothing to be heard, and others say so.
        void callOne(master, way)
          .catch(() => {})
          .finally(() => {
            way.busy = false;
          });
      }
    },
    last(): Echo {
      const all = masters.all.map(({ id }) => ways.get(id));
      const heard = all.map((way) => way?.heardAt);
      const complete = heard.length > 0 && heard.every((at) => at !== undefined);
      return {
        heardAt: complete ? Math.min(...(heard as number[])) : undefined,
        roundTripMs: Math.max(0, ...all.map((way) => way?.roundTripMs ?? 0)),
      };
    },
  };
}
