// The subscribers of a node that are behind, the worst first. Like the lag, a walk when somebody asks.
import type { Broker } from "./broker.js";
import type { ChannelLog } from "./channel-log.js";
import type { Cursor } from "./cursor.js";
import { waitsSince } from "./lag.js";
import { cursorsOf } from "./progress.js";
import type { Who } from "./recorder.js";
import { createSlices } from "./slices.js";

export interface SlowSubscriber {
  who: Who;
  channel: string;
  /** The next offset to be delivered. */
  next: number;
  messages: number;
  /** How long its next message has waited. */
  ms: number;
}

export interface Slow {
  /** All that are behind. */
  behind: number;
  worst: SlowSubscriber[];
}

/** @param admits the channels that are looked at */
export async function slowOf(
  broker: Broker,
  admits: (channel: string) => boolean,
  behindMs: number,
  limit: number,
): Promise<Slow> {
  const slices = createSlices();
  const now = Date.now();
  /** Of each log the first offset that is no reason to be called behind. */
  const late = new Map<ChannelLog, number>();
  const found: Slow = { behind: 0, worst: [] };
  const isBehind = ({ log, next }: Cursor): boolean => {
    if (next >= log.passed || !admits(log.channel)) return false;
    const first = late.get(log) ?? log.firstStoredAfter(now - behindMs);
    late.set(log, first);
    return next < first;
  };
  for (const { session, cursor } of cursorsOf(broker.sessions)) {
    if (isBehind(cursor)) {
      found.behind++;
      const { log, next } = cursor;
      const ms = Math.max(behindMs, now - waitsSince(cursor, now));
      found.worst.push({ who: session.who, channel: log.channel, next, messages: log.passed - next, ms });
      if (found.worst.length > 2 * limit + 1_000) keepWorst(found, limit);
    }
    if (slices.due()) await slices.rest();
  }
  keepWorst(found, limit);
  return found;
}

function keepWorst(found: Slow, limit: number): void {
  found.worst.sort((a, b) => b.ms - a.ms || b.messages - a.messages);
  found.worst.length = Math.min(found.worst.length, limit);
}
