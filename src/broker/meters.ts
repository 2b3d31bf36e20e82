// What peers take of the rates that they are allowed, by publishing and by entering channels, which all who watch hear of as
// well: each session for itself, what comes without one by connection, and all of one identity together. Where a stream is
// read, who took too much is not read until it is paid for; a single call is refused.
import type { LogFields } from "../log/log.js";
import type { Publish } from "../wire/batch.js";
import type { RepriseError } from "../wire/errors.js";
import type { Quota, Quotas, Refusals } from "./quotas.js";
import { Rate } from "./rate.js";

/** Rates with the quota each stands for. */
export type Rates = readonly { quota: Quota; rate: Rate; of: "count" | "bytes" }[];

export type Amount = Pick<Publish, "count" | "bytes">;

/** Of one stream. */
export interface Meter {
  /** It must not be read now. */
  readonly exhausted: boolean;
  take(amount: Amount): void;
  close(): void;
}

/** Identities whose rates are kept. Beyond these, those that owe nothing are forgotten. */
const mostKept = 10_000;

export class Meters {
  readonly #quotas: Quotas;
  readonly #refusals: Refusals;
  readonly #identities = new Map<string, Rates>();
  /** Of those that wait till they owe nothing: looks again whether that is so. */
  readonly #resting = new Set<() => void>();
  /** There is a bound. */
  #bounded = false;

  /** @param quotas asked each time: they may become others */
  constructor(quotas: Quotas, refusals: Refusals) {
    this.#quotas = quotas;
    this.#refusals = refusals;
    this.changed();
  }

  /** To be called when the quotas are others. */
  changed(): void {
    this.#bounded = rated.some((quota) => Number.isFinite(this.#quotas[quota]));
    for (const look of [...this.#resting]) look();
  }

  /**
   * @param own of the session, or of the connection that the stream came by
   * @param changed called when it is no longer exhausted
   * @param about for the log: whose it is
   */
  open(own: Rates, identity: string | undefined, changed: () => void, about: LogFields): Meter {
    let rates: Rates | undefined;
    const all = () => {
      if (!this.#bounded) return [];
      rates ??= [...own, ...this.#ofIdentity(identity)];
      return rates;
    };
    return createMeter(all, this.#resting, this.#refusals, changed, about);
  }

  /** For what belongs together: a session, or the other calls of a connection. */
  ofOne(): Rates {
    return this.#rates("messages", "bytes");
  }

  /**
   * A single call.
   * @param own of the connection that it came by
   * @param peer its address
   * @throws RepriseError `limit_reached`: nothing was taken
   */
  call(own: Rates, identity: string | undefined, amount: Amount, peer: string): void {
    if (!this.#bounded) return;
    const all = [...own, ...this.#ofIdentity(identity)];
    const now = performance.now();
    const { waitMs, quota } = longest(all, now);
    if (waitMs > 0) throw this.#tooFast(quota!, waitMs, { peer, identity });
    takeOf(all, amount, now);
  }

  #tooFast(quota: Quota, waitMs: number, about: LogFields): RepriseError {
    const most = this.#quotas[quota];
    const sentence = `publishes are too fast: at most ${most} ${wordsOf(quota)} a second`;
    return this.#refusals.of(quota, sentence, waitMs, about);
  }

  #ofIdentity(identity: string | undefined): Rates {
    if (identity === undefined) return [];
    let rates = this.#identities.get(identity);
    if (rates === undefined) {
      if (this.#identities.size >= mostKept) this.#forget();
      rates = this.#rates("messagesPerIdentity", "bytesPerIdentity");
      this.#identities.set(identity, rates);
    }
    return rates;
  }

  #forget(): void {
    const now = performance.now();
    for (const [identity, rates] of this.#identities) {
      if (rates.every(({ rate }) => rate.isFresh(now))) this.#identities.delete(identity);
    }
  }

  /** Also those without a bound: they may be given one. */
  #rates(messages: Quota, bytes: Quota): Rates {
    const rate = (quota: Quota) => new Rate(() => this.#quotas[quota]);
    return [
      { quota: messages, rate: rate(messages), of: "count" },
      { quota: bytes, rate: rate(bytes), of: "bytes" },
    ];
  }
}

const rated: readonly Quota[] = ["messages", "bytes", "messagesPerIdentity", "bytesPerIdentity"];

const wordsOf = (quota: Quota) => (quota.startsWith("messages") ? "messages" : "bytes");

function takeOf(rates: Rates, amount: Amount, now: number): void {
  for (const { rate, of } of rates) rate.take(amount[of], now);
}

function longest(rates: Rates, now: number): { waitMs: number; quota: Quota | undefined } {
  let most: { waitMs: number; quota: Quota | undefined } = { waitMs: 0, quota: undefined };
  for (const { rate, quota } of rates) {
    const waitMs = rate.waitMs(now);
    if (waitMs > most.waitMs) most = { waitMs, quota };
  }
  return most;
}

/** @param all the rates that hold at the moment */
function createMeter(
  all: () => Rates,
  resting: Set<() => void>,
  refusals: Refusals,
  changed: () => void,
  about: LogFields,
): Meter {
  let timer: NodeJS.Timeout | undefined;
  const rest = (waitMs: number) => {
    timer = setTimeout(look, Math.max(1, waitMs));
    resting.add(look);
  };
  function wake(): void {
    clearTimeout(timer);
    timer = undefined;
    resting.delete(look);
  }
  function look(): void {
    wake();
    // Others of the same identity may have taken more meanwhile.
    const { waitMs } = longest(all(), performance.now());
    if (waitMs > 0) rest(waitMs);
    else changed();
  }
  return {
    get exhausted() {
      return timer !== undefined;
    },
    take(amount) {
      const rates = all();
      if (rates.length === 0) return;
      const now = performance.now();
      takeOf(rates, amount, now);
      if (timer !== undefined) return;
      const { waitMs, quota } = longest(rates, now);
      if (waitMs === 0) return;
      refusals.count(quota!, about);
      rest(waitMs);
    },
    close: wake,
  };
}
