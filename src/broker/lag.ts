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
  for await (const [, { cursors, behind, messages, seconds }] of lagsOf(logs)) {
    lag.cursors += cursors;
    lag.behind += behind;
    lag.messages = Math.max(lag.messages, messages);
    lag.seconds = Math.max(lag.seconds, seconds);
  }
  return lag;
}

/** Of each log by itself. */
export async function* lagsOf(logs: Iterable<ChannelLog>): AsyncGenerator<[ChannelLog, Lag]> {
  const slices = createSlices();
  for (const log of logs) {
    const lag: Lag = { cursors: 0, behind: 0, messages: 0, seconds: 0 };
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
      lag.messages = log.passed - last.next;
      lag.seconds = Math.max(0, now - waitsSince(last, now)) / 1_000;
    }
    if (slices.due()) await slices.rest();
    yield [log, lag];
  }
}

/** When the next message of a cursor was stored. What has left memory was stored after the last one that it was given. */
export const waitsSince = ({ log, next, delivered }: Cursor, now: number): number =>
  log.storedAt(next) ?? delivered?.storedAt ?? now;
