// A message on its way, from `publish` until it is known what became of it. A class, and a small one, because there are
// as many of them as there are messages in flight.
import { RepriseError } from "../wire/errors.js";
import type { Position } from "../wire/position.js";

export interface PublishResult {
  /** Offset 0: stored by an earlier try, and its place can no longer be found. */
  position: Position;
  /** True: it was stored by an earlier try. */
  duplicate: boolean;
}

export class Entry {
  /** A `Message` (wire/message.ts). */
  readonly encoded: Buffer;
  /** How often it was sent since it was last certain that it is not stored. */
  tries = 0;
  /** The caller was told not to expect it to be stored. It is sent only if it was, to get its number out of the way. */
  refused = false;
  /** It was refused with others for the size of one of them, and is sent by itself from now on. */
  alone = false;
  /** Ends the caller's deadline and removes the listener of its signal. */
  forget: (() => void) | undefined;
  readonly #resolve: (result: PublishResult) => void;
  readonly #reject: (error: RepriseError) => void;
  readonly #settled: (entry: Entry) => void;
  #isSettled = false;

  /** @param settled called once, after one of the others */
  constructor(
    encoded: Buffer,
    resolve: (result: PublishResult) => void,
    reject: (error: RepriseError) => void,
    settled: (entry: Entry) => void,
  ) {
    this.encoded = encoded;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#settled = settled;
  }

  /** Tells the caller. Calls after the first do nothing. */
  settle(outcome: PublishResult | RepriseError): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.forget?.();
    if (outcome instanceof RepriseError) this.#reject(outcome);
    else this.#resolve(outcome);
    this.#settled(this);
  }

  /** Tells the caller, and nobody else: the message stays on its way. */
  abandon(error: RepriseError): void {
    this.forget?.();
    this.#reject(error);
  }
}
