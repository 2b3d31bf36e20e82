// The contract between a node and whoever knows its peers: who somebody is, and what that identity may do now. No code.

/** What a right is about. `admin` of a channel, or, of the empty name, of the node itself. */
export type Operation = "publish" | "subscribe" | "history" | "presence" | "admin";

/** What a peer shows of itself. */
export interface Credentials {
  token?: string | undefined;
  /** Of a certificate that TLS has verified against the authority for clients: its subject, and when it expires. */
  certificate?: { subject: { CN?: string | string[] }; valid_to: string } | undefined;
}

/** Somebody who has been recognized. Kept as long as a session lasts, and shown to the guard again. */
export interface Identity {
  /** Under which its messages appear: 1 to 64 bytes of UTF-8 without control characters. */
  readonly name: string;
  /** When the credentials expire, Unix ms; Infinity: never. */
  readonly expiresAt: number;
}

/**
 * What is allowed on a channel; of the empty name, at the node itself; of a pattern, on all channels that match it, whether there
 * are any or not.
 */
export type Rights = (channel: string) => ReadonlySet<Operation>;

export interface Guard {
  /**
   * Recognizes a peer. What it rejects with says nothing of which tokens there are; its cause does, without the token.
   * @throws RepriseError `unauthenticated`; `unavailable` while the keys for that cannot be had
   */
  authenticate(credentials: Credentials): Promise<Identity>;
  /**
   * What the identity may do now. It holds until `version` changes.
   * @throws RepriseError `unauthenticated` if its credentials were taken back
   */
  rightsOf(identity: Identity): Rights;
  readonly version: number;
  /** Calls the listener whenever `version` has changed. Returns what removes it. */
  onChange(listener: () => void): () => void;
  /** How long a session may go on after its credentials have expired. */
  readonly graceMs: number;
  /** How far back a peer may resume that has no right to the history of a channel. */
  readonly resumeMs: number;
}
