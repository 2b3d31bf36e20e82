// The members that this node has entered, kept: their leases are renewed, and what the store has lost is entered again.
import type { Entering, Hold } from "../members.js";
import type { Fate, Renewal, Taken } from "./calls.js";

interface Kept extends Hold, Taken {
  member: Entering;
}

interface Share {
  kept: Map<string, Kept>;
  /** In the time of `performance.now`. */
  renewedAt: number;
}

export interface Keeping {
  keep(channel: string, member: Entering, session: string, taken: Taken): void;
  /** Its lease is not renewed any more. */
  let(channel: string, hold: Hold): void;
  /** The shares of channels that are to be renewed now. */
  due(): Renewal[];
  /**
   * To be called with what became of `due` holds.
   * @returns what is missing in the store and still to be kept
   */
  renewed(renewal: Renewal, fates: readonly Fate[]): Kept[];
  /** Everything is due. */
  hurry(): void;
  clear(): void;
}

/** @param everyMs between two renewals of a lease */
export function createKeeping(everyMs: number): Keeping {
  const shares = new Map<string, Share>();

  function drop(channel: string, { id, session }: Hold): void {
    const share = shares.get(channel);
    if (share?.kept.get(id)?.session !== session) return;
    share.kept.delete(id);
    if (share.kept.size === 0) shares.delete(channel);
  }

  return {
    keep(channel, member, session, { since, taken }) {
      // Its own lease is fresh; it joins the others at their next renewal.
      const share = shares.get(channel) ?? { kept: new Map(), renewedAt: performance.now() };
      shares.set(channel, share);
      share.kept.set(member.id, { id: member.id, session, member, since, taken });
    },
    let: drop,
    due() {
      const before = performance.now() - everyMs;
      const due: Renewal[] = [];
      for (const [channel, { kept, renewedAt }] of shares) {
        if (renewedAt <= before) due.push({ channel, holds: [...kept.values()] });
      }
      return due;
    },
    renewed({ channel, holds }, fates) {
      const share = shares.get(channel);
      if (share === undefined) return [];
      share.renewedAt = performance.now();
      const missing: Kept[] = [];
      for (const [i, hold] of holds.entries()) {
        const kept = share.kept.get(hold.id);
        // It may have left, or been entered again, meanwhile.
        if (kept !== hold) continue;
        if (fates[i] === "void") drop(channel, hold);
        else if (fates[i] === "missing") missing.push(kept);
      }
      return missing;
    },
    hurry() {
      for (const share of shares.values()) share.renewedAt = Number.NEGATIVE_INFINITY;
    },
    clear: () => shares.clear(),
  };
}
