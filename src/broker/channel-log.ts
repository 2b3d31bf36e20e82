// A channel as one node sees it while somebody there listens: the end of the log in memory (the tail), shared by all
// cursors, and pages read from the buffer for those that are behind it. The buffer's watch is the only source of the
// tail, so what this node's own publishers append takes the same way as what other nodes append.
import type { ReplayBuffer, Stretch, Watch } from "../buffer/buffer.js";
import type { Log } from "../log/log.js";
import { RepriseError } from "../wire/errors.js";
import { KiB } from "../wire/limits.js";
import { currentEpoch, epochAt, type LogState, nothingReceived, type Position, resume } from "../wire/position.js";
import { type Chunk, chunkOf, indexOf, sizeOf, type Times } from "./chunk.js";
import type { Cursor } from "./cursor.js";
import { Deflated, endsStretch } from "./deflated.js";
import { join } from "./framing.js";
import type { Kept, SharedMemory } from "./memory.js";
import { Pages } from "./pages.js";
import type { Rate } from "./rate.js";
import type { Happening, Recorder } from "./recorder.js";
import type { Tally } from "./tally.js";

/** How long a new epoch that the store speaks of may take to come through the watch. */
const agreeMs = 5_000;

/** Of stretches that are compressed, before that; one batch may be more. */
const compressedRoom = 64 * KiB;

export interface ChannelLogOptions {
  buffer: ReplayBuffer;
  tail: SharedMemory;
  pages: SharedMemory;
  tally: Tally;
  deflated: SharedMemory;
  recorder?: Recorder;
  /** ms of deflating, of all logs. */
  deflating: Rate;
  /** One that is sparing. */
  log: Log;
}

/** Batches in one piece. */
interface Joined {
  bytes: Buffer;
  /** The offset behind them. */
  end: number;
  /** Of the last one. */
  times: Times;
}

export class ChannelLog {
  readonly channel: string;
  readonly cursors = new Set<Cursor>();
  /** For cursors that are behind the tail. */
  readonly pages: Pages;
  /** What `resume` needs to know; `next` is never below `passed`. */
  state: LogState | undefined;
  /** Counts the times the log turned out not to continue what cursors saw. */
  generation = 0;
  /** The offset that the watch passes on next: the head, as far as this node knows. */
  passed = 1;
  /** What the watch has told of so far, and how much of it: bytes as they are stored. */
  readonly received = { messages: 0, bytes: 0 };
  readonly tally: Tally;
  /** `passed` when the recorder looked last. */
  seen = 1;

  readonly #options: ChannelLogOptions;
  #watch: Watch | undefined;
  #closed = false;
  #tail: Chunk[] = [];
  readonly #tailKept = new Map<Chunk, Kept>();
  readonly #changes = new Set<() => void>();
  #joined: (Joined & { first: Chunk; kept: Kept }) | undefined;
  #deflated: Deflated | undefined;

