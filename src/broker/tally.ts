// What a node has done since it started, in plain numbers. They are counted where things happen, once for a frame, a
// batch or a request and never for a message, and read when somebody asks (vitals.ts).
import type { ErrorCode } from "../wire/errors.js";
import type { GapReason } from "../wire/position.js";
import type { Published } from "../wire/server-frame.js";
import { Histogram, latencyBounds } from "./histogram.js";

/** What became of messages that were published. */
export type PublishResult = "stored" | "duplicate" | ErrorCode;

/** How a peer went on that resumed from a position: without loss, or behind a gap. */
export type ResumeResult = "continued" | GapReason;

export class Tally {
  /** Messages. */
  readonly published = new Map<PublishResult, number>();
  /** Encoded messages that were appended, without duplicates or refused ones. */
  publishedBytes = 0;
  /** Requests of whatever kind that were answered by an `error` item. */
  readonly refused = new Map<ErrorCode, number>();
  readonly resumes = new Map<ResumeResult, number>();
  readonly gaps = new Map<GapReason, number>();
  /** Messages, once for each subscriber. */
  delivered = 0;
  frames = 0;
  frameBytes = 0;
  /** From a batch's arrival on this node to a frame with it in its socket, of some frames of live subscribers. */
  readonly fanOut = new Histogram(latencyBounds);
  /** Pages read from the buffer, for cursors behind the tail. */
  pages = 0;
  pageBytes = 0;
  failedReads = 0;

  answered(answers: readonly Published[], bytes: number): void {
    for (const { count, duplicate } of answers) increase(this.published, duplicate ? "duplicate" : "stored", count);
    // Of a run that was stored before, nothing was appended.
    if (answers.some(({ duplicate }) => !duplicate)) this.publishedBytes += bytes;
  }
}

export function increase<Key>(counts: Map<Key, number>, key: Key, count = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
