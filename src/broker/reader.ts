// What a session's frames are filled from, in turns: a cursor in a channel's log, or the reader of a roster. It blocks
// where there is nothing more, and wakes its session when there is.

/** What `advance` stopped at. `head` and `reading`: the reader will wake its session. */
export type Progress = "more" | "head" | "reading";

export interface Reader {
  /** True while it waits in its session for a turn of the pump. */
  queued: boolean;
  /**
   * When the first of what it appended last arrived on this node, in the time of `performance.now`. Undefined: it is no
   * news.
   */
  readonly arrivedAt?: number | undefined;
  /** Appends what comes next to `frames`, about `room` bytes of it, and moves on. */
  advance(room: number, frames: Buffer[]): Progress;
}
