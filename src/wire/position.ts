// Positions and what becomes of them when the log has changed since: the table of docs/design.md, as one function.

/** The last message received. `{epoch: 0, offset: 0}`: nothing was ever received. */
export interface Position {
  epoch: number;
  offset: number;
}

/** An epoch and the offset of its first message. */
export interface EpochStart {
  epoch: number;
  first: number;
}

/** What a channel's log looks like now. A channel that was never appended to, or is gone, has no LogState. */
export interface LogState {
  /** Newest last, at least one, at most `maxEpochs`. */
  epochs: EpochStart[];
  /** First retained offset; `next` if nothing is retained. */
  first: number;
  /** The offset the next message gets. */
  next: number;
}

export type GapReason = "trimmed" | "diverged" | "reset" | "corrupt";

/** Messages that will not be delivered. `from` and `to` are inclusive, both 0 if unknown (`reset`). */
export interface Gap {
  reason: GapReason;
  from: number;
  to: number;
}

/** A cursor: the next offset to deliver, and the epoch in which that offset is meant. */
export interface Cursor {
  epoch: number;
  next: number;
}

export const nothingReceived: Position = { epoch: 0, offset: 0 };

/** How many epochs a channel remembers. */
export const maxEpochs = 16;

export const currentEpoch = (log: LogState): number => log.epochs.at(-1)!.epoch;

/** The epoch that `offset` belongs to; for an offset not yet assigned, the current one. */
export function epochAt(log: LogState, offset: number): number {
  return (log.epochs.findLast((entry) => entry.first <= offset) ?? log.epochs[0]!).epoch;
}

/**
 * The epoch that messages of `epoch` are passed on with. One that the table has forgotten counts as the oldest in it:
 * so their positions can be resumed from.
 */
export const knownEpoch = (log: LogState | undefined, epoch: number): number =>
  Math.max(epoch, log?.epochs[0]?.epoch ?? 0);

/** Position of the last message stored. */
export const head = (log: LogState | undefined): Position =>
  log === undefined ? nothingReceived : { epoch: currentEpoch(log), offset: log.next - 1 };

/** The position whose resumption delivers `offset` first. */
export const before = (log: LogState | undefined, offset: number): Position =>
  log === undefined ? nothingReceived : { epoch: epochAt(log, offset), offset: offset - 1 };

/**
 * Where reading goes on after `position`, and the gaps to announce before. Every subscriber takes this way: those
 * that resume, and live ones whenever the log under them opened a new epoch.
 */
export function resume(position: Position, log: LogState | undefined): { cursor: Cursor; gaps: Gap[] } {
  const gaps: Gap[] = [];
  if (log === undefined) {
    if (position.epoch !== 0) gaps.push({ reason: "reset", from: 0, to: 0 });
    return { cursor: { epoch: 0, next: 1 }, gaps };
  }
  let next = position.offset + 1;
  if (position.epoch === 0) {
    next = 1;
  } else {
    const index = log.epochs.findIndex((entry) => entry.epoch === position.epoch);
    if (index < 0) {
      gaps.push({ reason: "reset", from: 0, to: 0 });
      next = log.first;
    } else {
      // The offset from which on the log holds something other than what was received in this epoch.
      const end = log.epochs[index + 1]?.first ?? log.next;
      if (next > end) {
        gaps.push({ reason: "diverged", from: end, to: position.offset });
        next = end;
      }
    }
  }
  if (next < log.first) {
    gaps.push({ reason: "trimmed", from: next, to: log.first - 1 });
    next = log.first;
  }
  return { cursor: { epoch: epochAt(log, next), next }, gaps };
}

/**
 * The position after the gap `gaps[i]` of those that lead to `last`. Only after the last one is it there: whoever resumes
 * after an earlier one is still to be told the others.
 */
export function afterGap(gaps: readonly Gap[], i: number, last: Position, log: LogState | undefined): Position {
  const following = gaps[i + 1];
  return following === undefined ? last : before(log, following.from);
}

/** Adds an epoch that begins at `first`, keeping the last `maxEpochs`. Epochs are unique and ordered. */
export function openEpoch(epochs: readonly EpochStart[], first: number, nowMs: number): EpochStart[] {
  const epoch = Math.max((epochs.at(-1)?.epoch ?? 0) + 1, nowMs);
  return [...epochs, { epoch, first }].slice(-maxEpochs);
}
