// What happens to a subscription besides its messages, as streams that anybody may open and nobody has to read. What is
// not read in time makes room for what is newer, and its number is told in its place.
import type { RepriseError } from "../wire/errors.js";
import type { Position } from "../wire/position.js";
import type { ChannelGap } from "./gap.js";

/** A message that the codec of a typed channel could not read. */
export interface Undecodable {
  channel: string;
  position: Position;
  /** Code `undecodable`; its cause is what the codec threw. */
  error: RepriseError;
}

/**
 * `gap`, `caughtUp` and `undecodable` come in their place between the messages: when the consumer has got there. The
 * others come when they happen.
 */
export type SubscriptionEvent =
  /** Messages that will not be delivered. */
  | { kind: "gap"; gap: ChannelGap }
  /** All that was stored has been delivered, up to `position`. First after the start, again after having been behind. */
  | { kind: "caughtUp"; position: Position }
  /**
   * The consumer is slower than the channel: what was stored at one heartbeat of the node was not processed at the next.
   * Or more waits than may (`letGo`): the client lets the subscription go and takes it up again when half of that has
   * been consumed; meanwhile the rest waits on the broker, as long as retention keeps it. Told again with every
   * heartbeat until `caughtUp`.
   */
  | {
      kind: "lagging";
      /** Messages, as far as the client knows the channel's head. */
      behind: number;
      /** Of the last message processed. */
      position: Position;
      head: Position;
      letGo: boolean;
    }
  /** After a disconnection, what comes after `position` comes from `node`. */
  | { kind: "resumed"; position: Position; node: string; behind: number }
  /** Passed over: with `onUndecodable: "event"` only. */
  | ({ kind: "undecodable" } & Undecodable)
  /** This many events were dropped here because nobody read them. */
  | { kind: "dropped"; count: number }
  /** The last one. `error` is what the iteration throws; undefined: it was closed by this process. */
  | { kind: "ended"; error: unknown };

/** Of one stream. */
const maxWaiting = 1_000;

interface Stream {
  waiting: SubscriptionEvent[];
  dropped: number;
  takers: ((event: SubscriptionEvent | undefined) => void)[];
}

export class Events {
  readonly #streams = new Set<Stream>();
  #ended = false;

  /** Returns whether there is a stream that takes it. */
  emit(event: SubscriptionEvent): boolean {
    for (const stream of this.#streams) put(stream, event);
    return this.#streams.size > 0;
  }

  /** Emits `ended`; calls after the first do nothing. */
  end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.emit({ kind: "ended", error });
    for (const { takers } of this.#streams) for (const take of takers.splice(0)) take(undefined);
  }

  /** What is emitted from now on. */
  open(): AsyncIterableIterator<SubscriptionEvent, undefined> {
    const stream: Stream = { waiting: [], dropped: 0, takers: [] };
    let open = !this.#ended;
    if (open) this.#streams.add(stream);
    return {
      next: async () => {
        const event = take(stream) ?? (open && !this.#ended ? await arrival(stream) : undefined);
        return event === undefined ? { value: undefined, done: true } : { value: event, done: false };
      },
      return: async () => {
        open = false;
        this.#streams.delete(stream);
        stream.waiting = [];
        stream.dropped = 0;
        for (const taker of stream.takers.splice(0)) taker(undefined);
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}

function put(stream: Stream, event: SubscriptionEvent): void {
  const taker = stream.takers.shift();
  if (taker === undefined) stream.waiting.push(event);
  else taker(event);
  if (stream.waiting.length <= maxWaiting) return;
  stream.waiting.shift();
  stream.dropped++;
}

function take(stream: Stream): SubscriptionEvent | undefined {
  if (stream.dropped === 0) return stream.waiting.shift();
  const count = stream.dropped;
  stream.dropped = 0;
  return { kind: "dropped", count };
}

const arrival = (stream: Stream): Promise<SubscriptionEvent | undefined> =>
  new Promise((resolve) => stream.takers.push(resolve));
