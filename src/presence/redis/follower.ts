// One watcher of a channel's members, kept at the truth by three sources: what is published (fast; may be lost), the
// version (once a second) and the list of all members (the truth, but it has to be asked for). What is published begins
// at a version and ends at one; if it begins at the follower's, it is passed on. Whatever else shows that the follower
// is not at the store's version makes it list, and pass on the difference.
//
// Nothing here knows Redis or a clock.
import { isEmpty, noChange, note } from "../change.js";
import type { Member, MembersWatcher } from "../members.js";
import type { Listed } from "./calls.js";
import type { News } from "./record.js";

export interface FollowerOptions {
  watcher: MembersWatcher;
  /** Answers undefined if it cannot be asked now. */
  list(): Promise<Listed | undefined>;
  /** Whether who is missing has left, rather than not come back yet: asked after `list`. */
  settled(): boolean;
  /** The store is another one than before, or has restarted. */
  restarted(): void;
}

export interface Follower {
  /** Begins with what was listed after the first news. Returns the members. */
  begin(listed: Listed): Member[];
  /** What was published. */
  hear(news: News): void;
  /** To be taken when the version is asked for, and given to `compare` with the answer. */
  mark(): number;
  /**
   * Lists if the store has gone back. True: it seems to be ahead; what is on its way may still come, and if it does not,
   * `compare` is to be called again with `late`.
   */
  compare(sent: number, version: number, late?: boolean): boolean;
  /** Looks again for those who were missing, now that it is settled. */
  settle(): void;
  close(): void;
}

/** News that may wait while the members are listed; more are not needed, the list is asked for again. */
const mostHeld = 1_000;

export function createFollower({ watcher, list, settled, restarted }: FollowerOptions): Follower {
  let members = new Map<string, Member>();
  let version = 0;
  let lineage: string | undefined;
  /** Some were missing in the last list, and may come back. */
  let missing = false;
  let listing = true;
  let held: News[] = [];
  let closed = false;

  function pass({ after, entered, left }: News): void {
    const change = noChange();
    for (const member of entered) {
      note(change, members.get(member.id), member);
      members.set(member.id, member);
    }
    for (const id of left) if (members.delete(id)) change.left.push(id);
    version = after;
    if (!isEmpty(change)) watcher(change);
  }

  function adopt(listed: Listed): void {
    if (lineage !== undefined && listed.lineage !== lineage) restarted();
    lineage = listed.lineage;
    const change = noChange();
    for (const [id, member] of listed.members) note(change, members.get(id), member);
    const lacking = [...members].filter(([id]) => !listed.members.has(id));
    missing = lacking.length > 0 && !settled();
    if (missing) for (const [id, member] of lacking) listed.members.set(id, member);
    else change.left = lacking.map(([id]) => id);
    members = listed.members;
    version = listed.version;
    if (!isEmpty(change)) watcher(change);
  }

  /** Passes on what was heard during a list, as far as it continues that; false if something is beyond it. */
  function passHeld(): boolean {
    const news = held;
    held = [];
    for (const each of news) if (each.before === version) pass(each);
    const last = news.at(-1)?.after ?? version;
    return last === version || (last !== 0 && last < version);
  }

  async function catchUp(): Promise<void> {
    if (listing) return;
    listing = true;
    for (let again = true; again && !closed; ) {
      const listed = await list();
      // Where it cannot be asked now, the next comparison of versions asks again.
      if (listed === undefined || closed) break;
      adopt(listed);
      again = !passHeld();
    }
    held = [];
    listing = false;
  }

  return {
    begin(listed) {
      lineage = listed.lineage;
      members = listed.members;
      version = listed.version;
      const first = [...members.values()];
      // By then the caller has told the watcher what it begins with.
      setImmediate(() => {
        if (closed) return;
        listing = false;
        if (!passHeld()) void catchUp();
      });
      return first;
    },
    hear(news) {
      if (closed) return;
      if (listing) {
        if (held.length < mostHeld) held.push(news);
      } else if (news.before === version) pass(news);
      else if (news.after > version || news.after === 0) void catchUp();
    },
    mark: () => version,
    compare(sent, seen, late = false) {
      if (closed || listing || seen === version) return false;
      if (seen > version && !late) return true;
      if (seen > version || seen < sent) void catchUp();
      return false;
    },
    settle() {
      if (missing && !listing) void catchUp();
    },
    close() {
      closed = true;
      held = [];
    },
  };
}
