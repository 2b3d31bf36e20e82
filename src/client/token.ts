// The token by which nodes recognize this process: where it comes from, and how it is replaced before it expires.
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { type BackoffOptions, createBackoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { onDeadline } from "./deadline.js";

/** A function is asked for each connection, and again before the token expires. */
export type TokenSource = string | (() => string | Promise<string>);

const patienceMs = 10_000;

/**
 * Undefined: there is no source.
 * @throws RepriseError `unavailable` if the source fails, `invalid_argument` for what is no token: never with the token
 */
export async function readToken(source: TokenSource | undefined): Promise<string | undefined> {
  if (source === undefined) return undefined;
  const token = typeof source === "string" ? source : await ask(source);
  if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new RepriseError("invalid_argument", "a token has one or more characters of ASCII, and no blanks");
}

async function ask(source: () => string | Promise<string>): Promise<string> {
  let stop = () => {};
  const late = new Promise<never>((_, reject) => {
    stop = onDeadline(patienceMs, () => reject(new Error(`no answer within ${patienceMs / 1_000} s`)));
  });
  try {
    return await Promise.race([source(), late]);
  } catch (cause) {
    throw new RepriseError("unavailable", `the token source failed: ${toRepriseError(cause).message}`, { cause });
  } finally {
    stop();
  }
}

export interface Renewal {
  /** The node has accepted a token. @param expiresInMs 0: never */
  accepted(connection: Connection, expiresInMs: number): void;
  /** It has not accepted the new one: the old one is good until it expires, and another one is tried. */
  refused(connection: Connection): void;
  /** The connection is gone. */
  stop(): void;
}

/** Of the time that is left. Not the same for all who got their tokens at one time. */
const earliestPart = 0.7;
const spread = 0.1;

/** Also where a source has nothing newer, or fails. */
const leastMs = 1_000;
const mostMs = 86_400_000;

export function createRenewal(source: TokenSource | undefined, options: BackoffOptions): Renewal {
  const { random = Math.random } = options;
  const backoff = createBackoff(options);
  let timer: NodeJS.Timeout | undefined;
  /** What was begun before is late. */
  let turn = 0;
  function plan(connection: Connection, delayMs: number): void {
    if (typeof source !== "function") return;
    stop();
    timer = setTimeout(() => void renew(connection), Math.min(Math.max(leastMs, delayMs), mostMs));
  }
  async function renew(connection: Connection): Promise<void> {
    const mine = turn;
    try {
      const token = await readToken(source);
      if (mine === turn) connection.renew(token!);
    } catch {
      if (mine === turn) plan(connection, backoff.failed().delayMs);
    }
  }
  function stop(): void {
    turn++;
    clearTimeout(timer);
  }
  return {
    accepted(connection, expiresInMs) {
      if (expiresInMs > 0) plan(connection, expiresInMs * (earliestPart + spread * random()));
    },
    refused: (connection) => plan(connection, backoff.failed().delayMs),
    stop,
  };
}
