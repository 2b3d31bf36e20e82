// One subscription between the broker and its consumer. There are two positions: of the last message received, where it
// is resumed after a disconnection (P-16), and of the last message processed, which the consumer may keep.
//
// A consumer that falls too far behind lets its subscription go (`wanted` turns false) and resumes it when it has
// caught up with what waits: the broker keeps a cursor's place for nothing, and acknowledgements and other channels,
// which share the stream, do not wait for the slowest consumer.
import type { Start } from "../wire/client-frame.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import type { Message } from "../wire/message.js";
import type { Position } from "../wire/position.js";
import type { ReceivedBatch } from "../wire/server-frame.js";
import { onAbort } from "./abort.js";
import { Events, type SubscriptionEvent } from "./events.js";
import { type ChannelGap, meetGap } from "./gap.js";
import { Inbox, type Notice } from "./inbox.js";
import { Lag } from "./lag.js";
import { Progress } from "./progress.js";
import { Reception } from "./reception.js";
import { startOf } from "./start.js";
import type { SubscribeOptions, Subscription } from "./subscription.js";

/**
 * What the consumer gets for a message; undefined: it is left out. What it throws ends the subscription there. `events`
 * are those of the subscription.
 */
export type Admit<M> = (message: Message, events: Events) => M | undefined;

/** What a subscription needs of those that share the stream with it. */
export interface Surroundings {
  /** `wanted` may have changed. */
  changed(): void;
  /** Bytes that this subscription may keep waiting. */
  share(): number;
}

const defaultSaveIntervalMs = 200;

export class OpenSubscription<M extends Message = Message> implements Subscription<M> {
  readonly channel: string;
  readonly ready: Promise<Position>;
  readonly #options: SubscribeOptions;
  readonly #admit: Admit<M>;
  readonly #surroundings: Surroundings;
  readonly #inbox: Inbox;
  readonly #events = new Events();
  readonly #progress: Progress;
  /** Removes the signal's listener. */
  readonly #forget: () => void;
  #resolveReady!: (position: Position) => void;
  #rejectReady!: (error: unknown) => void;
  /** Undefined while it is being loaded. */
  #start: Start | undefined;
  /** Both undefined until the start is fixed. */
  #reception: Reception | undefined;
  #lag: Lag | undefined;
  #disconnected = false;
  #ended: { error: unknown } | undefined;

  constructor(channel: string, options: SubscribeOptions, admit: Admit<M>, surroundings: Surroundings) {
    const { from = "new", store, saveIntervalMs = defaultSaveIntervalMs, signal } = options;
    const start = startOf(from);
    this.channel = channel;
    this.#options = options;
    this.#admit = admit;
    this.#surroundings = surroundings;
    this.#inbox = new Inbox({ share: surroundings.share, changed: () => this.#filled() });
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // Whoever does not wait for it learns of the error from the iteration.
    this.ready.catch(() => {});
    this.#progress = new Progress({ channel, store, saveIntervalMs, failed: (error) => this.#fail(error) });
    if (store === undefined) this.#start = start;
    else this.#load(start);
    this.#forget = onAbort(signal, () => this.end());
  }

