// Static tokens. A token is 32 random bytes; the file has its SHA-256, which is enough, because nobody can guess what
// is that random (a slow hash is for passwords). Of the file, therefore, nobody can make a token.
//
//   # name    hash                expiry, if any
//   worker-1  sha256:9F86D08188…  expires=2027-01-01T00:00:00Z
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { RepriseError } from "../wire/errors.js";
import { isName, nameSyntax } from "./name.js";

/** Lets people, and programs that look for leaked secrets, recognize one. */
const prefix = "rpr_";

export interface Entry {
  name: string;
  /** SHA-256. */
  hash: Buffer;
  /** Unix ms; Infinity: never. */
  expiresAt: number;
}

export interface TokenFile {
  /** The entry of a token. */
  find(token: string): Entry | undefined;
  /** Whether the entry, of this file or an earlier one, still stands there as it was. */
  has(entry: Entry): boolean;
}

const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();

/**
 * @returns the token, to be shown once, and its line in the file
 * @throws RepriseError `invalid_argument`
 */
export function createToken(name: string, expiresAt?: Date): { token: string; line: string } {
  if (!isName(name) || /[\s#]/.test(name)) {
    throw new RepriseError("invalid_argument", `name of an identity: ${nameSyntax}, no blanks and no #`);
  }
  const token = prefix + randomBytes(32).toString("base64url");
  const expiry = expiresAt === undefined ? "" : ` expires=${expiresAt.toISOString()}`;
  return { token, line: `${name} sha256:${hashOf(token).toString("hex")}${expiry}` };
}

/**
 * @param path of the file, for people
 * @throws RepriseError `invalid_argument`, which names the line and does not show it: it may hold a token by mistake
 */
export function readTokenFile(text: string, path: string): TokenFile {
  // By the first bytes of the hash; the others are compared in constant time.
  const byStart = new Map<number, Entry[]>();
  for (const [index, line] of text.split("\n").entries()) {
    const words = line.replace(/(^|\s)#.*/, "").trim();
    if (words === "") continue;
    const entry = readLine(words);
    if (entry === undefined) {
      const expected = "expected NAME sha256:HASH [expires=TIME] (reprise token create makes such a line)";
      throw new RepriseError("invalid_argument", `${path}, line ${index + 1}: ${expected}`);
    }
    const start = entry.hash.readUInt32BE();
    byStart.set(start, [...(byStart.get(start) ?? []), entry]);
  }
  const find = (hash: Buffer) => byStart.get(hash.readUInt32BE())?.find((entry) => timingSafeEqual(entry.hash, hash));
  return {
    find: (token) => find(hashOf(token)),
    has({ hash, name, expiresAt }) {
      const entry = find(hash);
      return entry?.name === name && entry.expiresAt === expiresAt;
    },
  };
}

function readLine(line: string): Entry | undefined {
  const [name, hash, expires, ...others] = line.split(/\s+/);
  const [, hex] = /^sha256:([0-9a-f]{64})$/i.exec(hash ?? "") ?? [];
  const [, time] = /^expires=(.+)$/.exec(expires ?? "") ?? [];
  if (!isName(name) || hex === undefined || others.length > 0) return undefined;
  if (expires === undefined) return { name, hash: Buffer.from(hex, "hex"), expiresAt: Number.POSITIVE_INFINITY };
  const expiresAt = Date.parse(time ?? "");
  return Number.isNaN(expiresAt) ? undefined : { name, hash: Buffer.from(hex, "hex"), expiresAt };
}