  constructor(channel: string, options: ChannelLogOptions) {
    this.channel = channel;
    this.#options = options;
    const { buffer, pages: memory, tally, log } = options;
    this.tally = tally;
    const isAhead = (offset: number) => offset < this.passed && indexOf(this.#tail, offset) === undefined;
    const shared = { channel, buffer, memory, tally, log };
    this.pages = new Pages({ ...shared, isAhead, chunkOf: (stretch) => this.#chunk(stretch) });
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
    this.pages.close();
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
    if (state !== undefined) this.extend(epoch(state), state.next);
  }

  /** The store has messages up to `next`, of that epoch; the watch is about to pass them on. */
  extend(epoch: number, next: number): void {
    if (this.state !== undefined && epoch === currentEpoch(this.state))
      this.state.next = Math.max(this.state.next, next);
  }

  /** Where `offset` is in memory. */
  find(offset: number): { list: Chunk[]; index: number } | undefined {
    const index = indexOf(this.#tail, offset);
    if (index !== undefined) return { list: this.#tail, index };
    return this.pages.find(offset);
  }

  /** When that message was stored, Unix ms by the store's clock; undefined: it is not in the tail. */
  storedAt(offset: number): number | undefined {
    return this.#tail[indexOf(this.#tail, offset) ?? -1]?.batch?.storedAt;
  }

  /** The first offset that was stored at or after `timeMs`, as far as the tail knows: of what has left it, none was. */
  firstStoredAfter(timeMs: number): number {
    return this.#tail.find(({ batch }) => batch !== undefined && batch.storedAt >= timeMs)?.first ?? this.passed;
  }

  /**
   * The frames from `index` on, as many whole batches of one epoch as fit into `room`, at least one, in one piece. What
   * was joined for one cursor serves the next one at the same place.
   */
  join(list: readonly Chunk[], index: number, room: number): Joined {
    const first = list[index]!;
    if (this.#joined?.first === first && this.#joined.bytes.length <= room) {
      // Nothing has come since, or what has would not make it much larger.
      if (this.#joined.end === list.at(-1)!.end || 2 * this.#joined.bytes.length > room) return this.#joined;
    }
    return this.#join(list, index, stretchAt(list, index, room));
  }

  /** The same for cursors that asked for compression, as far as the next place where they all stop. */
  compress(list: readonly Chunk[], index: number): Joined {
    const stretch = stretchAt(list, index, compressedRoom, endsStretch);
    const { end, times } = list[stretch.until - 1]!;
    this.#deflated ??= new Deflated(this.#options.deflated, this.#options.deflating);
    const plain = () => this.#join(list, index, stretch).bytes;
    return { bytes: this.#deflated.frame(list[index]!.first, end, plain), end, times };
  }

  #join(list: readonly Chunk[], index: number, { until, bytes }: { until: number; bytes: number }): Joined {
    const first = list[index]!;
    const { end, times } = list[until - 1]!;
    if (until === index + 1) return { bytes: first.frame, end, times };
    if (this.#joined?.first === first && this.#joined.end === end) return this.#joined;
    const frames = list.slice(index, until).map((chunk) => chunk.frame);
    this.#forgetJoined();
    const kept: Kept = { bytes, drop: () => this.#forgetJoined() };
    this.#joined = { first, bytes: join(frames, bytes), end, times, kept };
    this.#options.tail.keep(kept);
    return this.#joined;
  }

  #forgetJoined(): void {
    if (this.#joined !== undefined) this.#options.tail.release(this.#joined.kept);
    this.#joined = undefined;
  }

  #append(stretch: Stretch): void {
    // The beginning of a new channel, removed before the watch got there. Only what follows tells the epoch; from then
    // on it is `resume` that announces the gap.
    if (this.state === undefined && "reason" in stretch) return;
    const chunk = this.#chunk(stretch);
    if (chunk.batch !== undefined) {
      this.received.messages += chunk.batch.count;
      this.received.bytes += chunk.batch.messages.length;
    }
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
    if (state !== undefined && this.state !== undefined) {
      const { epoch, first } = state.epochs.at(-1)!;
      const about = { channel: this.channel, epoch, first, passed: this.passed };
      if (epoch !== currentEpoch(this.state)) this.#options.log.info(about, "a channel has a new epoch");
    }
    this.#options.recorder?.record(changeOf(this.channel, this.state, state));
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
    this.#tailKept.clear();
    this.pages.forget();
    this.#tail = [];
    this.#forgetJoined();
    this.#deflated?.forget();
  }

  #chunk(stretch: Stretch): Chunk {
    return chunkOf(this.channel, stretch, this.state);
  }
}

/** What has become of the log, as it is told to people. */
function changeOf(channel: string, before: LogState | undefined, state: LogState | undefined): Happening {
  const kind = "changed";
  if (state === undefined) return { kind, channel, reason: "the channel disappeared" };
  const [epoch, from, to] = [currentEpoch(state), state.first, state.next - 1];
  const isSame = before !== undefined && currentEpoch(before) === epoch;
  const reason = isSame ? `trimmed before ${from}` : `a new epoch began at ${state.epochs.at(-1)!.first}`;
  return { kind, channel, epoch, from, to, reason };
}

/** Whole batches of one epoch, at least one: those from `index` to before `until`, `bytes` in all. */
function stretchAt(list: readonly Chunk[], index: number, room: number, isLast?: (chunk: Chunk) => boolean) {
  const first = list[index]!;
  let bytes = first.frame.length;
  let until = index + 1;
  for (; until < list.length && !isLast?.(list[until - 1]!); until++) {
    const { epoch, frame, gap } = list[until]!;
    if (epoch !== first.epoch || gap !== undefined || bytes + frame.length > room) break;
    bytes += frame.length;
  }
  return { until, bytes };
}
