// What was sent: for each publisher, by `n`, the hash, the channel and when. About 16 bytes for each message.

export interface SentMessage {
  /** Number of the channel. */
  channel: number;
  hash: number;
  /** ms since the beginning of the run. */
  at: number;
}

export interface Sent {
  /** Messages of a publisher are added in the order of `n`, from 1. False: this one is not the next. */
  add(publisher: number, n: number, message: SentMessage): boolean;
  find(publisher: number, n: number): SentMessage | undefined;
  /** Whether a message with this content was sent to the channel, by whomever. Slow at first. */
  isAnywhere(channel: number, hash: number): boolean;
}

interface Column {
  length: number;
  hashes: Float64Array;
  channels: Uint16Array;
  times: Uint32Array;
}

export function createSent(): Sent {
  const columns = new Map<number, Column>();
  let anywhere: Map<number, Set<number>> | undefined;
  return {
    add(publisher, n, { channel, hash, at }) {
      let column = columns.get(publisher);
      if (column === undefined) {
        column = { length: 0, ...room(1_024) };
        columns.set(publisher, column);
      }
      if (n !== column.length + 1) return false;
      if (column.length === column.hashes.length) grow(column);
      column.hashes[column.length] = hash;
      column.channels[column.length] = channel;
      column.times[column.length] = at;
      column.length++;
      anywhere = undefined;
      return true;
    },
    find(publisher, n) {
      const column = columns.get(publisher);
      if (column === undefined || n < 1 || n > column.length) return undefined;
      return { channel: column.channels[n - 1]!, hash: column.hashes[n - 1]!, at: column.times[n - 1]! };
    },
    isAnywhere(channel, hash) {
      anywhere ??= index(columns);
      return anywhere.get(channel)?.has(hash) === true;
    },
  };
}

const room = (size: number) => ({
  hashes: new Float64Array(size),
  channels: new Uint16Array(size),
  times: new Uint32Array(size),
});

function grow(column: Column): void {
  const { hashes, channels, times } = column;
  Object.assign(column, room(hashes.length * 2));
  column.hashes.set(hashes);
  column.channels.set(channels);
  column.times.set(times);
}

function index(columns: ReadonlyMap<number, Column>): Map<number, Set<number>> {
  const sets = new Map<number, Set<number>>();
  for (const { length, hashes, channels } of columns.values()) {
    for (let i = 0; i < length; i++) {
      const set = sets.get(channels[i]!) ?? new Set();
      sets.set(channels[i]!, set.add(hashes[i]!));
    }
  }
  return sets;
}
