// What a log holds, as far as it is kept in memory: everything but the messages.
import type { EpochStart } from "../../wire/position.js";
import type { ChannelState } from "../buffer.js";
import type { Producers } from "./producers.js";
import { lastUpTo, type Segment } from "./segment.js";

/**
 * What the end of the log proves to an append.
 * - `written`: this opening wrote it. The next append continues it.
 * - `proven`: an earlier opening wrote it and nothing can be missing, because the log was closed or everything was
 *   synced before it was answered. The next append continues it, and must be synced itself: otherwise a crash of the
 *   machine could take it back and leave the same proof behind.
 * - `unproven`: messages that were answered may be missing. The next append opens a new epoch.
 */
export type Continuity = "written" | "proven" | "unproven";

export interface Contents {
  readonly channel: string;
  /** Oldest first. Never empty, but when the channel has disappeared while somebody still reads it. */
  readonly segments: Segment[];
  epochs: EpochStart[];
  next: number;
  /** Bytes of all messages ever stored. */
  bytes: number;
  /** Unix ms: when the last message was stored, or the channel was created. */
  storedAt: number;
  producers: Producers;
  continuity: Continuity;
  /** The newest segment is damaged: the next append begins another. */
  damaged: boolean;
}

/** Nothing is known, not even an epoch. */
export const blankContents = (channel: string, segments: Segment[]): Contents => ({
  channel,
  segments,
  epochs: [],
  next: 1,
  bytes: 0,
  storedAt: 0,
  producers: new Map(),
  continuity: "written",
  damaged: false,
});

/** The first retained offset. */
export const firstOf = (contents: Contents): number => contents.segments[0]?.first ?? contents.next;

export function stateOf(contents: Contents): ChannelState {
  const base = contents.segments[0]?.base?.bytes ?? contents.bytes;
  return {
    epochs: contents.epochs,
    first: firstOf(contents),
    next: contents.next,
    bytes: contents.bytes - base,
  };
}

/** Which segment holds `offset`, from the first retained on. */
export const segmentAt = (contents: Contents, offset: number): number =>
  lastUpTo(contents.segments.length, (i) => contents.segments[i]!.first, offset);

/** The offset behind the last one of the segment at index `i`. */
export const endOf = (contents: Contents, i: number): number => contents.segments[i + 1]?.first ?? contents.next;
