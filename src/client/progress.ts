// How far the consumer of a subscription has got, and the keeping of that. A message handed to it is processed when it asks
// for the next one.
import type { RepriseError } from "../wire/errors.js";
import type { Position } from "../wire/position.js";
import { createKeeper, type Keeper, type PositionStore } from "./position-store.js";

export interface ProgressOptions {
  channel: string;
  store: PositionStore | undefined;
  saveIntervalMs: number;
  /** A save failed. */
  failed(error: RepriseError): void;
}

export class Progress {
  readonly #keeper: Keeper | undefined;
  // Copies: a message would hold on to all that came with it, for as long as no other follows.
  readonly #processed: Position = { epoch: 0, offset: 0 };
  readonly #handed: Position = { epoch: 0, offset: 0 };
  #isKnown = false;
  #isHanded = false;

  constructor({ channel, store, saveIntervalMs: intervalMs, failed }: ProgressOptions) {
    if (store === undefined) return;
    this.#keeper = createKeeper({ channel, store, intervalMs, position: () => this.position, failed });
  }

  /** Of the last message processed. */
  get position(): Position | undefined {
    return this.#isKnown ? { ...this.#processed } : undefined;
  }

  /** Its offset. */
  get offset(): number {
    return this.#processed.offset;
  }

  /** The position has to be saved before anything more is handed out. */
  get due(): boolean {
    return this.#keeper?.due === true;
  }

  /** What was stored by an earlier process. */
  async load(): Promise<Position | undefined> {
    return this.#keeper?.load();
  }

  /** Everything up to here is processed. */
  moveTo(position: Position): void {
    this.#processed.epoch = position.epoch;
    this.#processed.offset = position.offset;
    this.#isKnown = true;
    this.#keeper?.moved();
  }

  /** The consumer has this message, and all before it. */
  handOut(position: Position): void {
    this.#handed.epoch = position.epoch;
    this.#handed.offset = position.offset;
    this.#isHanded = true;
  }

  /** The consumer asks for more. */
  settle(): void {
    if (!this.#isHanded) return;
    this.#isHanded = false;
    this.moveTo(this.#handed);
  }

  async save(): Promise<void> {
    await this.#keeper?.flush();
  }

  /** Saves once more, and then not by itself any more. */
  async stop(): Promise<void> {
    await this.#keeper?.stop();
  }
}
