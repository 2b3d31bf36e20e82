// Retention: removes whole segments, oldest first, as soon as what is left behind them is still as much as the limits
// ask for. A segment takes a quarter of each limit, so that at most about a quarter more than the limits is stored.
import type { Retention } from "../retention.js";
import type { Contents } from "./contents.js";
import type { Files } from "./files.js";
import { baseOf } from "./recovery.js";

const parts = 4;

/**
 * Removes what the limits no longer ask for, but never the newest segment. Answers when, in Unix ms, something will
 * next be too old; if that lies before `now`, the newest message is, and the channel is to disappear.
 */
export async function trim(
  files: Files,
  contents: Contents,
  limits: Retention,
  now: number,
  remove: (name: string) => Promise<void>,
): Promise<number> {
  const { segments } = contents;
  while (segments.length > 1) {
    const { first } = segments[1]!;
    const base = await baseOf(files, contents, 1);
    const enough = contents.next - first >= limits.messages || contents.bytes - base.bytes >= limits.bytes;
    if (!enough && base.storedAt + limits.ageMs >= now) return base.storedAt + limits.ageMs;
    const [oldest] = segments.splice(0, 1);
    await remove(oldest!.name);
  }
  return contents.storedAt + limits.ageMs;
}

export interface Room {
  messages: number;
  /** Of messages. */
  bytes: number;
}

/** What a segment takes. */
export const segmentRoom = (limits: Retention, segmentBytes: number): Room => ({
  messages: Math.ceil(limits.messages / parts),
  bytes: Math.min(Math.ceil(limits.bytes / parts), segmentBytes),
});

/** What the newest segment still takes; undefined: the next append is to begin another. */
export function roomLeft(contents: Contents, limits: Retention, segmentBytes: number, now: number): Room | undefined {
  const newest = contents.segments.at(-1);
  if (newest?.base === undefined || contents.damaged || newest.base.storedAt + limits.ageMs / parts < now) {
    return undefined;
  }
  const whole = segmentRoom(limits, segmentBytes);
  const messages = whole.messages - (contents.next - newest.first);
  const bytes = Math.min(whole.bytes - (contents.bytes - newest.base.bytes), segmentBytes - newest.size!);
  return messages > 0 && bytes > 0 ? { messages, bytes } : undefined;
}
