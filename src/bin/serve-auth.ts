// The options of reprise serve about who peers are and what they may do.
import { Option } from "commander";
import type { GuardOptions, JwtOptions, OpenGuard, Permission } from "../auth/index.js";
import type { Log } from "../log/log.js";
import { Exit, exitCodes } from "./exit.js";
import { parseDuration } from "./quantity.js";

export interface GuardFlags extends JwtFlags {
  authTokens?: string;
  authCert?: boolean;
  authGrace?: number;
  authResume?: number;
  policy?: string;
}

export interface JwtFlags {
  authJwks?: string;
  authJwtSecretFile?: string;
  authJwtAudience?: string;
  authJwtIssuer?: string;
  authClockSkew?: number;
}

export const jwtOptions = (): Option[] => [
  new Option("--auth-jwks <URL|FILE>", "public keys of those who issue JWTs").env("REPRISE_AUTH_JWKS"),
  new Option("--auth-jwt-secret-file <FILE>", "secret of JWTs that are signed by HS256, HS384 or HS512").env(
    "REPRISE_AUTH_JWT_SECRET_FILE",
  ),
  new Option("--auth-jwt-audience <NAME>", "for whom a JWT must be; several separated by commas").env(
    "REPRISE_AUTH_JWT_AUDIENCE",
  ),
  new Option("--auth-jwt-issuer <NAME>", "who must have issued it (default: whoever has the key)").env(
    "REPRISE_AUTH_JWT_ISSUER",
  ),
  new Option("--auth-clock-skew <DURATION>", "how wrong clocks may be when JWTs are checked (default: 5s)")
    .env("REPRISE_AUTH_CLOCK_SKEW")
    .argParser(parseDuration),
];

export const guardOptions = (): Option[] => [
  new Option("--auth-tokens <FILE>", "hashed tokens by which peers are recognized, see reprise token create").env(
    "REPRISE_AUTH_TOKENS",
  ),
  ...jwtOptions(),
  new Option("--auth-cert", "recognize peers by the common name of their client certificate").env("REPRISE_AUTH_CERT"),
  new Option("--auth-grace <DURATION>", "how long a session goes on when its token has expired (default: 30s)")
    .env("REPRISE_AUTH_GRACE")
    .argParser(parseDuration),
  new Option(
    "--auth-resume <DURATION>",
    "how far back those may resume who have no right to the history of a channel (default: 10m)",
  )
    .env("REPRISE_AUTH_RESUME")
    .argParser(parseDuration),
  new Option("--policy <FILE>", "who may do what on which channels; read again when it changes").env("REPRISE_POLICY"),
];

const defaultSkewMs = 5_000;

/** Undefined if nothing is said about JWTs. */
export function jwtOf(flags: JwtFlags): JwtOptions | undefined {
  const { authJwks, authJwtSecretFile, authJwtAudience = "", authJwtIssuer, authClockSkew = defaultSkewMs } = flags;
  if (authJwks === undefined && authJwtSecretFile === undefined) {
    if (authJwtAudience === "" && authJwtIssuer === undefined) return undefined;
    throw new Exit(exitCodes.usage, "which keys? JWTs need --auth-jwks or --auth-jwt-secret-file");
  }
  const audience = authJwtAudience.split(",").filter((name) => name !== "");
  if (audience.length === 0) {
    throw new Exit(
      exitCodes.usage,
      "for whom are the JWTs? Without --auth-jwt-audience those of other services would do",
    );
  }
  return { keys: authJwks, secretFile: authJwtSecretFile, audience, issuer: authJwtIssuer, clockSkewMs: authClockSkew };
}

/**
 * Undefined: everybody may do everything.
 * @param permitted whether the configuration file says of single channels who may do what
 * @throws Exit if the flags contradict each other
 */
export function recognitionOf(flags: GuardFlags, permitted: boolean): Omit<GuardOptions, "log"> | undefined {
  const { authTokens, authCert, authGrace, authResume, policy } = flags;
  const jwt = jwtOf(flags);
  const recognizes = jwt !== undefined || authTokens !== undefined || authCert === true;
  if (!recognizes && policy === undefined) return undefined;
  if (!recognizes)
    throw new Exit(exitCodes.usage, "a --policy needs identities: --auth-tokens, --auth-jwks or --auth-cert");
  if (policy === undefined && jwt === undefined && !permitted) {
    throw new Exit(exitCodes.usage, "nobody could do anything: say with --policy FILE who may do what");
  }
  return { tokens: authTokens, jwt, certificates: authCert, policy, graceMs: authGrace, resumeMs: authResume };
}

/** Undefined: everybody may do everything. */
export async function guardOf(
  flags: GuardFlags,
  permissions: readonly Permission[],
  log: Log,
): Promise<OpenGuard | undefined> {
  const recognition = recognitionOf(flags, permissions.length > 0);
  if (recognition === undefined) return undefined;
  const { openGuard } = await import("../auth/index.js");
  return openGuard({ ...recognition, permissions, log });
}
