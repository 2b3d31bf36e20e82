// What became of a channel's log, as far as it can be known when all logs are read: where each epoch took the place of what
// had stood there, what stood in the log at the end of each, and what took the place of what.
import { type ChannelLog, type Entry, isSame, type Placed, type Told } from "./channel-log.js";
import type { Sent } from "./sent.js";

export interface Stretch extends Told {
  /**
   * From here on it holds something else than what was there before. Of very old epochs nobody remembers the name: what is
   * told of them under this one's lies in front of it, or is the same.
   */
  start: number;
  /** Nothing of it that nobody was told of can stand in front of `start`. */
  isCertain: boolean;
  /** When the last of its messages that is known was sent, ms since the beginning of the run: it was alive then. */
  lastSent: number;
}

export interface Lineage {
  /** Oldest first. */
  readonly stretches: readonly Stretch[];
  of(epoch: number): Stretch | undefined;
  /** What stood at the offset at the end of the epoch. */
  standing(epoch: number, offset: number): Placed | undefined;
  /** The first epoch, of those up to `by`, that took the place of what stood at the offset at the end of the epoch. */
  successor(epoch: number, offset: number, by?: number): Stretch | undefined;
  /**
   * Whether the channel may not have known the epoch any more, of which somebody had the position at the offset.
   * @param at ms since the beginning of the run
   */
  isForgotten(epoch: number, offset: number, at: number): boolean;
}

/** A channel remembers 16 epochs, and the newest ones nobody may have been told of yet. */
const remembered = 12;

export function createLineage(log: ChannelLog, sent: Sent): Lineage {
  const stretches: Stretch[] = [];
  const byEpoch = new Map<number, Stretch>();
  /** The last offset of the log, after the stretches so far. */
  let end = 0;

  /** Among the first so many stretches. */
  function find(count: number, offset: number): Placed | undefined {
    for (let i = count - 1; i >= 0; i--) {
      const { epoch, start } = stretches[i]!;
      const entry = log.at(epoch, offset);
      if (entry !== undefined) return { epoch, offset, ...entry };
      if (start <= offset) return undefined;
    }
    return undefined;
  }

  function startOf({ epoch, first, last }: Told): number {
    for (let offset = first; offset <= Math.min(end, last); offset++) {
      const now = log.at(epoch, offset);
      const before = now && find(stretches.length, offset);
      if (now !== undefined && before !== undefined && !isSame(now, before)) return offset;
    }
    return Math.max(first, end + 1);
  }

  function lastSentIn(epoch: number): number {
    let latest = 0;
    for (const { publisher, n } of log.of(epoch)) {
      if (publisher !== 0) latest = Math.max(latest, sent.find(publisher, n)?.at ?? 0);
    }
    return latest;
  }

  for (const told of log.epochs) {
    const start = startOf(told);
    const isCertain = told.joined !== undefined && told.joined <= start;
    const stretch = { ...told, start, isCertain, lastSent: lastSentIn(told.epoch) };
    stretches.push(stretch);
    byEpoch.set(told.epoch, stretch);
    if (start <= told.last) end = told.last;
  }

  /** The lowest `start` of all that are later, by epoch: most messages were never replaced. */
  const lowest = new Map<number, number>();
  stretches.reduceRight((least, { epoch, start }) => {
    lowest.set(epoch, least);
    return Math.min(least, start);
  }, Number.POSITIVE_INFINITY);

  const standing = (epoch: number, offset: number) =>
    find(stretches.findLastIndex((stretch) => stretch.epoch <= epoch) + 1, offset);

  return {
    stretches,
    of: (epoch) => byEpoch.get(epoch),
    standing,
    successor(epoch, offset, by = Number.POSITIVE_INFINITY) {
      if ((lowest.get(epoch) ?? 0) > offset) return undefined;
      const then: Entry | undefined = log.at(epoch, offset) ?? standing(epoch, offset);
      return stretches.find((later) => {
        if (later.epoch <= epoch || later.epoch > by || later.start > offset) return false;
        const now = log.at(later.epoch, offset);
        return now === undefined || then === undefined || !isSame(now, then);
      });
    },
    isForgotten(epoch, offset, at) {
      const own = byEpoch.get(epoch);
      const later = stretches.filter((stretch) => stretch.epoch > epoch);
      if (own === undefined || later.filter(({ toldAt }) => toldAt <= at).length >= remembered) return true;
      // Without its beginning it is not in the channel's table.
      return later.some(({ start, isCertain }) => start <= (isCertain ? own.start : Math.max(own.start, offset)));
    },
  };
}
