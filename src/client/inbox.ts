// What has arrived for a subscription and was not consumed yet, in one queue: batches, and what is told between them.
// Its bytes are bounded by letting the subscription go while it is full.
import { MiB } from "../wire/limits.js";
import { type Message, type Messages, messagesOf } from "../wire/message.js";
import type { Position } from "../wire/position.js";
import type { ReceivedBatch } from "../wire/server-frame.js";
import type { ChannelGap } from "./gap.js";

/** What is told between messages. */
export type Notice = { kind: "gap"; gap: ChannelGap } | { kind: "caughtUp"; position: Position };

/** Messages of a batch, from offset `from` on. */
export type Arrival = { kind: "batch"; batch: ReceivedBatch; from: number } | Notice;

export interface InboxOptions {
  /** Bytes that may wait here. */
  share(): number;
  /** `full` has changed. */
  changed(): void;
}

/** What an arrival takes beside the bytes of its messages, roughly. */
const overhead = 256;

/**
 * How far over its share an inbox goes for what was on its way when the subscription was let go: more than the HTTP/2 window
 * holds, unless it was compressed.
 */
const mostOverBytes = 4 * MiB;

const bytesOf = (arrival: Arrival): number =>
  arrival.kind === "batch" ? overhead + arrival.batch.messages.length : overhead;

export class Inbox {
  /** More than the share waits here; until no more than half of it does. */
  full = false;
  readonly #options: InboxOptions;
  #queue: Arrival[] = [];
  #bytes = 0;
  /** The batch that is being consumed; it counts until its end. */
  #batch: { messages: Messages; bytes: number } | undefined;
  #waiting: (() => void)[] = [];

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** No more batches fit, not even what was on its way. */
  get overfull(): boolean {
    return this.full && this.#bytes > this.#options.share() + mostOverBytes;
  }

  push(arrival: Arrival): void {
    this.#queue.push(arrival);
    this.#bytes += bytesOf(arrival);
    this.wake();
    if (this.full || this.#bytes <= this.#options.share()) return;
    this.full = true;
    this.#options.changed();
  }

  /**
   * The next message, if nothing has to be told before it.
   * @param together only what came in the same batch as the one before
   */
  message(together: boolean): Message | undefined {
    for (;;) {
      const next = this.#batch?.messages.take();
      if (next !== undefined) return next;
      if (!this.#nextBatch(together)) return undefined;
    }
  }

  #nextBatch(together: boolean): boolean {
    if (this.#batch !== undefined) {
      const { bytes } = this.#batch;
      this.#batch = undefined;
      this.#consumed(bytes);
    }
    const arrival = this.#queue[0];
    if (together || arrival?.kind !== "batch") return false;
    this.#queue.shift();
    const { batch, from } = arrival;
    this.#batch = { messages: messagesOf(batch.channel, batch, from), bytes: bytesOf(arrival) };
    return true;
  }

  /** What has to be told next, if there is no message before it. */
  notice(): Notice | undefined {
    const arrival = this.#queue[0];
    if (arrival === undefined || arrival.kind === "batch") return undefined;
    this.#queue.shift();
    this.#consumed(bytesOf(arrival));
    return arrival;
  }

  #consumed(bytes: number): void {
    this.#bytes -= bytes;
    if (!this.full || this.#bytes > this.#options.share() / 2) return;
    this.full = false;
    this.#options.changed();
  }

  /** Resolves when something arrives, or at the next `wake`. */
  arrived(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    for (const waiting of this.#waiting.splice(0)) waiting();
  }

  discard(): void {
    this.#queue = [];
    this.#batch = undefined;
    this.#bytes = 0;
  }
}
