// JSON Web Tokens. `sub` is the name of the identity; `exp` and the audience must be there: a token that is for
// somebody else, or for ever, is none. What it may do is in the policy, by name, and in the claim `reprise`, which has
// the form of an identity in the policy (policy.ts): { "roles": […], "rules": […] }.
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { RepriseError } from "../wire/errors.js";
import { type Keys, type KeysOptions, openKeys } from "./jwks.js";
import { isName } from "./name.js";
import { type Grant, readGrant } from "./policy.js";
import { watchFile } from "./watched-file.js";

export interface JwtOptions {
  /** File or URL of the public keys of the issuer. */
  keys?: string | undefined;
  /** File of the secret for HS256, HS384 and HS512, at least 32 bytes. */
  secretFile?: string | undefined;
  /** For whom a token must be; one of these. */
  audience: readonly string[];
  /** By whom it must be issued; undefined: whoever has the key. */
  issuer?: string | undefined;
  /** How wrong clocks may be. */
  clockSkewMs: number;
}

export interface Claims {
  name: string;
  /** Unix ms. */
  expiresAt: number;
  grant: Grant | undefined;
  /** False once it is signed by a secret that has been replaced. A key that was withdrawn is good until the token expires. */
  stands(): boolean;
}

export interface JwtOpening extends KeysOptions {
  /** Told when what stood may not stand any more. */
  changed?: () => void;
}

export interface JwtVerifier {
  /** @throws RepriseError `unauthenticated`, its cause says why; `unavailable` */
  verify(token: string): Promise<Claims>;
  close(): void;
}

const symmetric = ["HS256", "HS384", "HS512"];
const asymmetric = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

const leastSecretBytes = 32;

/** The last time that a Date can hold. */
const lastSecond = 8.64e12;

/** @throws RepriseError `invalid_argument` */
export function openJwt(options: JwtOptions, opening: JwtOpening): JwtVerifier {
  const { keys: where, secretFile, audience, issuer, clockSkewMs } = options;
  if (audience.length === 0) {
    throw new RepriseError(
      "invalid_argument",
      "JWTs need an audience: a token for another service is none for this one",
    );
  }
  const { keys, secret } = openFiles(where, secretFile, opening);
  const rules = {
    algorithms: [...(secret === undefined ? [] : symmetric), ...(keys === undefined ? [] : asymmetric)],
    audience: [...audience],
    ...(issuer !== undefined && { issuer }),
    clockTolerance: clockSkewMs / 1_000,
    requiredClaims: ["sub", "exp"],
  };
  return {
    async verify(token) {
      let signedBy: Uint8Array | undefined;
      const find: JWTVerifyGetKey = (header, token) => {
        // Which key it is follows from the algorithm: so no public key is ever taken for a secret.
        const isSymmetric = symmetric.includes(header.alg);
        if (!isSymmetric && keys !== undefined) return keys.find(header, token);
        if (!isSymmetric || secret === undefined) {
          throw new errors.JOSEAlgNotAllowed(`there is no key for ${header.alg}`);
        }
        signedBy = secret.content;
        return signedBy;
      };
      try {
        const { payload } = await jwtVerify(token, find, rules);
        return { ...claimsOf(payload), stands: () => signedBy === undefined || signedBy === secret?.content };
      } catch (thrown) {
        if (thrown instanceof RepriseError && thrown.code === "unavailable") throw thrown;
        // The signature was good, or it would say so first: its owner may know.
        const expired = thrown instanceof errors.JWTExpired;
        throw new RepriseError("unauthenticated", expired ? "the token has expired" : "the credentials are not valid", {
          cause: thrown,
        });
      }
    },
    close() {
      keys?.close();
      secret?.close();
    },
  };
}

function openFiles(where: string | undefined, secretFile: string | undefined, opening: JwtOpening) {
  const { changed = () => {} } = opening;
  const secret =
    secretFile === undefined ? undefined : watchFile(secretFile, { ...opening, read: readSecret, changed });
  try {
    const keys: Keys | undefined = where === undefined ? undefined : openKeys(where, opening);
    return { keys, secret };
  } catch (thrown) {
    secret?.close();
    throw thrown;
  }
}

function claimsOf({ sub, exp, reprise }: JWTPayload): Omit<Claims, "stands"> {
  if (!isName(sub)) throw new Error("its subject is no name for an identity");
  // Past all dates, as in another unit, or for ever in other words.
  if (exp! > lastSecond) throw new Error("its expiry is no time");
  const grant = reprise === undefined ? undefined : readGrant(reprise, "claim reprise");
  return { name: sub, expiresAt: exp! * 1_000, grant };
}

function readSecret(text: string, path: string): Uint8Array {
  const secret = new TextEncoder().encode(text.replace(/\r?\n$/, ""));
  if (secret.length >= leastSecretBytes) return secret;
  throw new RepriseError("invalid_argument", `${path}: a secret for JWTs has at least ${leastSecretBytes} bytes`);
}
