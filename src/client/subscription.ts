// One subscription, as its consumer sees it: an async iterable over a channel. There are two positions: of the last
// message received, where it is resumed after a disconnection (P-16), and of the last message processed, which the
// consumer may keep.
//
// A consumer that falls too far behind lets its subscription go (`wanted` turns false) and resumes it when it has
// caught up with what waits: the broker keeps a cursor's place for nothing, and acknowledgements and other channels,
// which share the stream, do not wait for the slowest consumer.
import type { Start } from "../wire/client-frame.js";
import { RepriseError } from "../wire/errors.js";
import type { Message } from "../wire/message.js";
import type { Position } from "../wire/position.js";
import type { ReceivedBatch } from "../wire/server-frame.js";
import { onAbort } from "./abort.js";
import { continuity } from "./continuity.js";
import { type ChannelGap, warnOfGap } from "./gap.js";
import { Inbox, type Notice } from "./inbox.js";

/**
 * The callbacks are called between messages, in the order of the events, and awaited; what they throw ends the
 * iteration with it.
 */
export interface SubscriptionCallbacks {
  /** Without it a gap is a warning of the process. */
  onGap?: (gap: ChannelGap) => void | Promise<void>;
  /** All that was stored at `position` has been delivered. Again whenever it had fallen behind. */
  onCaughtUp?: (position: Position) => void | Promise<void>;
}

/** Iterating it to the end, `break`, the signal, `close` and disposing of it all end it, in the same way. */
export interface Subscription extends AsyncIterable<Message, undefined>, AsyncDisposable {
  readonly channel: string;
  /**
   * Resolves when the broker has fixed the start: everything after this position will be delivered or announced as a
   * gap. Rejects if the subscription was refused or ended before.
   */
  readonly ready: Promise<Position>;
  /** Of the last message processed: the loop has asked for the next one. Undefined before `ready`. */
  readonly position: Position | undefined;
  close(): Promise<void>;
}

export interface Consumer {
  /** Messages that are left out. */
  isOwn: ((message: Message) => boolean) | undefined;
  /** Ends the subscription. */
  signal: AbortSignal | undefined;
}

/** What a subscription needs of those that share the stream with it. */
export interface Surroundings {
  /** `wanted` may have changed. */
  changed(): void;
  /** Bytes that this subscription may keep waiting. */
  share(): number;
}

export class OpenSubscription implements Subscription {
  readonly channel: string;
  readonly ready: Promise<Position>;
  readonly #start: Start;
  readonly #callbacks: SubscriptionCallbacks;
  readonly #isOwn: ((message: Message) => boolean) | undefined;
  readonly #surroundings: Surroundings;
  /** Removes the signal's listener. */
  readonly #forget: () => void;
  #resolveReady!: (position: Position) => void;
  #rejectReady!: (error: RepriseError) => void;
  #received: Position | undefined;
  #processed: Position | undefined;
  /** Handed to the consumer, who is at work on it. */
  #handed: Message | undefined;
  readonly #inbox: Inbox;
  /** The end of the channel, as far as the broker told. */
  #head: Position | undefined;
  /** Where what arrived did not continue what was received: asked for again once, and passed over until then. */
  #brokenAt: Position | undefined;
  #broken = false;
  #ended: { error: RepriseError | undefined } | undefined;

  constructor(
    channel: string,
    start: Start,
    callbacks: SubscriptionCallbacks,
    { isOwn, signal }: Consumer,
    surroundings: Surroundings,
  ) {
    this.channel = channel;
    this.#start = start;
    this.#callbacks = callbacks;
    this.#isOwn = isOwn;
    this.#surroundings = surroundings;
    this.#inbox = new Inbox(surroundings);
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // Whoever does not wait for it learns of the error from the iteration.
    this.ready.catch(() => {});
    this.#forget = onAbort(signal, () => this.end());
  }

  get position(): Position | undefined {
    return this.#processed && { epoch: this.#processed.epoch, offset: this.#processed.offset };
  }

