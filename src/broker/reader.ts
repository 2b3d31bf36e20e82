// What a session's frames are filled from, in turns: a cursor in a channel's log, or the reader of a roster. It blocks
// where there is nothing more, and wakes its session when there is.
import type { Times } from "./chunk.js";

/** What `advance` stopped at. `head` and `reading`: the reader will wake its session. */
export type Progress = "more" | "head" | "reading";

export interface Reader {
  /** True while it waits in its session for a turn of the pump. */
  queued: boolean;
  /** Of the first that it appended last; undefined: it is no news. */
  readonly news?: Times | undefined;
  /** Appends what comes next to `frames`, about `room` bytes of it, and moves on. */
  advance(room: number, frames: Buffer[]): Progress;
}
