// A bound on memory that many owners share: what was kept first is dropped first.

export interface Kept {
  bytes: number;
  /** Called once, when the bound makes it go. */
  drop(): void;
}

export class SharedMemory {
  readonly #max: number;
  readonly #kept = new Set<Kept>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#max = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** No more than half of it is taken. */
  get isRoomy(): boolean {
    return 2 * this.#bytes <= this.#max;
  }

  /** Keeps `item`, dropping the oldest ones as needed; the newest one always stays. */
  keep(item: Kept): void {
    this.#kept.add(item);
    this.#bytes += item.bytes;
    for (const oldest of this.#kept) {
      if (this.#bytes <= this.#max || oldest === item) return;
      this.release(oldest);
      oldest.drop();
    }
  }

  /** Forgets `item` because its owner let it go. */
  release(item: Kept): void {
    if (this.#kept.delete(item)) this.#bytes -= item.bytes;
  }
}
