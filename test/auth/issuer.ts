// An issuer of JWTs: keys of real algorithms, and its key set on a real HTTP server on loopback.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  SignJWT,
} from "jose";
import type { T } from "../harness.js";

export interface Key {
  alg: string;
  kid: string;
  privateKey: CryptoKey;
  jwk: JWK;
}

export async function newKey(alg: string, kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

export interface Claims extends Omit<JWTPayload, "aud" | "sub"> {
  aud?: string | undefined;
  sub?: string | undefined;
  /** Seconds from now; undefined: none. */
  expiresIn?: number | undefined;
}

/** By default for ada and the audience reprise, good for a minute. */
export function sign(
  { alg, kid, privateKey }: Pick<Key, "alg" | "kid"> & { privateKey: CryptoKey | Uint8Array },
  claims: Claims = {},
  header: Record<string, unknown> = {},
) {
  const { expiresIn = 60, ...others } = claims;
  const now = Math.floor(Date.now() / 1_000);
  const exp = "expiresIn" in claims && claims.expiresIn === undefined ? {} : { exp: now + expiresIn };
  const payload: Record<string, unknown> = {
    sub: "ada",
    aud: "reprise",
    iss: "https://issuer.test",
    ...exp,
    ...others,
  };
  return new SignJWT(payload).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
}

export interface Issuer {
  readonly url: string;
  /** Times that the set was fetched. */
  fetched: number;
  /** What it serves. */
  keys: Key[];
  /** It answers 503. */
  away: boolean;
  /** It does not come to the end of its answer. */
  endless: boolean;
}

export async function startIssuer(t: T, keys: Key[]): Promise<Issuer> {
  const server = createServer((_, response) => {
    issuer.fetched++;
    if (issuer.endless) {
      const more = () => response.write(" ".repeat(65_536), (error) => error ?? more());
      more();
      return;
    }
    const set: JSONWebKeySet = { keys: issuer.keys.map(({ jwk }) => jwk) };
    response.writeHead(issuer.away ? 503 : 200, { "content-type": "application/json" }).end(JSON.stringify(set));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const issuer: Issuer = { url: `http://127.0.0.1:${port}/jwks.json`, fetched: 0, keys, away: false, endless: false };
  return issuer;
}
