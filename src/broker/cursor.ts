// A subscriber's place in a channel: a number, and nothing else that would distinguish live, late, slow and resuming
// subscribers. It blocks at the head of the log and is woken when there is more.

import { cutBatch, encodeBatch } from "../wire/batch.js";
import { afterGap, type Gap, type Position, resume } from "../wire/position.js";
import { encodeCaughtUp, encodeGap } from "../wire/server-item.js";
import type { ChannelLog } from "./channel-log.js";
import type { Chunk, Times } from "./chunk.js";
import type { Progress, Reader } from "./reader.js";
import { increase } from "./tally.js";

/** One function for all cursors of a session. */
export type Missed = (channel: string, gap: Gap) => void;

export class Cursor implements Reader {
  readonly log: ChannelLog;
  epoch: number;
  /** The next offset to deliver. */
  next: number;
  /** Wakes the session that it belongs to. */
  readonly wake: (cursor: Cursor) => void;
  /** The peer asked for compressed batches. */
  readonly #compressed: boolean;
  /** Told of each gap that is announced. */
  readonly #missed: Missed | undefined;
  queued = false;
  /** `next` when the recorder looked last. */
  seen = 0;
  news: Times | undefined;
  /** Of what it delivered last. */
  delivered: Times | undefined;
  /** True until the head is reached, and again when the tail has been left behind: then `caught up` is due. */
  #behind = true;
  /** What it last waited for. */
  #fetched = 0;
  /** The log's, when this cursor last found its place in it; it has not yet. */
  #generation = -1;

  constructor(
    log: ChannelLog,
    position: Position,
    wake: (cursor: Cursor) => void,
    compressed = false,
    missed?: Missed,
  ) {
    this.log = log;
    this.epoch = position.epoch;
    this.next = position.offset + 1;
    this.wake = wake;
    this.#compressed = compressed;
    this.#missed = missed;
  }

  get position(): Position {
    return { epoch: this.epoch, offset: this.next - 1 };
  }

  advance(room: number, frames: Buffer[]): Progress {
    if (this.#generation !== this.log.generation) this.#resume(frames);
    if (this.next >= this.log.passed) {
      // The store may be known to hold more than the watch has told of: then more is about to come.
      if (this.#behind && this.next >= (this.log.state?.next ?? 1)) {
        this.#behind = false;
        frames.push(encodeCaughtUp(this.log.channel, this.position));
      }
      return "head";
    }
    const found = this.log.find(this.next);
    if (found === undefined) {
      this.#behind = true;
      const again = this.#fetched === this.next;
      this.#fetched = this.next;
      this.log.pages.fetch(this.next, this, again);
      return "reading";
    }
    const chunk = found.list[found.index]!;
    this.news = this.#behind ? undefined : chunk.times;
    if (chunk.epoch !== this.epoch) {
      this.#resume(frames);
      if (this.next < chunk.first || this.next >= chunk.end) return "more";
      // Messages of an epoch that this node does not know yet: the watch is about to tell, and wakes.
      if (chunk.gap === undefined && chunk.epoch !== this.epoch) return "head";
    }
    if (chunk.gap !== undefined || this.next > chunk.first) {
      frames.push(cut(this.log.channel, chunk, this.next));
      if (chunk.gap === undefined) this.log.tally.delivered += chunk.end - this.next;
      else this.#miss({ ...chunk.gap, from: Math.max(chunk.gap.from, this.next) });
      this.delivered = chunk.times;
      this.epoch = chunk.epoch;
      this.next = chunk.end;
    } else {
      const { list, index } = found;
      const { bytes, end, times } = this.#compressed
        ? this.log.compress(list, index)
        : this.log.join(list, index, room);
      frames.push(bytes);
      this.log.tally.delivered += end - this.next;
      this.delivered = times;
      this.next = end;
    }
    return "more";
  }

  /** Finds its place in a log that changed, and announces what that cost. */
  #resume(frames: Buffer[]): void {
    const { cursor, gaps } = resume(this.position, this.log.state);
    this.#generation = this.log.generation;
    this.epoch = cursor.epoch;
    this.next = cursor.next;
    for (const [i, gap] of gaps.entries()) {
      frames.push(encodeGap(this.log.channel, gap, afterGap(gaps, i, this.position, this.log.state)));
      this.#miss(gap);
    }
  }

  #miss(gap: Gap): void {
    increase(this.log.tally.gaps, gap.reason);
    this.#missed?.(this.log.channel, gap);
  }
}

function cut(channel: string, chunk: Chunk, from: number): Buffer {
  if (chunk.batch === undefined) {
    const gap: Gap = { ...chunk.gap, from };
    return encodeGap(channel, gap, { epoch: chunk.epoch, offset: gap.to });
  }
  const batch = cutBatch(chunk.batch, from);
  return encodeBatch(channel, batch, batch.messages);
}
