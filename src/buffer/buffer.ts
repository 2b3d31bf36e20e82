/**
 * The buffer's contract: what the broker may count on, whichever implementation stands behind it. The suite in
 * test/buffer/contract.ts runs over every implementation; one is done when it passes.
 *
 * **Offsets.** A channel's messages have the offsets 1, 2, 3, … without holes; an offset is never given twice inside
 * one epoch. A new epoch opens at the next offset whenever the buffer cannot prove that its log continues what
 * readers may have seen (position.ts says what follows from that).
 *
 * **Lifetime of a channel.** The first append creates it. Nothing else does: `state`, `read` and `watch` of a channel
 * that does not exist leave no trace. It disappears whole when it was not appended to for its retention age; created
 * again later it starts at offset 1 in a new, higher epoch.
 *
 * **Failures.** A method rejects with RepriseError. `buffer_unavailable`: the store cannot be reached or did not
 * answer in time; for `append` the outcome is then unknown, and appending the same runs again is safe. `buffer_full`:
 * nothing was stored. `closed`: after `close()`. Nothing else is thrown, and no failure of one channel touches another.
 */
import type { AckLevel } from "../wire/ack-level.js";
import type { Gap, LogState } from "../wire/position.js";
import type { Retention } from "./retention.js";
import type { RetentionRules } from "./rules.js";

/**
 * Consecutive messages of one producer. `messages` are `count` elements of `Batch.messages`, encoded
 * (wire/batch.ts): they are stored and read back byte by byte.
 */
export interface Run {
  /** 1 to 88 of A-Z a-z 0-9 _ - */
  producer: string;
  /** Number of the first message, per (channel, producer): 1, 2, 3, … */
  sequence: number;
  count: number;
  messages: Buffer;
}

/**
 * What became of a run. `count` is always fully accounted for: duplicates + stored, or refused as a whole.
 * - `stored`: the first `duplicates` messages had been stored by an earlier append, at `duplicateOffset` and the
 *   offsets that follow it (0: their place in the log can no longer be found); the others were stored now, from
 *   `offset` on. `duplicates` is 0 for a new run and `count` for one stored before, which has no `offset` (0).
 * - `skipped`: the sequence skips ahead; nothing of the run was stored; `expected` is the number that would be
 *   accepted. For a producer the channel does not know, or no longer knows, `expected` is 1.
 */
export type RunOutcome =
  | {
      kind: "stored";
      duplicates: number;
      duplicateEpoch: number;
      duplicateOffset: number;
      epoch: number;
      offset: number;
    }
  | { kind: "skipped"; expected: number };

/** Messages as they were stored together. */
export interface StoredBatch {
  epoch: number;
  /** Offset of the first message. */
  first: number;
  count: number;
  /** Unix ms by the store's clock, never falling inside an epoch. */
  storedAt: number;
  /** Encoded elements of `Batch.messages`. */
  messages: Buffer;
}

/** A stretch of the log: messages, or a gap where there are none to be had (`trimmed` or `corrupt`). */
export type Stretch = StoredBatch | Gap;

export interface Page {
  /**
   * Without holes from the offset asked for on: each stretch begins where the one before it ended. The first batch
   * may begin before the offset asked for (batches are not cut). Empty: nothing is stored there yet.
   */
  stretches: Stretch[];
  /** True: nothing lay behind the last stretch at the time of reading. */
  end: boolean;
}

export interface ChannelState extends LogState {
  /** Bytes of the retained batches' messages, exact to a batch. */
  bytes: number;
}

export interface Watcher {
  /**
   * What is appended, by whichever node: in order, without holes, each once, beginning at the `next` of the state
   * that `watch` answered (1 if there was none). A hole is filled by reading before anything behind it is passed on.
   */
  stretch(stretch: Stretch): void;
  /**
   * The log is no longer what it was: it opened a new epoch, its beginning was trimmed by `trim`, or the channel disappeared
   * (undefined). That of a trim may get lost. Called before any stretch of the new epoch; for the first epoch of a channel that did not exist it may
   * be left out. The next stretch begins where `resume`
   * (wire/position.ts) says, given the position of the last message passed on and `state`; for a channel that
   * disappeared, at offset 1.
   */
  changed(state: ChannelState | undefined): void;
}

