// How far the cursors of a node are behind their channels. Nothing is kept for this: it is a walk over all cursors, in
// slices, when somebody asks.
import type { ChannelLog } from "./channel-log.js";
import type { Cursor } from "./cursor.js";
import { createSlices } from "./slices.js";

export interface Lag {
  cursors: number;
  /** Those whose next message has waited for more than `behindMs`. */
  behind: number;
  /** Of the cursor that is the most messages behind. */
  messages: number;
  /** Of the cursor whose next message has waited longest. */
  seconds: number;
}

/** A cursor is behind if its next message was stored before that. A live one is always a batch or so from the head. */
export const behindMs = 5_000;

export async function lagOf(logs: Iterable<ChannelLog>): Promise<Lag> {
  const lag: Lag = { cursors: 0, behind: 0, messages: 0, seconds: 0 };
  const slices = createSlices();
  for (const log of logs) {
    const now = Date.now();
    const late = log.firstStoredAfter(now - behindMs);
    let last: Cursor | undefined;
    for (const cursor of log.cursors) {
      lag.cursors++;
      const { next } = cursor;
      if (next < log.passed) {
        if (next < late) lag.behind++;
        if (last === undefined || next < last.next) last = cursor;
      }
      if (slices.due()) await slices.rest();
    }
    // It may have moved meanwhile.
    if (last !== undefined && last.next < log.passed) {
      lag.messages = Math.max(lag.messages, log.passed - last.next);
      // What has left memory was stored after the last message that the cursor was given.
      const since = log.storedAt(last.next) ?? last.delivered?.storedAt ?? now;
      lag.seconds = Math.max(lag.seconds, (now - since) / 1_000);
    }
    if (slices.due()) await slices.rest();
  }
  return lag;
}
