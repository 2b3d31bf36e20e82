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
/** Of a set: thousands of keys. */
const mostBytes = 1 << 20;

/**
 * @param where a path, https://…, or http://… on loopback: whoever can change the answer can be anybody
 * @throws RepriseError `invalid_argument`
 */
export function openKeys(where: string, options: KeysOptions): Keys {
  if (!/^https?:\/\//.test(where)) {
    const file = watchFile(where, { ...options, read: readSet, changed: () => {} });
    return { find: (header, token) => file.content(header, token), close: file.close };
  }
  // The text itself is not repeated: it may hold a password.
  const url = URL.canParse(where) ? new URL(where) : undefined;
  if (url === undefined || !isTrusted(url)) {
    throw new RepriseError(
      "invalid_argument",
      `${url === undefined ? "the keys of JWTs" : shown(url)}: expected a file, https://… or, on loopback, http://…, and no password`,
    );
  }
  return fetchedKeys(url, options);
}

/** For people: what a URL asks with may be a secret, too. */
const shown = ({ origin, pathname }: URL): string => origin + pathname;

function isTrusted({ protocol, hostname, username, password }: URL): boolean {
  if (username !== "" || password !== "") return false;
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

function fetchedKeys(url: URL, { log, maxAgeMs, cooldownMs }: KeysOptions): Keys {
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
      const text = await textOf(response);
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      keys = readSet(text, shown(url));
    } catch (thrown) {
      const stays = keys === undefined ? "nobody can be recognized by it" : "the last keys are used";
      const { message, cause } = toRepriseError(thrown);
      const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : message;
      if (!closed.signal.aborted) log.error({}, `keys of ${shown(url)}: ${why}; ${stays}`);
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

/** Whoever answers in the place of the issuer shall not fill the node's memory. */
async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop gives up what is still to come.
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
