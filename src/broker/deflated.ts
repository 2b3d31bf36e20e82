// Stretches of a channel's log, deflated once for all cursors that asked for it and come by the same place: sessions at the
// head in the same turn, late joiners one after the other.
//
// Deflating is done at once and not by a thread of the pool: what starting a job and hearing of its end costs the event loop
// is about what deflating 64 KiB of JSON costs, and a cursor never has to wait (docs/performance.md). So a turn of the
// pump takes longer by 0.1 to 0.5 ms; after a few of them the pump lets go of the event loop as ever.
//
// Sharing needs cursors that stop at the same places. Those that are behind are at as many places as there are cursors, and
// each has room for another number of messages. So where a stretch ends is a matter of the log and not of the cursor: it
// depends on the chunk that it ends with and on nothing else, as in content-defined chunking (Muthitacharoen et al., A
// Low-bandwidth Network File System, 2001). A cursor that begins anywhere is in step with all others at the next such end.
import { encodeCompressed, largestCompressed, smallestCompressed } from "../wire/compressed.js";
import { KiB } from "../wire/limits.js";
import type { Chunk } from "./chunk.js";
import type { Kept, SharedMemory } from "./memory.js";
import type { Rate } from "./rate.js";

/** Bytes from one end of a stretch to the next, on average; it may be several times as much. */
const meanStretchBytes = 24 * KiB;

/** 2^32 divided by the golden ratio: multiples of it, modulo 2^32, are spread evenly. */
const golden = 0x9e3779b1;

/** Whether stretches end with this chunk: as likely as it is large. */
export const endsStretch = ({ end, frame }: Chunk): boolean =>
  (Math.imul(end, golden) >>> 0) / 2 ** 32 < frame.length / meanStretchBytes;

/**
 * How many ms of a second the node deflates at most. Cursors that are farther apart than what is kept share nothing, and a
 * hundred of them would take all its time; what is beyond that goes as it is.
 */
export const deflatingMsPerSecond = 250;

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
  readonly #effort: Rate;
  /** By the offset that they begin at. */
  readonly #entries = new Map<number, Entry>();
  /** How many stretches are let pass before the next one is tried. */
  #passes = 0;
  /** And after the next failure. */
  #nextPasses = 1;

  /** @param effort ms of deflating, of all logs */
  constructor(memory: SharedMemory, effort: Rate) {
    this.#memory = memory;
    this.#effort = effort;
  }

  /**
   * The frame of the messages `first` ≤ … < `end`, smaller if that pays.
   * @param plain makes it as it is
   */
  frame(first: number, end: number, plain: () => Buffer): Buffer {
    const known = this.#entries.get(first);
    if (known?.end === end) return known.deflated ?? plain();
    const frame = plain();
    if (frame.length < smallestCompressed || frame.length > largestCompressed) return frame;
    const begun = performance.now();
    if (this.#effort.waitMs(begun) > 0) return frame;
    const deflated = this.#deflate(frame);
    this.#effort.take(performance.now() - begun, begun);
    const dropped = () => {
      if (this.#entries.get(first) === fresh) this.#entries.delete(first);
    };
    const fresh: Entry = { end, deflated, bytes: overhead + (deflated?.length ?? 0), drop: dropped };
    if (known !== undefined) this.#memory.release(known);
    this.#entries.set(first, fresh);
    this.#memory.keep(fresh);
    return deflated ?? frame;
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
