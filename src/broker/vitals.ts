// What a node tells of itself, in numbers: as they are now, or since it started. Counting is done elsewhere (tally.ts);
// here it is read, when somebody asks.
import type { ReplayBuffer } from "../buffer/buffer.js";
import type { Broker } from "./broker.js";
import type { Histogram } from "./histogram.js";
import { type Lag, lagOf } from "./lag.js";
import type { Check } from "./readiness.js";
import type { Tally } from "./tally.js";

export interface Vitals {
  readonly version: string;
  readonly ready: boolean;
  readonly checks: readonly Check[];
  /** Nodes that share the store, this one included, as last read. */
  readonly nodes: number;
  readonly sessionsOpened: number;
  /** Live ones, by the method that opened them. */
  readonly sessions: ReadonlyMap<string, number>;
  /** Followed on this node, because somebody here listens. */
  readonly channels: number;
  readonly lag: Lag;
  readonly tally: Tally;
  /** Quotas that were reached, and how often. */
  readonly limited: ReadonlyMap<string, number>;
  readonly appends: Histogram;
  readonly headroomSeconds: number | undefined;
  readonly echo: ReplayBuffer["echo"];
  readonly tailBytes: number;
  readonly pagesBytes: number;
  /** Of messages that wait to be stored. */
  readonly pendingBytes: number;
}

/** Takes a turn of the event loop or more, where there are very many cursors. */
export async function vitalsOf(broker: Broker): Promise<Vitals> {
  const lag = await lagOf(broker.logs());
  const sessions = new Map<string, number>(methods.map((method) => [method, 0]));
  for (const { options } of broker.sessions) sessions.set(options.method, (sessions.get(options.method) ?? 0) + 1);
  const { appender, buffer, headroom, memory, nodes, readiness, tally } = broker;
  return {
    version: nodes.entry.version,
    ready: readiness.ready,
    checks: readiness.checks,
    nodes: nodes.list.length,
    sessionsOpened: broker.sessions.added,
    sessions,
    channels: broker.channels,
    lag,
    tally,
    limited: broker.refusals.byName(),
    appends: appender.latency,
    headroomSeconds: headroom.seconds,
    echo: buffer.echo,
    tailBytes: memory.tail.bytes,
    pagesBytes: memory.pages.bytes,
    pendingBytes: appender.pendingBytes,
  };
}

/** Of which there may be none, and that is a number too. */
const methods = ["Connect", "Subscribe", "BiStream"];
