// How much may be taken in a second. It is kept as one number: the time until which what was taken has been paid for.

/** What was not used lately may be taken at once, up to what so long allows. */
const burstMs = 1_000;

export class Rate {
  readonly #msEach: number;
  #paidAt = Number.NEGATIVE_INFINITY;

  /** @param perSecond Infinity: no bound */
  constructor(perSecond: number) {
    this.#msEach = 1_000 / perSecond;
  }

  /** More than there is may be taken: then the wait is longer. */
  take(amount: number, now: number): void {
    this.#paidAt = Math.max(this.#paidAt, now) + amount * this.#msEach;
  }

  /** How long nothing is to be taken, in ms. */
  waitMs(now: number): number {
    return Math.max(0, this.#paidAt - now - burstMs);
  }

  /** Nothing is remembered that a new one would not know. */
  isFresh(now: number): boolean {
    return this.#paidAt <= now;
  }
}