export interface Watch {
  /** The state from which on the watcher is told everything. */
  state: ChannelState | undefined;
  close(): void;
}

/** Whether a channel may be named. */
export type Admits = (channel: string) => boolean;

export interface ChannelPage {
  channels: string[];
  /** Where the next page begins; undefined: this was the last. */
  token: string | undefined;
}

/** That what others append gets here: the node tells itself something by the same way, once a second. */
export interface Echo {
  /** When it was last heard, in the time of `performance.now`; undefined: not yet. */
  readonly heardAt: number | undefined;
  /** From telling to hearing. */
  readonly roundTripMs: number;
}

export interface ReplayBuffer {
  /** For people: what and where it is, without secrets. */
  readonly description: string;
  /**
   * What an append that was answered survives, on single channels perhaps more. One that is stored but does not get so far
   * in time rejects with `buffer_unavailable`, and repeated it is answered only when what had been stored before has got
   * so far. Reads and watchers do not wait for it.
   */
  readonly ackLevel: AckLevel;

  /**
   * False while the store cannot be asked: appends wait or fail, watchers are told nothing. For that reason alone
   * nothing is lost. It may be noticed some seconds late.
   */
  readonly available: boolean;
  /** Calls `tell` after each change of `available`. Returns what ends that. */
  onAvailable(tell: () => void): () => void;

  /** Undefined: watchers are told within this process, there is no way on which something could get lost. */
  readonly echo: Echo | undefined;
  /**
   * Resolves if an append would be stored now, at the buffer's ack level, as far as can be found out without a channel:
   * something is written that does not stay. Rejects as an append would, in a few seconds.
   */
  probe(): Promise<void>;

  /** How much a channel keeps, at the moment. */
  retention(channel: string): Retention;

  /**
   * Atomically assigns offsets to what is new in `runs`, in their order, stores it as one batch, and trims by
   * retention. Answers one outcome per run, in order, after what the buffer's durability promises is done.
   * A refused run does not touch the others. For each (channel, producer) the last sequence and its offset are kept,
   * for at least the 5,000 producers of a channel that appended last.
   */
  append(channel: string, runs: readonly Run[]): Promise<RunOutcome[]>;

  /**
   * The log from `from` (≥ 1) on, about `maxBytes` of it, at least one stretch if there is one. A `from` that is no
   * longer retained begins with a `trimmed` gap. Other channels do not wait for it.
   */
  read(channel: string, from: number, maxBytes: number): Promise<Page>;

  /** Undefined for a channel that does not exist. */
  state(channel: string): Promise<ChannelState | undefined>;

  /**
   * Follows a channel until closed. Survives the store's restarts; what was missed meanwhile is read from the log. The
   * watcher may be called before the promise has resolved.
   */
  watch(channel: string, watcher: Watcher): Promise<Watch>;

  /**
   * Removes what lies before `before` (≥ 1), whole batches, and nothing else: what is left begins with the batch that holds
   * `before`, or is nothing if there is none. Offsets, epochs and sequences go on as if retention had done it. Answers the
   * state after that; undefined for a channel that does not exist.
   */
  trim(channel: string, before: number): Promise<ChannelState | undefined>;

  /**
   * Lets a channel disappear whole, as at the end of its age. Answers whether it existed. Where its outcome is unknown
   * (`buffer_unavailable`), it may be repeated.
   */
  delete(channel: string): Promise<boolean>;

  /** Rules of retention that were set while the store was in use, shared by all that use it and kept by it. */
  readonly rules: RetentionRules;

  /**
   * Existing channels whose names begin with `prefix`, about `limit` a page, each at least once over all pages.
   * @param admits those that are asked for; default: all. Neither pages nor tokens tell of the others
   */
  channels(prefix: string, token: string | undefined, limit: number, admits?: Admits): Promise<ChannelPage>;

  /** Waits for what is under way, then releases everything. Idempotent. */
  close(): Promise<void>;
}
