// What a subscription has received: the position from which it is resumed after a disconnection (P-16), and the check that
// what arrives continues it (P-17).
import { RepriseError } from "../wire/errors.js";
import type { Position } from "../wire/position.js";
import type { ReceivedBatch } from "../wire/server-frame.js";
import { continuity } from "./continuity.js";

export class Reception {
  readonly channel: string;
  /** Of the last message received. Replaced, never changed. */
  position: Position;
  /** What arrived did not continue it: nothing is taken until it was asked for again. */
  broken = false;
  /** Where it broke last. */
  #brokenAt: Position | undefined;

  constructor(channel: string, position: Position) {
    this.channel = channel;
    this.position = position;
  }

  /**
   * Returns the offset from which on the batch is new; undefined: nothing of it is, or `broken`.
   * @throws RepriseError `internal` if it breaks at the same place again
   */
  batch(batch: ReceivedBatch): number | undefined {
    if (this.broken) return undefined;
    switch (continuity(this.position, batch)) {
      case "seen":
        return undefined;
      case "break":
        this.#break(batch);
        return undefined;
      case "next": {
        const from = this.position.offset + 1;
        this.position = { epoch: batch.epoch, offset: batch.first + batch.count - 1 };
        return from;
      }
    }
  }

  #break({ epoch, first }: ReceivedBatch): void {
    if (this.#brokenAt === this.position) {
      const after = `${this.position.epoch}:${this.position.offset}`;
      throw new RepriseError("internal", `${this.channel}: the node sent ${epoch}:${first} after ${after}, twice`);
    }
    this.#brokenAt = this.position;
    this.broken = true;
  }
}
