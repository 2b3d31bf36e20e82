// How much of a node its peers may take: each a number that they may reach and not pass, Infinity where there is none. What a
// message or a session may be in itself is in wire/limits.ts.
import type { Log, LogFields } from "../log/log.js";
import { RepriseError } from "../wire/errors.js";
import { increase } from "./tally.js";

export interface Quotas {
  /** Open connections. */
  connections: number;
  connectionsPerAddress: number;
  /** Connections on which one identity has made calls. */
  connectionsPerIdentity: number;
  /** New connections in a second; with TLS each costs a handshake. */
  handshakes: number;
  handshakesPerAddress: number;
  /** How long a connection may be open before a call on it is let in, in ms. */
  unusedMs: number;
  sessions: number;
  sessionsPerIdentity: number;
  /** Channels in the store; with several nodes about that many. */
  channels: number;
  /** Messages that one session publishes in a second, and bytes of them. */
  messages: number;
  bytes: number;
  /** The same of one identity, by whatever calls and sessions. */
  messagesPerIdentity: number;
  bytesPerIdentity: number;
  /** Bytes in use by the process, its garbage included: beyond them load is shed. */
  memory: number;
}

export type Quota = keyof Quotas;

const none = Number.POSITIVE_INFINITY;

export const defaultQuotas: Quotas = {
  connections: none,
  connectionsPerAddress: none,
  connectionsPerIdentity: none,
  handshakes: none,
  handshakesPerAddress: none,
  unusedMs: 60_000,
  sessions: none,
  sessionsPerIdentity: none,
  channels: none,
  messages: none,
  bytes: none,
  messagesPerIdentity: none,
  bytesPerIdentity: none,
  memory: none,
};

const quotas = Object.keys(defaultQuotas) as Quota[];

/** @throws RepriseError `invalid_argument` */
export function completeQuotas(given: Partial<Quotas> = {}): Quotas {
  for (const [name, value] of Object.entries(given)) {
    if (value > 0) continue;
    throw new RepriseError("invalid_argument", `quota ${name}: ${value} is not a positive number`);
  }
  return { ...defaultQuotas, ...given };
}

/** What peers are told, and what is counted and logged. */
export class Refusals {
  readonly #counts = new Map<Quota, number>();
  readonly #log: Log;
  readonly #told: (error: RepriseError) => void;

  /**
   * @param log one that is sparing: strangers reach limits as often as they like
   * @param told of each that somebody is refused by
   */
  constructor(log: Log, told: (error: RepriseError) => void = () => {}) {
    this.#log = log;
    this.#told = told;
  }

  /** Counts one. @param about whom or what */
  count(quota: Quota, about: LogFields): void {
    increase(this.#counts, quota);
    this.#log.warn(about, `limit reached: ${nameOf(quota)}`);
  }

  /** All that there are, so that the first increase is seen as one. */
  byName(): Map<string, number> {
    return new Map(quotas.map((quota) => [nameOf(quota), this.#counts.get(quota) ?? 0]));
  }

  /** Counts one, and answers what to throw. */
  of(quota: Quota, sentence: string, retryAfterMs: number, about: LogFields): RepriseError {
    this.count(quota, { ...about, why: sentence });
    const error = new RepriseError("limit_reached", sentence, { retryAfterMs: Math.ceil(retryAfterMs) });
    this.#told(error);
    return error;
  }
}

/** Where nobody knows when there will be room. */
export const retryAfterMs = 2_000;

/** As an operator knows it: `connections-per-address`. */
export const nameOf = (quota: Quota): string =>
  quota === "unusedMs" ? "unused" : quota.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
