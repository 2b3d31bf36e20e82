// What is new of a member, and whether peers should hear of it.
import type { Member } from "../wire/members.js";
import type { MembersChange } from "./members.js";

export const noChange = (): MembersChange => ({ joined: [], changed: [], moved: [], left: [] });

export const isEmpty = ({ joined, changed, moved, left }: MembersChange): boolean =>
  joined.length + changed.length + moved.length + left.length === 0;

/** Notes that `before` has become `now`. */
export function note(change: MembersChange, before: Member | undefined, now: Member): void {
  if (before === undefined) change.joined.push(now);
  else if (profileOf(before) !== profileOf(now)) change.changed.push(now);
  else if (before.node !== now.node || before.sinceMs !== now.sinceMs) change.moved.push(now);
}

/** What a member says of itself, as text. */
export const profileOf = ({ name, metadata }: Pick<Member, "name" | "metadata">): string =>
  JSON.stringify([name, ...metadata.flatMap(({ key, value }) => [key, value])]);
