// A guard from what an operator configures: a file of static tokens, keys of JWTs, certificates, a policy.
import type { Log } from "../log/log.js";
import { RepriseError } from "../wire/errors.js";
import type { Credentials, Guard, Identity, Rights } from "./guard.js";
import { type JwtOptions, type JwtVerifier, openJwt } from "./jwt.js";
import { isName } from "./name.js";
import { type Permission, rulesOf } from "./permissions.js";
import { type Grant, noPolicy, readPolicy, rulesFor } from "./policy.js";
import { rightsOf } from "./rules.js";
import { readTokenFile } from "./static-token.js";
import { type WatchedFile, watchFile } from "./watched-file.js";

export interface GuardOptions {
  /** File of hashed static tokens (static-token.ts). */
  tokens?: string | undefined;
  jwt?: JwtOptions | undefined;
  /** Whether the subject's common name in a client certificate, which TLS has verified, is an identity. */
  certificates?: boolean | undefined;
  /** File (policy.ts). Without it identities may do what their claims and the permissions say. */
  policy?: string | undefined;
  /** What is said of single channels besides. Default: nothing. */
  permissions?: readonly Permission[] | undefined;
  /** How long a session may go on after its credentials have expired. Default: 30,000. */
  graceMs?: number | undefined;
  /** How far back a peer may resume that has no right to the history of a channel. Default: 600,000. */
  resumeMs?: number | undefined;
  /** Told what goes wrong, a line each; no line holds a secret. */
  log: Log;
  /** How often files are looked at. Default: 1,000. */
  everyMs?: number | undefined;
}

export interface OpenGuard extends Guard {
  /** From now on these count in the place of those before. */
  permit(permissions: readonly Permission[]): void;
  close(): void;
}

/** An identity, and what its credentials say besides. */
interface Recognized extends Identity {
  grant?: Grant | undefined;
  /** Whether the credentials are still good, their time aside. Default: they are. */
  stands?(): boolean;
}

const longestToken = 16 * 1_024;

const refused = (cause: unknown, message = "the credentials are not valid"): RepriseError =>
  new RepriseError("unauthenticated", message, { cause });

/** @throws RepriseError `invalid_argument` if something of it cannot be used */
export function openGuard(options: GuardOptions): OpenGuard {
  const { everyMs = 1_000, log } = options;
  checkOptions(options);
  const listeners = new Set<() => void>();
  let version = 0;
  let permitted = rulesOf(options.permissions ?? []);
  const changed = () => {
    version++;
    for (const listener of listeners) listener();
  };
  const closes: (() => void)[] = [];
  function watched<Content>(path: string, read: (text: string, path: string) => Content): WatchedFile<Content> {
    const file = watchFile(path, { read, changed, log, everyMs });
    closes.push(file.close);
    return file;
  }
  function close(): void {
    for (const one of closes.splice(0)) one();
  }
  try {
    const tokens = options.tokens === undefined ? undefined : watched(options.tokens, readTokenFile);
    const policy = options.policy === undefined ? { content: noPolicy } : watched(options.policy, readPolicy);
    const jwt: JwtVerifier | undefined = options.jwt && openJwt(options.jwt, { log, everyMs, changed });
    closes.push(() => jwt?.close());
    const recognize = recognizer(tokens, jwt, options.certificates === true);
    return {
      authenticate: recognize,
      rightsOf(identity: Recognized): Rights {
        const { name, grant } = identity;
        if (identity.stands?.() === false) throw new RepriseError("unauthenticated", "the token was taken back");
        return rightsOf(rulesFor(policy.content, name, grant, permitted));
      },
      get version() {
        return version;
      },
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      graceMs: options.graceMs ?? 30_000,
      resumeMs: options.resumeMs ?? 600_000,
      permit(permissions) {
        permitted = rulesOf(permissions);
        changed();
      },
      close,
    };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

function checkOptions({ tokens, jwt, certificates, policy, permissions = [] }: GuardOptions): void {
  if (tokens === undefined && jwt === undefined && certificates !== true) {
    throw new RepriseError("invalid_argument", "a policy needs identities: tokens, JWTs or certificates");
  }
  if (policy === undefined && jwt === undefined && permissions.length === 0) {
    throw new RepriseError("invalid_argument", "without a policy nobody may do anything");
  }
}

function recognizer(
  tokens: { readonly content: ReturnType<typeof readTokenFile> } | undefined,
  jwt: JwtVerifier | undefined,
  certificates: boolean,
): (credentials: Credentials) => Promise<Recognized> {
  return async ({ token, certificate }) => {
    if (token !== undefined) {
      if (token.length > longestToken) throw refused(new Error("a token that is too long"));
      if (token.split(".").length === 3 && jwt !== undefined) return jwt.verify(token);
      const entry = tokens?.content.find(token);
      if (entry === undefined) throw refused(new Error("an unknown token"));
      if (entry.expiresAt <= Date.now()) {
        throw refused(new Error(`the token of ${entry.name} has expired`), "the token has expired");
      }
      return { name: entry.name, expiresAt: entry.expiresAt, stands: () => tokens?.content.has(entry) === true };
    }
    if (certificates && certificate !== undefined) {
      const { CN: name } = certificate.subject;
      if (!isName(name)) throw refused(new Error("the common name of a certificate is no name for an identity"));
      // TLS looks at it once, and a connection may last.
      const expiresAt = Date.parse(certificate.valid_to);
      if (!(expiresAt > Date.now())) {
        throw refused(new Error(`the certificate of ${name} has expired`), "the certificate has expired");
      }
      return { name, expiresAt };
    }
    throw refused(undefined, "this node wants to know who you are: a token is missing");
  };
}
