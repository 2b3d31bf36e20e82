// The contract of a member store: who is on a channel, over all nodes that share the store.
//
// A member is there while some node renews its lease. It is gone when it left, when its session ended and it did not
// enter again within the grace time, or when the lease was not renewed because the node that renewed it has died. One
// that enters again, at whichever node, within that time was never away: nobody is told anything.

export interface Member {
  /** Chosen by the peer, kept over its reconnects. */
  id: string;
  name: string;
  metadata: readonly { key: string; value: string }[];
  /** The node that it entered at last. */
  node: string;
  /** When it joined, Unix ms by the store's clock. */
  sinceMs: number;
}

/** What a peer brings when it enters. */
export type Entering = Omit<Member, "sinceMs">;

/** A member as one session holds it. Where a later session has entered under the same id, the earlier one's is void. */
export interface Hold {
  id: string;
  session: string;
}

export interface MembersWatcher {
  /**
   * What changed since the watch began, in order: each member is told to have joined and to have left in turn. What the
   * store could not tell in time is told later, as the difference.
   */
  changed(change: { joined: Member[]; changed: Member[]; left: string[] }): void;
}

export interface MembersWatch {
  /** The members when the watch began. */
  members: Member[];
  close(): void;
}

/** Methods reject with RepriseError: `buffer_unavailable` when the store cannot be asked; all may be tried again. */
export interface MemberStore {
  /** How long a member outlives the last renewal of its lease. */
  readonly leaseMs: number;
  /**
   * Makes the peer a member, or replaces what is known of it, and begins its lease.
   * @throws RepriseError `too_many_members`
   */
  enter(channel: string, member: Entering, session: string): Promise<void>;
  /** Removes it at once, if the hold is still valid. */
  leave(channel: string, hold: Hold): Promise<void>;
  /** Its session has ended: it is removed after `graceMs`, if the hold is still valid then. */
  release(channel: string, hold: Hold, graceMs: number): Promise<void>;
  /** Begins the leases of these anew. Returns those that are no longer there and must enter again. */
  renew(channel: string, holds: readonly Hold[]): Promise<Hold[]>;
  list(channel: string): Promise<Member[]>;
  /** Follows the members until closed; survives the store's restarts. */
  watch(channel: string, watcher: MembersWatcher): Promise<MembersWatch>;
  close(): Promise<void>;
}
