// Replay headroom: how long a peer may be away before retention removes what it has not received, if its channel goes
// on at its present rate. Of a channel it is the least of
//
//   retention age,  retention messages / messages a second,  retention bytes / bytes a second
//
// and of a node the least of the channels that it follows and that are active: something was stored in them within the
// last minute. Rates are averages over about a minute, so a burst counts as much as it lasts.
import type { ReplayBuffer } from "../buffer/buffer.js";
import type { ChannelLog } from "./channel-log.js";
import { createSlices } from "./slices.js";

export interface Headroom {
  /** Infinite, if nothing but an endless retention is followed; undefined: no channel is active. */
  readonly seconds: number | undefined;
  close(): void;
}

interface Pace {
  messages: number;
  bytes: number;
  messagesPerSecond: number;
  bytesPerSecond: number;
  /** Looks in a row at which there was nothing new. */
  quiet: number;
}

/** Between two looks, and what an average spans. */
const lookMs = 10_000;
const spanMs = 60_000;

export function measureHeadroom(buffer: ReplayBuffer, logs: () => Iterable<ChannelLog>, everyMs = lookMs): Headroom {
  const paces = new WeakMap<ChannelLog, Pace>();
  let seconds: number | undefined;
  let lookedAt = performance.now();
  let looking = false;

  /** Undefined: the channel is not active. */
  function headroomOf(log: ChannelLog, pastMs: number): number | undefined {
    const { received } = log;
    let pace = paces.get(log);
    if (pace === undefined) {
      // What was there before it was followed says nothing of its rate.
      if (received.bytes === 0) return undefined;
      pace = { messages: 0, bytes: 0, messagesPerSecond: 0, bytesPerSecond: 0, quiet: 0 };
      paces.set(log, pace);
    }
    const messages = received.messages - pace.messages;
    const bytes = received.bytes - pace.bytes;
    const weight = 1 - Math.exp(-pastMs / spanMs);
    const past = pastMs / 1_000;
    // The first look is all there is to go by.
    const part = pace.bytesPerSecond === 0 ? 1 : weight;
    pace.messagesPerSecond += part * (messages / past - pace.messagesPerSecond);
    pace.bytesPerSecond += part * (bytes / past - pace.bytesPerSecond);
    pace.quiet = bytes === 0 ? pace.quiet + 1 : 0;
    Object.assign(pace, received);
    if (pace.quiet * everyMs >= spanMs) {
      pace.messagesPerSecond = 0;
      pace.bytesPerSecond = 0;
      return undefined;
    }
    const retention = buffer.retention(log.channel);
    return Math.min(
      retention.ageMs / 1_000,
      retention.messages / pace.messagesPerSecond,
      retention.bytes / pace.bytesPerSecond,
    );
  }

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    const now = performance.now();
    const slices = createSlices();
    let least: number | undefined;
    for (const log of logs()) {
      const headroom = headroomOf(log, now - lookedAt);
      if (headroom !== undefined) least = Math.min(least ?? Number.POSITIVE_INFINITY, headroom);
      if (slices.due()) await slices.rest();
    }
    lookedAt = now;
    seconds = least;
    looking = false;
  }

  const timer = setInterval(() => void look(), everyMs);
  return {
    get seconds() {
      return seconds;
    },
    close: () => clearInterval(timer),
  };
}
