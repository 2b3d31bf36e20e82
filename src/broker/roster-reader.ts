// A session's place in a roster. It is sent the list of all members, in parts, and then what changes. Changes wait here
// as long as the peer is slow, up to a bound; beyond it they are dropped and the list begins again, so that what waits
// for a peer that does not read is a place in the list and no more.
import { KiB } from "../wire/limits.js";
import { encodeMembers } from "../wire/members.js";
import type { Progress, Reader } from "./reader.js";
import type { Roster } from "./roster.js";

/** Changes that may wait. */
const maxWaitingBytes = 64 * KiB;

export class RosterReader implements Reader {
  readonly roster: Roster;
  queued = false;
  readonly #wake: (reader: RosterReader) => void;
  /**
   * What of the list is still to be sent. Members that come and go while it is being sent may be in it or not; the
   * changes that follow it say so.
   */
  #list: Iterator<Buffer> | undefined;
  #listBegun = false;
  #changes: Buffer[] = [];
  #bytes = 0;

  constructor(roster: Roster, wake: (reader: RosterReader) => void) {
    this.roster = roster;
    this.#wake = wake;
    this.#beginList();
  }

  #beginList(): void {
    this.#list = this.roster.members.values();
    this.#listBegun = false;
    this.#changes = [];
    this.#bytes = 0;
  }

  push(change: Buffer): void {
    // The list will hold it.
    if (this.#list !== undefined && !this.#listBegun) return;
    this.#changes.push(change);
    this.#bytes += change.length;
    if (this.#bytes > maxWaitingBytes) this.#beginList();
    this.#wake(this);
  }

  advance(room: number, frames: Buffer[]): Progress {
    if (this.#list !== undefined) {
      frames.push(this.#nextOfList(this.#list, room));
      return "more";
    }
    let taken = 0;
    for (let size = 0; taken < this.#changes.length && size < room; taken++) size += this.#changes[taken]!.length;
    for (const change of this.#changes.splice(0, taken)) {
      frames.push(change);
      this.#bytes -= change.length;
    }
    return this.#changes.length > 0 ? "more" : "head";
  }

  #nextOfList(list: Iterator<Buffer>, room: number): Buffer {
    const joined: Buffer[] = [];
    let next = list.next();
    for (let size = 0; next.done !== true; next = list.next()) {
      joined.push(next.value);
      size += next.value.length;
      if (size >= room) break;
    }
    const more = next.done !== true;
    const complete = !this.#listBegun;
    this.#listBegun = true;
    if (!more) this.#list = undefined;
    return encodeMembers({ channel: this.roster.channel, complete, joined, changed: [], left: [], more });
  }
}
