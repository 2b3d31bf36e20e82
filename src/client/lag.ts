// How far a consumer is behind its channel, and when that is worth telling. The head is known from the answer to the
// subscribe and from heartbeats, so a consumer at the head may be some messages behind at any time: it lags when it has not
// processed by one heartbeat what was stored at the one before.
import type { Position } from "../wire/position.js";

export class Lag {
  /** Told, and not taken back. */
  lagging = false;
  /** The newest head that is known. */
  head: Position;
  /** The node will say by itself when all that is stored has been delivered. */
  #announced = true;
  /** What is to be processed by the next heartbeat. */
  #due: number;

  constructor(head: Position) {
    this.head = head;
    this.#due = head.offset;
  }

  /** Subscribed again: the node announces that it has caught up, once more. */
  subscribed(head: Position): void {
    this.head = head;
    this.#announced = true;
  }

  /** Whether the node told of messages that have not arrived. */
  expects(received: Position): boolean {
    // A new epoch may open without a message.
    return this.head.epoch >= received.epoch && this.head.offset > received.offset;
  }

  /**
   * How many messages are not processed. Those that were received prove that the channel goes that far.
   * @param processed the offset up to which all is
   */
  behind(received: Position, processed: number): number {
    if (received.offset > this.head.offset) this.head = received;
    return Math.max(0, this.head.offset - processed);
  }

  /** @param head undefined: it has not changed. Returns whether the consumer lags. */
  heartbeat(head: Position | undefined, received: Position, processed: number): boolean {
    if (head !== undefined) this.head = head;
    const late = processed < this.#due && this.behind(received, processed) > 0;
    this.#due = this.head.offset;
    if (late) this.lagging = true;
    return this.lagging;
  }

  /** The node said so. */
  caughtUp(): void {
    this.#announced = false;
    this.lagging = false;
  }

  /** Nothing waits any more: whether that means that a consumer that lagged has caught up. */
  drained(processed: number): boolean {
    if (!this.lagging || this.#announced || processed < this.head.offset) return false;
    this.lagging = false;
    return true;
  }
}
