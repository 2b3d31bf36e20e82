// A page of the past, for whoever asks once and does not subscribe.
import type { ReplayBuffer, Stretch } from "../buffer/buffer.js";
import { cutBatch, encodeBatch, skipMessages } from "../wire/batch.js";
import { checkChannel } from "../wire/channel.js";
import type { Start } from "../wire/client-frame.js";
import { KiB } from "../wire/limits.js";
import { afterGap, type Cursor, epochAt, knownEpoch, type LogState, type Position, resume } from "../wire/position.js";
import { encodeGap } from "../wire/server-item.js";
import { startPosition } from "./start.js";

export interface HistoryPage {
  /** Encoded items: batches and gaps. */
  items: Buffer[];
  /** Where the next page begins. */
  position: Position;
  /** Nothing newer was stored at the time of the answer. */
  end: boolean;
}

/** A page is about this large at most, so that it fits into the message size that gRPC clients accept by default. */
const pageBytes = 1024 * KiB;

/**
 * @param limit at most this many messages, at least 1
 * @throws RepriseError `invalid_channel`, `offset_out_of_range`, or what the buffer rejects with
 */
export async function history(
  buffer: ReplayBuffer,
  channel: string,
  start: Start,
  limit: number,
): Promise<HistoryPage> {
  checkChannel(channel);
  const state = await buffer.state(channel);
  const asked = await startPosition(start, channel, state, buffer);
  const { cursor, gaps } = resume(asked, state);
  const page: Page = { channel, cursor, items: [], room: pageBytes, messages: limit };
  for (const [i, gap] of gaps.entries()) {
    page.items.push(encodeGap(channel, gap, afterGap(gaps, i, positionOf(cursor), state)));
  }
  while (state !== undefined && cursor.next < state.next && page.messages > 0 && page.room > 0) {
    const { stretches } = await buffer.read(channel, cursor.next, Math.min(page.room, 64 * KiB));
    if (stretches.length === 0) break;
    for (const stretch of stretches) if (!add(page, stretch, state)) break;
  }
  return { items: page.items, position: positionOf(cursor), end: cursor.next >= (state?.next ?? 1) };
}

interface Page {
  channel: string;
  cursor: Cursor;
  items: Buffer[];
  /** Bytes and messages that still fit. */
  room: number;
  messages: number;
}

const positionOf = ({ epoch, next }: Cursor): Position => ({ epoch, offset: next - 1 });

/** Adds what fits of a stretch; false if the page is full. */
function add(page: Page, stretch: Stretch, state: LogState): boolean {
  const { channel, cursor } = page;
  if (page.room <= 0 || page.messages === 0) return false;
  if ("reason" in stretch) {
    const gap = { ...stretch, from: Math.max(stretch.from, cursor.next) };
    cursor.next = stretch.to + 1;
    cursor.epoch = epochAt(state, cursor.next);
    const item = encodeGap(channel, gap, positionOf(cursor));
    page.items.push(item);
    page.room -= item.length;
    return true;
  }
  let batch = cutBatch({ ...stretch, epoch: knownEpoch(state, stretch.epoch) }, cursor.next);
  if (batch.count > page.messages) {
    const messages = batch.messages.subarray(0, skipMessages(batch.messages, page.messages));
    batch = { ...batch, count: page.messages, messages };
  }
  // One that does not fit any more begins the next page; the first always fits.
  if (batch.messages.length > page.room && page.items.length > 0) {
    page.room = 0;
    return false;
  }
  const item = encodeBatch(channel, batch, batch.messages);
  page.items.push(item);
  page.room -= item.length;
  page.messages -= batch.count;
  cursor.next = batch.first + batch.count;
  cursor.epoch = batch.epoch;
  return true;
}
