// Resuming without the right to the history (P-43). A position proves nothing: whoever may subscribe can name any. So what
// such a peer may be sent of the past is what was stored lately, long enough ago for a reconnection.
import type { ReplayBuffer } from "../buffer/buffer.js";
import { type Gap, type Position, resume } from "../wire/position.js";
import type { ChannelLog } from "./channel-log.js";
import { startPosition } from "./start.js";

/**
 * Where a reader at `position` goes on that may be sent nothing stored before `oldestMs`, and the gaps to announce if that
 * is later.
 */
export async function resumeSince(
  oldestMs: number,
  position: Position,
  log: ChannelLog,
  buffer: ReplayBuffer,
): Promise<{ position: Position; gaps: Gap[] }> {
  const { state, channel } = log;
  const { cursor, gaps } = resume(position, state);
  const storedAt = await storedAtOf(cursor.next, log, buffer);
  if (storedAt === undefined || storedAt >= oldestMs) return { position, gaps: [] };
  const later = await startPosition({ from: "time", timeMs: oldestMs }, channel, state, buffer);
  if (later.offset < cursor.next) return { position, gaps: [] };
  return { position: later, gaps: [...gaps, { reason: "trimmed", from: cursor.next, to: later.offset }] };
}

/** When the message was stored; undefined if it is still to come, or cannot be read. */
async function storedAtOf(offset: number, log: ChannelLog, buffer: ReplayBuffer): Promise<number | undefined> {
  const found = log.find(offset);
  const inMemory = found?.list[found.index]?.batch;
  if (inMemory !== undefined) return inMemory.storedAt;
  const stretch = (await buffer.read(log.channel, offset, 1)).stretches[0];
  return stretch === undefined ? undefined : "reason" in stretch ? 0 : stretch.storedAt;
}
