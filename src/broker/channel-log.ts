// A channel as one node sees it while somebody there listens: the end of the log in memory (the tail), shared by all
// cursors, and pages read from the buffer for those that are behind it. The buffer's watch is the only source of the
// tail, so what this node's own publishers append takes the same way as what other nodes append.
import type { ReplayBuffer, StoredBatch, Stretch, Watch } from "../buffer/buffer.js";
import { encodeBatch } from "../wire/batch.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { KiB } from "../wire/limits.js";
import {
  currentEpoch,
  epochAt,
  type Gap,
  knownEpoch,
  type LogState,
  nothingReceived,
  type Position,
  resume,
} from "../wire/position.js";
import { encodeGap } from "../wire/server-frame.js";
import type { Cursor } from "./cursor.js";
import type { Kept, SharedMemory } from "./memory.js";

/** Consecutive offsets `first` ≤ … < `end`, encoded once, the same bytes for every subscriber. */
export type Chunk = { first: number; end: number; epoch: number; frame: Buffer } & (
  | { batch: StoredBatch; gap?: undefined }
  | { gap: Gap; batch?: undefined }
);

/** How much is read from the buffer at once for cursors that are behind the tail. */
const pageBytes = 512 * KiB;

/** Cursors no farther apart than this wait for the same read: a page holds about as many messages, unless they are large. */
const sharedOffsets = 1_000;

/**
 * How long a page serves others that need it, from its first use on (a busy node may take long to get there). After
 * that retention may have removed what it holds.
 */
const pageMs = 1_000;

/** How long a new epoch that the store speaks of may take to come through the watch. */
const agreeMs = 5_000;

/** What an object in memory costs beside its bytes, roughly. */
const chunkOverhead = 256;

/** After a read that failed or found nothing, its cursors try again after this long. */
const readRetryMs = 500;

/** What was read from the buffer at once. */
interface KeptPage extends Kept {
  chunks: Chunk[];
  /** When it was first used, in the time of `performance.now`. */
  usedAt: number | undefined;
}

export interface ChannelLogOptions {
  buffer: ReplayBuffer;
  tail: SharedMemory;
  pages: SharedMemory;
  log: (line: string) => void;
}

export class ChannelLog {
  readonly channel: string;
  readonly cursors = new Set<Cursor>();
  /** What `resume` needs to know; `next` is never below `passed`. */
  state: LogState | undefined;
  /** Counts the times the log turned out not to continue what cursors saw. */
  generation = 0;
  /** The offset that the watch passes on next: the head, as far as this node knows. */
  passed = 1;

  readonly #options: ChannelLogOptions;
  #watch: Watch | undefined;
  #closed = false;
  #tail: Chunk[] = [];
  readonly #tailKept = new Map<Chunk, Kept>();
  readonly #pages = new Set<KeptPage>();
  readonly #reads = new Map<number, Set<Cursor>>();
  readonly #changes = new Set<() => void>();
  readonly #retries = new Set<NodeJS.Timeout>();
  #joined: { first: Chunk; last: Chunk; bytes: Buffer; end: number; kept: Kept } | undefined;

  constructor(channel: string, options: ChannelLogOptions) {
    this.channel = channel;
    this.#options = options;
  }

  /** Position of the last message that cursors can get to. */
  get head(): Position {
    if (this.state === undefined) return nothingReceived;
    return { epoch: epochAt(this.state, this.passed), offset: this.passed - 1 };
  }

