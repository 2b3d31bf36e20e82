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
  /** Messages are positions: none is made for each. */
  #processed: Position | undefined;
  #handed: Position | undefined;

  constructor({ channel, store, saveIntervalMs: intervalMs, failed }: ProgressOptions) {
    if (store === undefined) return;
    this.#keeper = createKeeper({ channel, store, intervalMs, position: () => this.position, failed });
  }

  /** Of the last message processed. */
  get position(): Position | undefined {
    return this.#processed && { epoch: this.#processed.epoch, offset: this.#processed.offset };
  }

  /** Its offset. */
  get offset(): number {
    return this.#processed?.offset ?? 0;
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
    this.#processed = position;
    this.#keeper?.moved();
  }

  /** The consumer has this message, and all before it. */
  handOut(position: Position): void {
    this.#handed = position;
  }

  /** The consumer asks for more. */
  settle(): void {
    if (this.#handed === undefined) return;
    this.moveTo(this.#handed);
    this.#handed = undefined;
  }

  async save(): Promise<void> {
    await this.#keeper?.flush();
  }

  /** Saves once more, and then not by itself any more. */
  async stop(): Promise<void> {
    await this.#keeper?.stop();
  }
}
