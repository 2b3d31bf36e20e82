// Who is on a channel, followed: as its consumer sees it.
import type { Member } from "./member.js";

export interface PresenceOptions {
  /** Ends the iteration. */
  signal?: AbortSignal | undefined;
}

export type PresenceEvent =
  | { kind: "joined"; member: Member }
  /** Its name or metadata. */
  | { kind: "changed"; member: Member }
  /** `member`: as it was. */
  | { kind: "left"; member: Member };

/**
 * The members of a channel. Iterating it yields what happens after `ready`; `break`, the signal, `close` and disposing of it
 * all end it. Disconnections, of this bus or of a member, are no events: the difference is told when this bus is back,
 * and who is missing then without having left is given some seconds to come back too.
 *
 * A consumer that is slow is told every event, up to 10,000 that wait; beyond them only the difference, so that who came and
 * went meanwhile is not mentioned.
 */
export interface Presence extends AsyncIterable<PresenceEvent, undefined>, AsyncDisposable {
  readonly channel: string;
  /** The members at the beginning. Rejects if the broker refused or it ended before. */
  readonly ready: Promise<Member[]>;
  /** The members as far as this bus has heard, by id; empty before `ready`. It is ahead of the iteration. */
  readonly members: ReadonlyMap<string, Member>;
  close(): Promise<void>;
}
