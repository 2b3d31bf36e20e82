// A subscription, as its consumer sees it: an async iterable over a channel.
import type { Message } from "../wire/message.js";
import type { Position } from "../wire/position.js";
import type { SubscriptionEvent } from "./events.js";
import type { OnGap } from "./gap.js";
import type { PositionStore } from "./position-store.js";
import type { From } from "./start.js";

export interface SubscribeOptions {
  /** Where to start, unless `store` knows better. Default: "new". */
  from?: From | undefined;
  /** Ends the iteration. */
  signal?: AbortSignal | undefined;
  /** False: what this bus published itself is left out. */
  echo?: boolean | undefined;
  /** Default: "event". */
  onGap?: OnGap | undefined;
  /**
   * Called between messages when all that was stored at `position` has been delivered, and again whenever it had fallen
   * behind; awaited before the next message. What it throws, the iteration throws.
   */
  onCaughtUp?: ((position: Position) => void | Promise<void>) | undefined;
  /**
   * Keeps the position of the last message processed: a new process goes on there. It is saved when the start is fixed
   * (then `ready` resolves), every `saveIntervalMs` while it moves, and at the end.
   */
  store?: PositionStore | undefined;
  /**
   * A process that is killed processes again what it processed in the last `saveIntervalMs`. 0: the position is saved before
   * the next message (or array of `batches`) is handed out, so that at most that one is processed again. Default: 200.
   */
  saveIntervalMs?: number | undefined;
}

/**
 * Iterating it to the end, `break`, the signal, `close` and disposing of it all end it, in the same way. There is one
 * place in the channel, whatever it is read by: iterators share it.
 */
export interface Subscription<M extends Message = Message> extends AsyncIterable<M, undefined>, AsyncDisposable {
  readonly channel: string;
  /**
   * Resolves when the broker has fixed the start: everything after this position will be delivered or announced as a
   * gap. Rejects if the subscription was refused or ended before.
   */
  readonly ready: Promise<Position>;
  /** Of the last message processed: the loop has asked for the next one. Undefined before `ready`. */
  readonly position: Position | undefined;
  /**
   * The messages in arrays, as they arrived together, never empty: for a consumer of very many. `position` moves, and is
   * saved, by whole arrays.
   */
  batches(): AsyncIterableIterator<M[], undefined>;
  /**
   * What happens from now on. Any number of them may be open, each gets all events; it keeps the last 1,000 that were not
   * read, and tells how many it had to drop. Gaps and what comes with messages are told when the consumer gets there:
   * somebody has to iterate.
   */
  events(): AsyncIterableIterator<SubscriptionEvent, undefined>;
  /** Resolves when the position is saved, if there is a store; rejects if that fails. */
  close(): Promise<void>;
}
