// Stretches of a channel's log, deflated once for all cursors that asked for it and come by the same place: sessions at the
// head in the same turn, late joiners one after the other.
//
// Deflating is done at once and not by a thread of the pool: what starting a job and hearing of its end costs the event loop
// is about what deflating 64 KiB of JSON costs, and a cursor never has to wait (docs/performance.md). So a turn of the
// pump takes longer by 0.1 to 0.5 ms; after a few of them the pump lets go of the event loop as ever.
import { encodeCompressed, largestCompressed, smallestCompressed } from "../wire/compressed.js";
import type { Kept, SharedMemory } from "./memory.js";

/** What has been decided for a stretch. */
interface Entry extends Kept {
  end: number;
  /** Undefined: it goes as it is. */
  deflated: Buffer | undefined;
}

/** What an entry takes beside its bytes, roughly. */
const overhead = 128;

/** Where content does not compress, no more than every 64th stretch is tried. */
const mostPasses = 63;

export class Deflated {
  readonly #memory: SharedMemory;
  /** By the offset that they begin at. */
  readonly #entries = new Map<number, Entry>();
  /** How many stretches are let pass before the next one is tried. */
  #passes = 0;
  /** And after the next failure. */
  #nextPasses = 1;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** The frame of the messages `first` ≤ … < `end`, smaller if that pays. */
  frame(first: number, end: number, frame: Buffer): Buffer {
    if (frame.length < smallestCompressed || frame.length > largestCompressed) return frame;
    let entry = this.#entries.get(first);
    if (entry?.end !== end) {
      const deflated = this.#deflate(frame);
      const dropped = () => {
        if (this.#entries.get(first) === fresh) this.#entries.delete(first);
      };
      const fresh: Entry = { end, deflated, bytes: overhead + (deflated?.length ?? 0), drop: dropped };
      if (entry !== undefined) this.#memory.release(entry);
      this.#entries.set(first, fresh);
      this.#memory.keep(fresh);
      entry = fresh;
    }
    return entry.deflated ?? frame;
  }

  #deflate(frame: Buffer): Buffer | undefined {
    if (this.#passes > 0) {
      this.#passes--;
      return undefined;
    }
    const deflated = encodeCompressed(frame);
    if (deflated !== undefined) this.#nextPasses = 1;
    else {
      this.#passes = this.#nextPasses;
      this.#nextPasses = Math.min(mostPasses, 2 * this.#nextPasses + 1);
    }
    return deflated;
  }

  /** The log has changed: its offsets mean other messages. */
  forget(): void {
    for (const entry of this.#entries.values()) this.#memory.release(entry);
    this.#entries.clear();
  }
}