  /** Whether the broker shall deliver. */
  get wanted(): boolean {
    return this.#ended === undefined && !this.#inbox.full && !this.#broken;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** How far it has received. */
  get received(): Position | undefined {
    return this.#received;
  }

  /** The broker has told of messages that have not arrived. */
  get expects(): boolean {
    const [head, received] = [this.#head, this.#received];
    if (head === undefined || received === undefined) return false;
    // A new epoch may open without a message.
    return head.epoch >= received.epoch && head.offset > received.offset;
  }

  /** Where the next `Subscribe` begins. */
  get start(): Start {
    return this.#received === undefined ? this.#start : { from: "position", position: this.#received };
  }

  /** Answered. A resumed subscription keeps its own idea of where it is, and checks what follows against it. */
  subscribed(position: Position, head: Position): void {
    this.#head = head;
    if (this.#received !== undefined) return;
    this.#received = position;
    this.#processed = position;
    this.#resolveReady(position);
  }

  /** @param head where the channel ends; undefined: no change was told */
  heartbeat(head: Position | undefined): void {
    if (head !== undefined) this.#head = head;
  }

  /** Nothing more comes until it is subscribed again. */
  released(): void {
    this.#broken = false;
  }

  batch(batch: ReceivedBatch): void {
    if (this.#ended || this.#broken || this.#received === undefined) return;
    switch (continuity(this.#received, batch)) {
      case "seen":
        break;
      case "break":
        this.#break(batch);
        break;
      case "next": {
        const from = this.#received.offset + 1;
        this.#received = { epoch: batch.epoch, offset: batch.first + batch.count - 1 };
        this.#inbox.push({ kind: "batch", batch, from });
      }
    }
  }

  gap(gap: ChannelGap): void {
    if (this.#ended || this.#broken) return;
    this.#received = gap.position;
    this.#inbox.push({ kind: "gap", gap });
  }

  caughtUp(position: Position): void {
    if (this.#ended || this.#broken) return;
    this.#inbox.push({ kind: "caughtUp", position });
  }

  #break(batch: ReceivedBatch): void {
    const received = this.#received!;
    if (this.#brokenAt === received) {
      const is = `${batch.epoch}:${batch.first}`;
      const after = `${received.epoch}:${received.offset}`;
      this.end(new RepriseError("internal", `${this.channel}: the node sent ${is} after ${after}, twice`));
      return;
    }
    this.#brokenAt = received;
    this.#broken = true;
    this.#surroundings.changed();
  }

  /** With an error: what arrived before it is still delivered, then the iteration throws it. Without: at once. */
  end(error?: RepriseError): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    this.#forget?.();
    if (error === undefined) this.#inbox.discard();
    this.#rejectReady(error ?? new RepriseError("closed", `the subscription to ${this.channel} was closed`));
    this.#inbox.wake();
    this.#surroundings.changed();
  }

  async close(): Promise<void> {
    this.end();
    // After an error this discards what still waited to be delivered.
    this.#ended = { error: undefined };
    this.#inbox.discard();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return {
      next: () => {
        try {
          const message = this.#take();
          return message === undefined ? this.#wait() : Promise.resolve({ value: message, done: false });
        } catch (thrown) {
          return this.close().then(() => Promise.reject(thrown));
        }
      },
      return: async () => {
        await this.close();
        return { value: undefined, done: true };
      },
    };
  }

  /** The next message for the consumer, if one is there and nothing has to be told before it. */
  #take(): Message | undefined {
    if (this.#handed !== undefined) this.#processed = this.#handed;
    let message = this.#inbox.message();
    while (message !== undefined && this.#isOwn?.(message)) {
      this.#processed = message;
      message = this.#inbox.message();
    }
    this.#handed = message;
    return message;
  }

  async #wait(): Promise<IteratorResult<Message, undefined>> {
    try {
      for (;;) {
        const message = this.#take();
        if (message !== undefined) return { value: message, done: false };
        const notice = this.#inbox.notice();
        if (notice !== undefined) await this.#tell(notice);
        else if (this.#ended !== undefined) break;
        else await this.#inbox.arrived();
      }
    } catch (thrown) {
      await this.close();
      throw thrown;
    }
    const { error } = this.#ended;
    this.#ended = { error: undefined };
    if (error !== undefined) throw error;
    return { value: undefined, done: true };
  }

  async #tell(notice: Notice): Promise<void> {
    const { onGap = warnOfGap, onCaughtUp } = this.#callbacks;
    if (notice.kind === "caughtUp") await onCaughtUp?.(notice.position);
    else {
      this.#processed = notice.gap.position;
      await onGap(notice.gap);
    }
  }
}
