// What leaves on a stream. At most one frame is in the sink at a time. What becomes ready meanwhile waits as a position (a
// reader that did not move), not as bytes, and leaves in the next frame together. Answers to the peer's own requests do
// wait as bytes; whoever owns the outlet stops reading a peer that has too many of them.
import { KiB } from "../wire/limits.js";
import type { Times } from "./chunk.js";
import { join } from "./framing.js";
import type { Pump } from "./pump.js";
import type { Reader } from "./reader.js";
import type { Tally } from "./tally.js";

/** A frame is filled up to about this size. */
const frameBytes = 64 * KiB;

/** Of so many frames one is timed. A prime: peers that are served in turn are all looked at. */
const framesPerSample = 7;

export interface OutletOptions {
  pump: Pump;
  tally: Tally;
  /** Takes one frame; calls `done` when it can take the next. */
  write(frame: Buffer, done: () => void): void;
  /** There are more answers that wait, or fewer. */
  changed(): void;
  /** After `finish`: everything was written. */
  emptied(): void;
}

export class Outlet {
  readonly #options: OutletOptions;
  #answers: Buffer[] = [];
  #answerBytes = 0;
  #ready: Reader[] = [];
  #writing = false;
  /** Of the frame that is in the sink. */
  #writtenBytes = 0;
  #scheduled = false;
  #wroteLately = false;
  #frames = 0;
  #finishing = false;
  #closed = false;

  constructor(options: OutletOptions) {
    this.#options = options;
  }

  /** Of answers that wait. */
  get answerBytes(): number {
    return this.#answerBytes;
  }

  /** What is held for the peer. */
  get heldBytes(): number {
    return this.#answerBytes + this.#writtenBytes;
  }

  /** How many have been put together so far; what waits leaves in the next one. */
  get frames(): number {
    return this.#frames;
  }

  /** Whether anything was written, or is being written, since this was asked last. */
  spoke(): boolean {
    const spoke = this.#wroteLately || this.#writing;
    this.#wroteLately = false;
    return spoke;
  }

  /** Sends an answer: it goes out before anything that readers have to say. */
  send(item: Buffer): void {
    if (this.#closed) return;
    this.#answers.push(item);
    this.#answerBytes += item.length;
    this.#options.changed();
    this.#schedule();
  }

  /** It has something to say. */
  readonly wake = (reader: Reader): void => {
    if (reader.queued || this.#closed) return;
    reader.queued = true;
    this.#ready.push(reader);
    this.#schedule();
  };

  forget(reader: Reader): void {
    this.#ready = this.#ready.filter((ready) => ready !== reader);
    // Whatever still wakes it finds it queued already.
    reader.queued = true;
  }

  /** Tells `emptied` once what waits has been written. */
  finish(): void {
    this.#finishing = true;
    this.#schedule();
  }

  /** The transport has gone, or has to: forgets everything at once. */
  close(): void {
    this.#closed = true;
    this.#answers = [];
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing || this.#closed) return;
    this.#scheduled = true;
    this.#options.pump.schedule(this);
  }

  /** The pump's turn: one frame with the answers that wait and the next stretch of each ready reader in turn. */
  turn(): void {
    this.#scheduled = false;
    if (this.#writing || this.#closed) return;
    const frames = this.#answers;
    let size = this.#answerBytes;
    let news: Times | undefined;
    this.#answers = [];
    this.#answerBytes = 0;
    for (let turns = this.#ready.length; turns > 0 && size < frameBytes; turns--) {
      const reader = this.#ready.shift()!;
      reader.queued = false;
      const had = frames.length;
      const progress = reader.advance(frameBytes - size, frames);
      if (frames.length > had) news ??= reader.news;
      for (let index = had; index < frames.length; index++) size += frames[index]!.length;
      if (progress === "more") {
        reader.queued = true;
        this.#ready.push(reader);
      }
    }
    if (frames.length > 0) this.#write(frames.length === 1 ? frames[0]! : join(frames, size), news);
    else if (this.#ready.length > 0) this.#schedule();
    else if (this.#finishing) this.#options.emptied();
    this.#options.changed();
  }

  /** @param news of the first in it */
  #write(frame: Buffer, news: Times | undefined): void {
    const { tally } = this.#options;
    this.#writing = true;
    this.#writtenBytes = frame.length;
    this.#wroteLately = true;
    this.#frames++;
    tally.frameBytes += frame.length;
    const timed = tally.frames++ % framesPerSample === 0 ? news : undefined;
    this.#options.write(frame, () => {
      if (timed !== undefined) tally.fanOut.observe(performance.now() - timed.arrivedAt);
      this.#writing = false;
      this.#writtenBytes = 0;
      if (this.#answers.length > 0 || this.#ready.length > 0 || this.#finishing) this.#schedule();
    });
  }
}
