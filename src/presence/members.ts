// The contract of a member store: who is on a channel, over all nodes that share the store.
//
// What a node enters, its store keeps: a member is there as long as the node that entered it lives and can be reached by
// the others, and its session has neither left nor been released. A node that has died, or that cannot reach what the
// nodes share, loses its members there after `leaseMs`; if it was only away, it enters them again by itself.
//
// One session holds a member. A later session that enters under the same id takes it over, at whichever node, and what
// the earlier one does then has no effect. So a peer that comes back within the grace time was never away: nobody is
// told anything.
//
// While a node cannot reach what the nodes share, its watchers are told nothing, and nobody has left for that reason.
// When it is back they are told the difference; but who is merely missing, without a word that it left, is told to have
// left only when everybody had the time to come back too: `settleMs` later. So a restart of the store, even one that
// forgot everything, is not an event, and a member whose node died meanwhile is told late rather than wrongly.
import type { Member } from "../wire/members.js";

export type { Member } from "../wire/members.js";

/** What a peer brings when it enters. */
export type Entering = Omit<Member, "sinceMs">;

/** A member as one session holds it. */
export interface Hold {
  id: string;
  session: string;
}

/** No member is in two of the lists. */
export interface MembersChange {
  joined: Member[];
  /** Their names or metadata. */
  changed: Member[];
  /** Nothing but the node. It is not worth telling to peers. */
  moved: Member[];
  left: string[];
}

/**
 * Told what changed since the watch began, in order: each member joins and leaves in turn. What the store could not tell
 * in time is told within about two seconds, as the difference: who joined and left meanwhile is not mentioned.
 */
export type MembersWatcher = (change: MembersChange) => void;

export interface MembersWatch {
  /** The members when the watch began. */
  members: Member[];
  close(): void;
}

/** Methods reject with RepriseError: `buffer_unavailable` when the store cannot be asked; all may be tried again. */
export interface MemberStore {
  /** How long members outlive their node. 0: the store does not outlive it either. */
  readonly leaseMs: number;
  readonly settleMs: number;
  /**
   * Makes the peer a member, or replaces what is known of it. When it joined stays what it was.
   * @throws RepriseError `too_many_members`
   */
  enter(channel: string, member: Entering, session: string): Promise<void>;
  /** Removes it, if the hold is still valid. If that fails it is no longer kept, and gone after `leaseMs`. */
  leave(channel: string, hold: Hold): Promise<void>;
  /** Its session has ended: it is removed after `graceMs`, if it was not taken over. If that fails: as `leave`. */
  release(channel: string, hold: Hold, graceMs: number): Promise<void>;
  /** In no order. Neither this nor watching creates anything in the store. */
  list(channel: string): Promise<Member[]>;
  /** Follows the members until closed; survives the store's restarts. */
  watch(channel: string, watcher: MembersWatcher): Promise<MembersWatch>;
  /** Keeps nothing any more, and tells nobody anything. Who was not released is gone after `leaseMs`. */
  close(): Promise<void>;
}
