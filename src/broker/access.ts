// What a peer may do, asked before each operation. The answer is kept for each channel, so that a publish pays for a look
// into a map; when what an operator has configured changes, all answers are forgotten.
import { createHash } from "node:crypto";
import type { Guard, Identity, Operation, Rights } from "../auth/guard.js";
import type { Log, LogFields } from "../log/log.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";

export interface Access {
  /** The proven name; undefined: the peer may call itself whatever it likes. */
  readonly name: string | undefined;
  /** When the credentials expire, Unix ms; Infinity: never. */
  readonly expiresAt: number;
  /** After this a session ends, Unix ms. */
  readonly endsAt: number;
  /** How far back it may resume where it has no right to the history. */
  readonly resumeMs: number;
  /**
   * @param channel a valid name, or a pattern, for all that match it; empty: the node
   * @throws RepriseError `permission_denied`; `unauthenticated` if the credentials were taken back
   */
  check(operation: Operation, channel: string): void;
  allows(operation: Operation, channel: string): boolean;
  /** Whether it has any right on the channel. */
  allowsAny(channel: string): boolean;
  /** @throws RepriseError `unauthenticated` once they were taken back, or their time and its grace are over */
  checkCredentials(): void;
  /** Goes on by new credentials of the same identity. @throws RepriseError `unauthenticated` */
  renew(token: string): Promise<void>;
  /** Makes an id that a peer has chosen one that no other identity can have. */
  own(id: string): string;
}

/** Of a node that does not ask who somebody is. */
export const anyone: Access = {
  name: undefined,
  expiresAt: Number.POSITIVE_INFINITY,
  endsAt: Number.POSITIVE_INFINITY,
  resumeMs: Number.POSITIVE_INFINITY,
  check: () => {},
  allows: () => true,
  allowsAny: () => true,
  checkCredentials: () => {},
  renew: async () => {},
  own: (id) => id,
};

/** Channels whose answers are kept. */
const mostKnown = 1_000;

export function accessOf(guard: Guard, identity: Identity): Access {
  let current = identity;
  let version = Number.NaN;
  let rights: Rights | undefined;
  const known = new Map<string, ReadonlySet<Operation>>();
  const allowed = (channel: string): ReadonlySet<Operation> => {
    if (version !== guard.version) {
      version = guard.version;
      rights = undefined;
      known.clear();
    }
    const before = known.get(channel);
    if (before !== undefined) return before;
    rights ??= guard.rightsOf(current);
    const found = rights(channel);
    if (known.size >= mostKnown) known.clear();
    known.set(channel, found);
    return found;
  };
  const access: Access = {
    name: identity.name,
    get expiresAt() {
      return current.expiresAt;
    },
    get endsAt() {
      return current.expiresAt + guard.graceMs;
    },
    get resumeMs() {
      return guard.resumeMs;
    },
    allows: (operation, channel) => allowed(channel).has(operation),
    allowsAny: (channel) => allowed(channel).size > 0,
    check(operation, channel) {
      if (allowed(channel).has(operation)) return;
      const what = channel === "" ? `${operation} of the node` : `${operation} on ${channel}`;
      throw new RepriseError("permission_denied", `${identity.name} has no right to ${what}`);
    },
    checkCredentials() {
      allowed("");
      if (Date.now() >= access.endsAt) throw expired();
    },
    async renew(token) {
      const next = await guard.authenticate({ token });
      if (next.name !== identity.name) {
        throw new RepriseError("unauthenticated", "a session goes on by credentials of the same identity only");
      }
      current = next;
      version = Number.NaN;
    },
    own: (id) => createHash("sha256").update(`${identity.name}\0${id}`).digest("base64url").slice(0, 22),
  };
  return access;
}

/** Says why, which the peer is not told. */
export function logUnrecognized(log: Log, about: LogFields, thrown: unknown): void {
  const { message, cause } = toRepriseError(thrown);
  const why = cause === undefined ? message : toRepriseError(cause).message;
  log.info({ ...about, why }, "a peer was not recognized");
}

export const expired = (): RepriseError =>
  new RepriseError("unauthenticated", "the credentials have expired and were not renewed in time");
