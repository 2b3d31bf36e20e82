// The members of a channel, as one node knows them while somebody there watches: one watch of the store for all sessions,
// each member encoded once, each change encoded once.
import type { Member, MemberStore, MembersChange, MembersWatch } from "../presence/members.js";
import { encodeMember, encodeMembers } from "../wire/members.js";
import type { RosterReader } from "./roster-reader.js";

export class Roster {
  readonly channel: string;
  readonly readers = new Set<RosterReader>();
  /** As elements of `members` items, by id. */
  readonly members = new Map<string, Buffer>();
  #watch: MembersWatch | undefined;
  #closed = false;

  constructor(channel: string) {
    this.channel = channel;
  }

  /** Begins to follow the channel. Called once, before anything else. */
  async open(store: MemberStore): Promise<void> {
    const watch = await store.watch(this.channel, (change) => this.#changed(change));
    this.#put(watch.members);
    if (this.#closed) watch.close();
    this.#watch = watch;
  }

  #put(members: readonly Member[]): Buffer[] {
    return members.map((member) => {
      const encoded = encodeMember(member);
      this.members.set(member.id, encoded);
      return encoded;
    });
  }

  #changed({ joined, changed, moved, left }: MembersChange): void {
    this.#put(moved);
    for (const id of left) this.members.delete(id);
    if (joined.length + changed.length + left.length === 0) return;
    const { channel } = this;
    const change = { joined: this.#put(joined), changed: this.#put(changed), left };
    const item = encodeMembers({ channel, complete: false, ...change, more: false });
    for (const reader of this.readers) reader.push(item);
  }

  close(): void {
    this.#closed = true;
    this.#watch?.close();
  }
}
