// Where the position of a consumer is kept over the end of its process. A position says: everything up to here was
// processed. It is saved after that, never before, so whoever is killed processes some messages again and misses none.
import { RepriseError } from "../wire/errors.js";
import type { Position } from "../wire/position.js";

/** What it throws ends the iteration, as the cause of a RepriseError with the code `position_store_failed`. */
export interface PositionStore {
  /** Undefined: none was saved; the subscription then begins at its `from`. */
  load(channel: string): Promise<Position | undefined>;
  /**
   * Resolves when the position will survive whatever it shall survive. Called again for a channel only after that; the
   * latest position wins.
   */
  save(channel: string, position: Position): Promise<void>;
}

export interface KeeperOptions {
  channel: string;
  store: PositionStore;
  /** Between saves. 0: before each message that is handed out. */
  intervalMs: number;
  /** Of the last message processed. */
  position(): Position | undefined;
  /** A save under way failed. */
  failed(error: RepriseError): void;
}

/** Saves the position of one subscription: one save at a time, and what moves meanwhile is saved by the next. */
export interface Keeper {
  /** The position must be saved before another message is handed out. */
  readonly due: boolean;
  load(): Promise<Position | undefined>;
  /** The position has moved. */
  moved(): void;
  /** Resolves when the position of this moment, or a later one, is saved. */
  flush(): Promise<void>;
  /** Saves by itself no more; what still has to be saved is. */
  stop(): Promise<void>;
}

export function createKeeper({ channel, store, intervalMs, position, failed }: KeeperOptions): Keeper {
  let saved: Position | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** A save that the timer began. */
  let saving = false;
  let stopped = false;
  let last: Promise<void> = Promise.resolve();

  const isSaved = () => {
    const now = position();
    return now === undefined || (saved?.offset === now.offset && saved.epoch === now.epoch);
  };
  const save = async () => {
    const now = position();
    if (now === undefined || isSaved()) return;
    try {
      await store.save(channel, now);
    } catch (thrown) {
      throw failure(channel, "saved", thrown);
    }
    saved = now;
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    last = last.then(save, save);
    return last;
  };
  const moved = () => {
    if (timer !== undefined || saving || stopped || intervalMs === 0) return;
    timer = setTimeout(() => {
      saving = true;
      flush().then(() => {
        saving = false;
        if (!isSaved()) moved();
      }, failed);
    }, intervalMs);
  };
  return {
    get due() {
      return intervalMs === 0 && !isSaved();
    },
    async load() {
      try {
        saved = await store.load(channel);
      } catch (thrown) {
        throw failure(channel, "loaded", thrown);
      }
      return saved;
    },
    moved,
    flush,
    stop() {
      stopped = true;
      return flush();
    },
  };
}

function failure(channel: string, what: string, thrown: unknown): RepriseError {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new RepriseError("position_store_failed", `${channel}: the position was not ${what}: ${why}`, {
    cause: thrown,
  });
}
