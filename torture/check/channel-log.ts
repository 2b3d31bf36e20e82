// What is known of a channel's log: for each epoch, which message stands at which offset, by whatever process that was
// told. About 20 bytes for each message and nothing for each delivery, so that millions of lines need little memory.
// A position is filled by whoever tells of it first; whoever says something else later contradicts.

/** A message at a position. `publisher` and `ackedAt` 0: not known. */
export interface Entry {
  /** Number of the publisher, from 1. */
  publisher: number;
  n: number;
  /** 0: not known. */
  hash: number;
  /** ms since the beginning of the run, at least 1. */
  ackedAt: number;
}

interface Chunk {
  publishers: Uint32Array;
  ns: Uint32Array;
  hashes: Float64Array;
  ackedAt: Uint32Array;
}

interface Epoch {
  chunks: Map<number, Chunk>;
  first: number;
  last: number;
}

export interface Placed extends Entry {
  epoch: number;
  offset: number;
}

export interface ChannelLog {
  /** Says what contradicts it, undefined if nothing does. Unknown parts of an entry contradict nothing. */
  tell(epoch: number, offset: number, entry: Entry): Entry | undefined;
  at(epoch: number, offset: number): Entry | undefined;
  /**
   * Whether a later epoch than `epoch` has taken the place of what stood at the offset, and by other content: by the end, or
   * by the epoch `by`.
   */
  isGone(epoch: number, offset: number, by?: number): boolean;
  /** Of the last epoch; 0 if there is none. */
  readonly head: { epoch: number; offset: number };
  /** The largest offset of all epochs. */
  readonly highest: number;
  /** What stands in the log in the end, as far as it is known: in the order of the offsets, each once. */
  surviving(): Generator<Placed>;
  /** Everything, also what is gone. */
  everything(): Generator<Placed>;
}

const chunkSize = 4_096;

export function createChannelLog(): ChannelLog {
  const epochs = new Map<number, Epoch>();
  let sorted: { epoch: number; log: Epoch }[] | undefined;
  /** Newest last. */
  const inOrder = () => {
    sorted ??= [...epochs].map(([epoch, log]) => ({ epoch, log })).sort((a, b) => a.epoch - b.epoch);
    return sorted;
  };
  const at = (epoch: number, offset: number): Entry | undefined => {
    const log = epochs.get(epoch);
    return log && entryAt(log, offset);
  };

  function place(epoch: number, offset: number): Chunk {
    let log = epochs.get(epoch);
    if (log === undefined) {
      log = { chunks: new Map(), first: offset, last: offset };
      epochs.set(epoch, log);
      sorted = undefined;
    }
    log.first = Math.min(log.first, offset);
    log.last = Math.max(log.last, offset);
    const number = Math.floor(offset / chunkSize);
    let chunk = log.chunks.get(number);
    if (chunk === undefined) {
      chunk = {
        publishers: new Uint32Array(chunkSize),
        ns: new Uint32Array(chunkSize),
        hashes: new Float64Array(chunkSize),
        ackedAt: new Uint32Array(chunkSize),
      };
      log.chunks.set(number, chunk);
    }
    return chunk;
  }

  /** Of those later than `epoch` that begin at or before the offset, the latest. */
  const successor = (epoch: number, offset: number, by: number) =>
    inOrder().findLast((later) => later.epoch > epoch && later.epoch <= by && later.log.first <= offset);

  return {
    tell(epoch, offset, { publisher, n, hash, ackedAt }) {
      const before = at(epoch, offset);
      const chunk = place(epoch, offset);
      const i = offset % chunkSize;
      if (publisher !== 0) {
        if (before !== undefined && before.publisher !== 0 && (before.publisher !== publisher || before.n !== n)) {
          return before;
        }
        chunk.publishers[i] = publisher;
        chunk.ns[i] = n;
      }
      if (hash !== 0) {
        if (before !== undefined && before.hash !== 0 && before.hash !== hash) return before;
        chunk.hashes[i] = hash;
      }
      if (ackedAt !== 0) chunk.ackedAt[i] = ackedAt;
      return undefined;
    },
    at,
    isGone(epoch, offset, by = Number.POSITIVE_INFINITY) {
      const later = successor(epoch, offset, by);
      if (later === undefined) return false;
      // Of very old epochs nobody remembers the name: then a later one has the same message in the same place.
      const now = entryAt(later.log, offset);
      const then = at(epoch, offset);
      return now === undefined || then === undefined || !isSame(now, then);
    },
    get head() {
      const newest = inOrder().at(-1);
      return newest === undefined ? { epoch: 0, offset: 0 } : { epoch: newest.epoch, offset: newest.log.last };
    },
    get highest() {
      return inOrder().reduce((highest, { log }) => Math.max(highest, log.last), 0);
    },
    *surviving() {
      const list = inOrder();
      const newest = list.at(-1);
      if (newest === undefined) return;
      const first = Math.min(...list.map(({ log }) => log.first));
      for (let offset = first; offset <= newest.log.last; offset++) {
        const owner = list.findLast(({ log }) => log.first <= offset)!;
        const entry = entryAt(owner.log, offset);
        if (entry !== undefined) yield { epoch: owner.epoch, offset, ...entry };
      }
    },
    *everything() {
      for (const { epoch, log } of inOrder()) {
        for (let offset = log.first; offset <= log.last; offset++) {
          const entry = entryAt(log, offset);
          if (entry !== undefined) yield { epoch, offset, ...entry };
        }
      }
    },
  };
}

/** As far as both are known. */
function isSame(a: Entry, b: Entry): boolean {
  if (a.publisher !== 0 && b.publisher !== 0) return a.publisher === b.publisher && a.n === b.n;
  return a.hash === b.hash;
}

function entryAt({ chunks }: Epoch, offset: number): Entry | undefined {
  const chunk = chunks.get(Math.floor(offset / chunkSize));
  if (chunk === undefined) return undefined;
  const i = offset % chunkSize;
  const entry = {
    publisher: chunk.publishers[i]!,
    n: chunk.ns[i]!,
    hash: chunk.hashes[i]!,
    ackedAt: chunk.ackedAt[i]!,
  };
  return entry.publisher === 0 && entry.hash === 0 ? undefined : entry;
}
