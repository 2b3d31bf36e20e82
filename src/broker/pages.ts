// What cursors behind the tail need: pages of the log, read from the buffer. Cursors that need the same share one read,
// and a page serves whoever comes by within a second. Where one page is begun the next is read, so that a replay does not
// wait for the buffer at the end of each.
import type { ReplayBuffer, Stretch } from "../buffer/buffer.js";
import type { Log } from "../log/log.js";
import { toRepriseError } from "../wire/errors.js";
import { KiB } from "../wire/limits.js";
import { type Chunk, indexOf, sizeOf } from "./chunk.js";
import type { Cursor } from "./cursor.js";
import type { Kept, SharedMemory } from "./memory.js";
import type { Tally } from "./tally.js";

/** How much is read from the buffer at once. */
const pageBytes = 512 * KiB;

/** Cursors no farther apart than this wait for the same read: a page holds about as many messages, unless they are large. */
const sharedOffsets = 1_000;

/**
 * How long a page serves others that need it, from its first use on (a busy node may take long to get there). After
 * that retention may have removed what it holds.
 */
const pageMs = 1_000;

/** After a read that failed or found nothing, its cursors try again after this long. */
const readRetryMs = 500;

/** What was read from the buffer at once. */
interface Page extends Kept {
  chunks: Chunk[];
  /** When it was first used, in the time of `performance.now`. Since then the page behind it is being read. */
  usedAt: number | undefined;
}

export interface PagesOptions {
  channel: string;
  buffer: ReplayBuffer;
  memory: SharedMemory;
  tally: Tally;
  /** One that is sparing. */
  log: Log;
  chunkOf: (stretch: Stretch) => Chunk;
  /** Whether this offset, behind a page, can only be had from the buffer, and is there. */
  isAhead: (offset: number) => boolean;
}

export class Pages {
  readonly #options: PagesOptions;
  readonly #pages = new Set<Page>();
  /** Cursors that wait for a read, by the offset that it begins at. */
  readonly #reads = new Map<number, Set<Cursor>>();
  readonly #retries = new Set<NodeJS.Timeout>();
  /** Counts the times the log has changed. */
  #generation = 0;
  #closed = false;

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  find(offset: number): { list: Chunk[]; index: number } | undefined {
    const now = performance.now();
    for (const page of this.#pages) {
      if (page.usedAt !== undefined && page.usedAt + pageMs < now) {
        this.#pages.delete(page);
        this.#options.memory.release(page);
        continue;
      }
      const index = indexOf(page.chunks, offset);
      if (index === undefined) continue;
      if (page.usedAt === undefined) {
        page.usedAt = now;
        this.#readAhead(page.chunks.at(-1)!.end);
      }
      return { list: page.chunks, index };
    }
    return undefined;
  }

  /**
   * Reads what `cursor` needs and wakes it.
   * @param again waiting for a read that began a little before `from` did not help: it did not get as far
   */
  fetch(from: number, cursor: Cursor, again: boolean): void {
    for (const [begin, waiting] of this.#reads) {
      if (begin === from || (!again && begin < from && from < begin + sharedOffsets)) {
        waiting.add(cursor);
        return;
      }
    }
    this.#begin(from, new Set([cursor]));
  }

  #readAhead(from: number): void {
    // Not at the cost of pages that others are waiting for.
    if (!this.#options.memory.isRoomy || !this.#options.isAhead(from) || this.#reads.has(from)) return;
    for (const page of this.#pages) if (indexOf(page.chunks, from) !== undefined) return;
    this.#begin(from, new Set());
  }

  #begin(from: number, cursors: Set<Cursor>): void {
    this.#reads.set(from, cursors);
    void this.#read(from, cursors);
  }

  /** The log has changed: what was read of it, or is being read, says nothing about the log as it is now. */
  forget(): void {
    this.#generation++;
    for (const page of this.#pages) this.#options.memory.release(page);
    this.#pages.clear();
  }

  close(): void {
    this.#closed = true;
    for (const retry of this.#retries) clearTimeout(retry);
    this.forget();
  }

  async #read(from: number, cursors: Set<Cursor>): Promise<void> {
    const generation = this.#generation;
    const { buffer, channel, tally, log, chunkOf } = this.#options;
    try {
      const { stretches } = await buffer.read(channel, from, pageBytes);
      tally.pages++;
      for (const stretch of stretches) if ("messages" in stretch) tally.pageBytes += stretch.messages.length;
      if (this.#closed) return;
      // Nothing, where there should have been something: the log is not what it was, and the watch is about to tell.
      if (stretches.length === 0) await this.#retryTime();
      else if (generation === this.#generation) this.#keep(stretches.map(chunkOf));
    } catch (thrown) {
      tally.failedReads++;
      if (this.#closed) return;
      log.warn({ channel, from, why: toRepriseError(thrown).message }, "reading from the store failed");
      await this.#retryTime();
    }
    this.#reads.delete(from);
    for (const cursor of cursors) cursor.wake(cursor);
  }

  /** Resolves when a read may be tried again; never, if the log is closed before. */
  #retryTime(): Promise<void> {
    return new Promise((resolve) => {
      const retry = setTimeout(() => {
        this.#retries.delete(retry);
        resolve();
      }, readRetryMs);
      this.#retries.add(retry);
    });
  }

  #keep(chunks: Chunk[]): void {
    const page: Page = {
      chunks,
      usedAt: undefined,
      bytes: sizeOf(chunks),
      drop: () => void this.#pages.delete(page),
    };
    this.#pages.add(page);
    this.#options.memory.keep(page);
  }
}
