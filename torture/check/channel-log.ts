// What is known of a channel's log: for each epoch, which message stands at which offset, by whatever process that was
// told. About 20 bytes for each message and nothing for each delivery, so that millions of lines need little memory.
// A position is filled by whoever tells of it first; whoever says something else later contradicts. What that makes of the
// channel, when all is told, is its lineage (lineage.ts).

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
  toldAt: number;
  joined: number | undefined;
}

/** What was told of an epoch. */
export interface Told {
  epoch: number;
  /** Offsets. */
  first: number;
  last: number;
  /** When anybody was told of it first, ms since the beginning of the run: it was there by then. */
  toldAt: number;
  /** The lowest offset from which on somebody was given it right behind what came before. */
  joined: number | undefined;
}

export interface Placed extends Entry {
  epoch: number;
  offset: number;
}

export interface ChannelLog {
  /** Says what contradicts it, undefined if nothing does. Unknown parts of an entry contradict nothing. */
  tell(epoch: number, offset: number, entry: Entry, at: number): Entry | undefined;
  /** Somebody who had all before it was given the epoch from this offset on. */
  join(epoch: number, offset: number): void;
  at(epoch: number, offset: number): Entry | undefined;
  /** Oldest first. */
  readonly epochs: readonly Told[];
  /** Of the last epoch; 0 if there is none. */
  readonly head: { epoch: number; offset: number };
  /** The largest offset of all epochs. */
  readonly highest: number;
  /** What was told of one epoch. */
  of(epoch: number): Generator<Placed>;
  /** Everything, also what is gone. */
  everything(): Generator<Placed>;
}

const chunkSize = 4_096;

export function createChannelLog(): ChannelLog {
  const epochs = new Map<number, Epoch>();
  const inOrder = () => [...epochs].map(([epoch, log]) => ({ epoch, ...log })).sort((a, b) => a.epoch - b.epoch);
  const entryIn = (epoch: number, offset: number): Entry | undefined => {
    const log = epochs.get(epoch);
    return log && entryAt(log, offset);
  };

  function place(epoch: number, offset: number, toldAt: number): Chunk {
    let log = epochs.get(epoch);
    if (log === undefined) {
      log = { chunks: new Map(), first: offset, last: offset, toldAt, joined: undefined };
      epochs.set(epoch, log);
    }
    log.toldAt = Math.min(log.toldAt, toldAt);
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

  function* of(epoch: number): Generator<Placed> {
    const log = epochs.get(epoch);
    if (log === undefined) return;
    for (let offset = log.first; offset <= log.last; offset++) {
      const entry = entryAt(log, offset);
      if (entry !== undefined) yield { epoch, offset, ...entry };
    }
  }

  return {
    tell(epoch, offset, { publisher, n, hash, ackedAt }, at) {
      const before = entryIn(epoch, offset);
      const chunk = place(epoch, offset, at);
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
    join(epoch, offset) {
      const log = epochs.get(epoch);
      if (log !== undefined) log.joined = Math.min(offset, log.joined ?? offset);
    },
    at: entryIn,
    get epochs() {
      return inOrder();
    },
    get head() {
      const newest = inOrder().at(-1);
      return newest === undefined ? { epoch: 0, offset: 0 } : { epoch: newest.epoch, offset: newest.last };
    },
    get highest() {
      return inOrder().reduce((highest, { last }) => Math.max(highest, last), 0);
    },
    of,
    *everything() {
      for (const { epoch } of inOrder()) yield* of(epoch);
    },
  };
}

/** As far as both are known. */
export function isSame(a: Entry, b: Entry): boolean {
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