  #load(otherwise: Start): void {
    this.#progress.load().then(
      (position) => {
        this.#start = position === undefined ? otherwise : { from: "position", position };
        this.#surroundings.changed();
      },
      (error) => this.#fail(error),
    );
  }

  get position(): Position | undefined {
    return this.#progress.position;
  }

  /** Whether the broker shall deliver. */
  get wanted(): boolean {
    return (
      this.#ended === undefined && this.#start !== undefined && !this.#inbox.full && this.#reception?.broken !== true
    );
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** How far it has received. */
  get received(): Position | undefined {
    return this.#reception?.position;
  }

  /** The broker has told of messages that have not arrived. */
  get expects(): boolean {
    return this.#lag?.expects(this.received!) === true;
  }

  /** Where the next `Subscribe` begins, once it is `wanted`. */
  get start(): Start {
    return this.received === undefined ? this.#start! : { from: "position", position: this.received };
  }

  /** Answered. A resumed subscription keeps its own idea of where it is, and checks what follows against it. */
  subscribed(position: Position, head: Position, node: string): void {
    const resumed = this.#disconnected;
    this.#disconnected = false;
    if (this.#reception === undefined) {
      this.#begin(position, head);
      return;
    }
    this.#lag!.subscribed(head);
    if (!resumed) return;
    const { epoch, offset } = this.#reception.position;
    const behind = this.#lag!.behind(this.#reception.position, this.#progress.offset);
    this.#events.emit({ kind: "resumed", position: { epoch, offset }, node, behind });
  }

  #begin(position: Position, head: Position): void {
    this.#reception = new Reception(this.channel, position);
    this.#lag = new Lag(head);
    this.#progress.moveTo(position);
    this.#progress.save().then(
      () => this.#resolveReady(position),
      (error) => this.#fail(error),
    );
  }

  /** Nothing more comes until it is subscribed again. */
  released(): void {
    if (this.#reception !== undefined) this.#reception.broken = false;
  }

  disconnected(): void {
    this.#disconnected = this.#reception !== undefined;
  }

  /** @param head of the channel; undefined: the node has not said, so it has not changed */
  heartbeat(head: Position | undefined): void {
    if (this.#ended || this.#lag?.heartbeat(head, this.received!, this.#progress.offset) !== true) return;
    this.#tellLag(this.#lag);
  }

  batch(batch: ReceivedBatch): void {
    const reception = this.#reception;
    if (this.#ended || reception === undefined) return;
    // It has been let go already; from here on it is asked for again.
    if (this.#inbox.overfull) reception.broken = true;
    try {
      const from = reception.batch(batch);
      if (from !== undefined) this.#inbox.push({ kind: "batch", batch, from });
      else if (reception.broken) this.#surroundings.changed();
    } catch (thrown) {
      this.end(toRepriseError(thrown));
    }
  }

  gap(gap: ChannelGap): void {
    if (this.#ended || this.#reception === undefined || this.#reception.broken) return;
    this.#reception.position = gap.position;
    this.#inbox.push({ kind: "gap", gap });
  }

  caughtUp(position: Position): void {
    if (this.#ended || this.#reception?.broken !== false) return;
    this.#inbox.push({ kind: "caughtUp", position });
  }

  /** The inbox is full, or has room again. */
  #filled(): void {
    const lag = this.#lag;
    if (this.#inbox.full && lag !== undefined && !lag.lagging) {
      lag.lagging = true;
      this.#tellLag(lag);
    }
    this.#surroundings.changed();
  }

  #tellLag(lag: Lag): void {
    const behind = lag.behind(this.received!, this.#progress.offset);
    const { epoch, offset } = lag.head;
    const letGo = this.#inbox.full;
    this.#events.emit({ kind: "lagging", behind, position: this.position!, head: { epoch, offset }, letGo });
  }

  /** With an error: what arrived before it is still delivered, then the iteration throws it. Without: at once. */
  end(error?: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    this.#forget?.();
    this.#rejectReady(error ?? new RepriseError("closed", `the subscription to ${this.channel} was closed`));
    if (error === undefined) {
      this.#inbox.discard();
      // What the iteration would throw of this, it will: it saves once more.
      this.#finish(undefined).catch(() => {});
    }
    this.#inbox.wake();
    this.#surroundings.changed();
  }

  /** The iteration throws the error next, unless it has ended already. */
  #fail(error: unknown): void {
    if (this.#ended !== undefined && this.#ended.error === undefined) return;
    this.end(error);
    this.#ended = { error };
    this.#inbox.discard();
  }

  /** Nothing is delivered any more. */
  async #finish(error: unknown): Promise<void> {
    try {
      await this.#progress.stop();
    } catch (thrown) {
      this.#events.end(error ?? thrown);
      throw thrown;
    }
    this.#events.end(error);
  }

  async close(): Promise<void> {
    this.end();
    // After an error this discards what still waited to be delivered.
    const { error } = this.#ended!;
    this.#ended = { error: undefined };
    this.#inbox.discard();
    await this.#finish(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  events(): AsyncIterableIterator<SubscriptionEvent, undefined> {
    return this.#events.open();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<M, undefined> {
    return this.#iterate(() => this.#take());
  }

  batches(): AsyncIterableIterator<M[], undefined> {
    return this.#iterate(() => this.#takeBatch());
  }

  /** @param take what is there to hand out, if nothing has to be told before it */
  #iterate<R>(take: () => R | undefined): AsyncIterableIterator<R, undefined> {
    return {
      next: () => {
        this.#progress.settle();
        const value = this.#progress.due ? undefined : take();
        return value === undefined ? this.#wait(take) : Promise.resolve({ value, done: false });
      },
      return: async () => {
        await this.close();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #takeBatch(): M[] | undefined {
    const batch: M[] = [];
    for (let next = this.#take(); next !== undefined; next = this.#take(true)) batch.push(next);
    return batch.length === 0 ? undefined : batch;
  }

  /** @param together with the message before, from the same batch */
  #take(together = false): M | undefined {
    for (;;) {
      const message = this.#inbox.message(together);
      if (message === undefined) return undefined;
      const admitted = this.#judge(message);
      if (admitted === undefined && this.#ended !== undefined) return undefined;
      if (admitted !== undefined || together) this.#progress.handOut(message);
      else this.#progress.moveTo(message);
      if (admitted !== undefined) return admitted;
    }
  }

  #judge(message: Message): M | undefined {
    try {
      return this.#admit(message, this.#events);
    } catch (thrown) {
      this.#fail(thrown);
      return undefined;
    }
  }

  async #wait<R>(take: () => R | undefined): Promise<IteratorResult<R, undefined>> {
    for (;;) {
      if (this.#progress.due) await this.#progress.save().catch((error) => this.#fail(error));
      const value = take();
      if (value !== undefined) return { value, done: false };
      const notice = this.#inbox.notice() ?? this.#regained();
      if (notice !== undefined) await this.#tell(notice).catch((thrown) => this.#fail(thrown));
      else if (this.#ended !== undefined) break;
      else await this.#inbox.arrived();
    }
    const { error } = this.#ended;
    // It is thrown once.
    this.#ended = { error: undefined };
    await this.#finish(error).catch((thrown) => {
      throw error ?? thrown;
    });
    if (error !== undefined) throw error;
    return { value: undefined, done: true };
  }

  /** Nothing waits: a consumer that lagged may have caught up. */
  #regained(): Notice | undefined {
    const position = this.position;
    if (this.#ended !== undefined || position === undefined || !this.#lag!.drained(position.offset)) return undefined;
    return { kind: "caughtUp", position };
  }

  async #tell(notice: Notice): Promise<void> {
    const { onGap = "event", onCaughtUp } = this.#options;
    const noticed = this.#events.emit(notice);
    if (notice.kind === "caughtUp") {
      this.#lag!.caughtUp();
      await onCaughtUp?.(notice.position);
    } else {
      await meetGap(notice.gap, onGap, noticed);
      this.#progress.moveTo(notice.gap.position);
    }
  }
}