  /** Begins to follow the channel. Called once, before anything else. */
  async open(): Promise<void> {
    const early: (() => void)[] = [];
    let told = (event: () => void): void => void early.push(event);
    this.#watch = await this.#options.buffer.watch(this.channel, {
      stretch: (stretch) => told(() => this.#append(stretch)),
      changed: (state) => told(() => this.#change(state)),
    });
    const { state } = this.#watch;
    this.state = state && { ...state };
    this.passed = state?.next ?? 1;
    told = (event) => event();
    for (const event of early) event();
    if (this.#closed) this.#watch.close();
  }

  close(): void {
    this.#closed = true;
    this.#watch?.close();
    for (const retry of this.#retries) clearTimeout(retry);
    this.#forget();
    this.#tellChange();
  }

  /**
   * Makes sure that this log knows at least what the store said just now.
   * @throws RepriseError `buffer_unavailable` if the watch does not tell of a new epoch in time
   */
  async agree(state: LogState | undefined): Promise<void> {
    const epoch = (log: LogState | undefined) => (log === undefined ? 0 : currentEpoch(log));
    let deadline: AbortSignal | undefined;
    while (epoch(this.state) < epoch(state) || (state === undefined && this.state !== undefined)) {
      deadline ??= AbortSignal.timeout(agreeMs);
      if (this.#closed || deadline.aborted) {
        throw new RepriseError("buffer_unavailable", `${this.channel}: the buffer's watch lags behind its state`);
      }
      await new Promise<void>((resolve) => {
        this.#changes.add(resolve);
        deadline?.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    if (state !== undefined && epoch(this.state) === epoch(state)) {
      this.state!.next = Math.max(this.state!.next, state.next);
    }
  }

  /** Where `offset` is in memory. */
  find(offset: number): { list: Chunk[]; index: number } | undefined {
    const index = indexOf(this.#tail, offset);
    if (index !== undefined) return { list: this.#tail, index };
    const now = performance.now();
    for (const page of this.#pages) {
      if (page.usedAt !== undefined && page.usedAt + pageMs < now) {
        this.#pages.delete(page);
        this.#options.pages.release(page);
        continue;
      }
      const index = indexOf(page.chunks, offset);
      if (index === undefined) continue;
      page.usedAt ??= now;
      return { list: page.chunks, index };
    }
    return undefined;
  }

  /**
   * The frames from `index` on, as many whole ones of one epoch as fit into `room`, at least one, in one piece. What
   * was joined for one cursor serves the next one at the same place.
   */
  join(list: readonly Chunk[], index: number, room: number): { bytes: Buffer; end: number } {
    const first = list[index]!;
    let bytes = first.frame.length;
    let until = index + 1;
    for (; until < list.length; until++) {
      const { epoch, frame } = list[until]!;
      if (epoch !== first.epoch || bytes + frame.length > room) break;
      bytes += frame.length;
    }
    const last = list[until - 1]!;
    if (last === first) return { bytes: first.frame, end: first.end };
    if (this.#joined?.first !== first || this.#joined.last !== last) {
      const frames = list.slice(index, until).map((chunk) => chunk.frame);
      this.#forgetJoined();
      const kept: Kept = { bytes, drop: () => this.#forgetJoined() };
      this.#joined = { first, last, bytes: Buffer.concat(frames, bytes), end: last.end, kept };
      this.#options.tail.keep(kept);
    }
    return this.#joined;
  }

  #forgetJoined(): void {
    if (this.#joined !== undefined) this.#options.tail.release(this.#joined.kept);
    this.#joined = undefined;
  }

  /**
   * Reads what `cursor` needs and wakes it; cursors that need the same share one read.
   * @param again waiting for a read that began a little before `from` did not help: it did not get as far
   */
  fetch(from: number, cursor: Cursor, again: boolean): void {
    for (const [begin, waiting] of this.#reads) {
      if (begin === from || (!again && begin < from && from < begin + sharedOffsets)) {
        waiting.add(cursor);
        return;
      }
    }
    const cursors = new Set([cursor]);
    this.#reads.set(from, cursors);
    void this.#read(from, cursors);
  }

  async #read(from: number, cursors: Set<Cursor>): Promise<void> {
    const { generation } = this;
    try {
      const { stretches } = await this.#options.buffer.read(this.channel, from, pageBytes);
      if (this.#closed) return;
      if (stretches.length === 0) {
        // There should have been something: the log is not what it was, and the watch is about to tell.
        await this.#retryTime();
      } else if (generation === this.generation) {
        // A page of a log that has changed since says nothing about the log as it is now.
        this.#keepPage(stretches.map((stretch) => this.#chunk(stretch)));
      }
    } catch (thrown) {
      if (this.#closed) return;
      this.#options.log(`reading ${this.channel} from ${from} failed: ${toRepriseError(thrown).message}`);
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

  #keepPage(chunks: Chunk[]): void {
    const page: KeptPage = {
      chunks,
      usedAt: undefined,
      bytes: sizeOf(chunks),
      drop: () => void this.#pages.delete(page),
    };
    this.#pages.add(page);
    this.#options.pages.keep(page);
  }

  #append(stretch: Stretch): void {
    const chunk = this.#chunk(stretch);
    this.passed = chunk.end;
    if (this.state === undefined) {
      // The first message of a channel that did not exist.
      this.state = { epochs: [{ epoch: chunk.epoch, first: chunk.first }], first: chunk.first, next: chunk.end };
      this.#tellChange();
    }
    this.state.next = Math.max(this.state.next, chunk.end);
    const kept: Kept = { bytes: sizeOf([chunk]), drop: () => this.#dropOldest(chunk) };
    this.#tail.push(chunk);
    this.#tailKept.set(chunk, kept);
    this.#options.tail.keep(kept);
    this.#wakeAll();
  }

  #change(state: LogState | undefined): void {
    const { cursor } = resume(this.head, state);
    this.generation++;
    this.state = state && { ...state };
    this.passed = cursor.next;
    this.#forget();
    this.#wakeAll();
    this.#tellChange();
  }

  #tellChange(): void {
    for (const resolve of this.#changes) resolve();
    this.#changes.clear();
  }

  #wakeAll(): void {
    for (const cursor of this.cursors) cursor.wake(cursor);
  }

  #dropOldest(chunk: Chunk): void {
    this.#tailKept.delete(chunk);
    // The bound drops what was kept first, and the tail is in that order.
    if (this.#tail[0] === chunk) this.#tail.shift();
  }

  #forget(): void {
    for (const kept of this.#tailKept.values()) this.#options.tail.release(kept);
    for (const page of this.#pages) this.#options.pages.release(page);
    this.#tailKept.clear();
    this.#pages.clear();
    this.#tail = [];
    this.#forgetJoined();
  }

  #chunk(stretch: Stretch): Chunk {
    if (!("reason" in stretch)) {
      const { first, count } = stretch;
      const epoch = knownEpoch(this.state, stretch.epoch);
      const batch = { ...stretch, epoch };
      const frame = encodeBatch(this.channel, batch, stretch.messages);
      batch.messages = frame.subarray(frame.length - stretch.messages.length);
      return { first, end: first + count, epoch, frame, batch };
    }
    const { from, to } = stretch;
    const epoch = this.state === undefined ? 0 : epochAt(this.state, to + 1);
    const frame = encodeGap(this.channel, stretch, { epoch, offset: to });
    return { first: from, end: to + 1, epoch, frame, gap: stretch };
  }
}

const sizeOf = (chunks: readonly Chunk[]): number =>
  chunks.reduce((sum, chunk) => sum + chunk.frame.length + chunkOverhead, 0);

/** Index of the chunk that holds `offset`; chunks follow each other without holes. */
function indexOf(chunks: readonly Chunk[], offset: number): number | undefined {
  let low = 0;
  let high = chunks.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const chunk = chunks[middle]!;
    if (offset < chunk.first) high = middle - 1;
    else if (offset >= chunk.end) low = middle + 1;
    else return middle;
  }
  return undefined;
}
