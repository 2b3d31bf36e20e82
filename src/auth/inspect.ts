// What a token says of itself, for people. The token is not part of it.
import { readFileSync } from "node:fs";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { createLog } from "../log/log.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { type JwtOptions, openJwt } from "./jwt.js";
import { readTokenFile } from "./static-token.js";

export type Inspected =
  /** `verified`: undefined if nothing was given to verify it with, else "" or what is wrong. */
  | { kind: "jwt"; header: object; claims: object; expiresAt: number | undefined; verified: string | undefined }
  /** `name`: undefined if it is not in the file, or there is none to look into. */
  | { kind: "static"; name: string | undefined; expiresAt: number | undefined };

/** @throws RepriseError `invalid_argument` */
export async function inspectToken(
  token: string,
  { tokens, jwt }: { tokens?: string | undefined; jwt?: JwtOptions | undefined },
): Promise<Inspected> {
  if (token.split(".").length === 3) return inspectJwt(token, jwt);
  const entry = tokens === undefined ? undefined : readTokenFile(readFileSync(tokens, "utf8"), tokens).find(token);
  return { kind: "static", name: entry?.name, expiresAt: entry?.expiresAt };
}

async function inspectJwt(token: string, jwt: JwtOptions | undefined): Promise<Inspected> {
  let header: object;
  let claims: ReturnType<typeof decodeJwt>;
  try {
    [header, claims] = [decodeProtectedHeader(token), decodeJwt(token)];
  } catch {
    throw new RepriseError("invalid_argument", "this is not a JWT, though it has its three parts");
  }
  const expiresAt = claims.exp === undefined ? undefined : claims.exp * 1_000;
  return { kind: "jwt", header, claims, expiresAt, verified: jwt && (await verify(token, jwt)) };
}

async function verify(token: string, options: JwtOptions): Promise<string> {
  const problems: string[] = [];
  const log = createLog((_level, _fields, message) => problems.push(message));
  const verifier = openJwt(options, { log, everyMs: 1_000 });
  try {
    await verifier.verify(token);
    return "";
  } catch (thrown) {
    const error = toRepriseError(thrown);
    return [toRepriseError(error.cause ?? error).message, ...problems].join("; ");
  } finally {
    verifier.close();
  }
}
