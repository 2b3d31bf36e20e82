// How much may be taken in a second. It is kept as what was taken and is not paid for yet, so that another rate holds at once.

/** What was not used lately may be taken at once, up to what so long allows. */
const burstMs = 1_000;

export class Rate {
  readonly #perSecond: () => number;
  #owed = 0;
  /** When that was so. */
  #at = Number.NEGATIVE_INFINITY;

  /** @param perSecond asked each time, if it may become another; Infinity: no bound */
  constructor(perSecond: number | (() => number)) {
    this.#perSecond = typeof perSecond === "number" ? () => perSecond : perSecond;
  }

  /** More than there is may be taken: then the wait is longer. */
  take(amount: number, now: number): void {
    this.#pay(now);
    this.#owed += amount;
  }

  /** How long nothing is to be taken, in ms. */
  waitMs(now: number): number {
    this.#pay(now);
    return Math.max(0, (this.#owed * 1_000) / this.#perSecond() - burstMs);
  }

  /** Nothing is remembered that a new one would not know. */
  isFresh(now: number): boolean {
    this.#pay(now);
    return this.#owed === 0;
  }

  #pay(now: number): void {
    const perSecond = this.#perSecond();
    const paid = perSecond === Number.POSITIVE_INFINITY ? perSecond : (perSecond * (now - this.#at)) / 1_000;
    this.#owed = Math.max(0, this.#owed - paid);
    this.#at = now;
  }
}
