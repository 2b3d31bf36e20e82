// The public keys of whoever issues JWTs: a JSON Web Key Set, in a file that is read again when it changes, or at a URL.
//
// Keys are rotated: a token signed by a key that is not known makes the set be fetched at once, though not more often
// than once in the cool-down, and otherwise it is fetched again before a token is looked at when it is old. While the URL
// does not answer, the keys that were fetched last are used.
import { isIPv4 } from "node:net";
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import type { Log } from "../log/log.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { watchFile } from "./watched-file.js";

export interface Keys {
  /** Finds the key that a token says it was signed by. */
  readonly find: JWTVerifyGetKey;
  close(): void;
}

export interface KeysOptions {
  log: Log;
  /** How often a file is looked at. */
  everyMs: number;
  /** When fetched keys are old. */
  maxAgeMs?: number;
  cooldownMs?: number;
}

const defaultMaxAgeMs = 600_000;
const defaultCooldownMs = 10_000;
const fetchMs = 5_000;

/**
 * @param where a path, https://…, or http://… on loopback: whoever can change the answer can be anybody
 * @throws RepriseError `invalid_argument`
 */
export function openKeys(where: string, options: KeysOptions): Keys {
  if (!/^https?:\/\//.test(where)) {
    const file = watchFile(where, { ...options, read: readSet, changed: () => {} });
    return { find: (header, token) => file.content(header, token), close: file.close };
  }
  if (!isTrusted(where)) {
    throw new RepriseError("invalid_argument", `${where}: expected a file, https://… or, on loopback, http://…`);
  }
  return fetchedKeys(where, options);
}

function isTrusted(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  const isLoopback = hostname === "localhost" || hostname === "[::1]" || (isIPv4(hostname) && /^127\./.test(hostname));
  return protocol === "https:" || isLoopback;
}

function readSet(text: string, where: string): ReturnType<typeof createLocalJWKSet> {
  try {
    return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
  } catch {
    throw new RepriseError("invalid_argument", `${where} is no JSON Web Key Set`);
  }
}

function fetchedKeys(url: string, { log, maxAgeMs, cooldownMs }: KeysOptions): Keys {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let trying: Promise<void> | undefined;
  /** Because the set was old: whoever comes meanwhile waits, or a key that was withdrawn would let him in. */
  let renewing: Promise<void> | undefined;
  /** When a token asked for a key that was not there. */
  let askedAt = Number.NEGATIVE_INFINITY;
  const closed = new AbortController();
  async function fetchSet(): Promise<void> {
    triedAt = performance.now();
    try {
      const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(fetchMs)]);
      const headers = { accept: "application/json, application/jwk-set+json", connection: "close" };
      const response = await fetch(url, { redirect: "error", headers, signal });
      const text = await response.text();
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      keys = readSet(text, url);
    } catch (thrown) {
      const stays = keys === undefined ? "nobody can be recognized by it" : "the last keys are used";
      const { message, cause } = toRepriseError(thrown);
      const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : message;
      if (!closed.signal.aborted) log.error({}, `keys of ${url}: ${why}; ${stays}`);
    }
  }
  const refresh = (): Promise<void> => {
    trying ??= fetchSet().finally(() => {
      trying = undefined;
    });
    return trying;
  };
  const isOlder = (ms: number) => performance.now() - triedAt >= ms;
  return {
    async find(header, token) {
      if (keys === undefined && (trying !== undefined || isOlder(1_000))) await refresh();
      if (keys === undefined) throw new RepriseError("unavailable", "the keys of whoever issues tokens cannot be had");
      if (isOlder(maxAgeMs ?? defaultMaxAgeMs)) {
        renewing ??= refresh().finally(() => {
          renewing = undefined;
        });
      }
      if (renewing !== undefined) await renewing;
      try {
        return await keys(header, token);
      } catch (thrown) {
        if (!(thrown instanceof errors.JWKSNoMatchingKey)) throw thrown;
        if (trying === undefined) {
          if (performance.now() - askedAt < (cooldownMs ?? defaultCooldownMs)) throw thrown;
          askedAt = performance.now();
        }
        await refresh();
        return keys(header, token);
      }
    },
    close: () => closed.abort(),
  };
}
