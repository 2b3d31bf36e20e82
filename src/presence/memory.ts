// The member store of a node that shares it with nobody: it lives and dies with its process.
import { RepriseError } from "../wire/errors.js";
import { maxMembers, tooManyMembers } from "../wire/members.js";
import { isEmpty, noChange, note } from "./change.js";
import type { Member, MemberStore, MembersChange, MembersWatcher } from "./members.js";

interface Held {
  member: Member;
  session: string;
  /** Removes it at the end of its grace time. */
  timer: NodeJS.Timeout | undefined;
}

interface Room {
  members: Map<string, Held>;
  watchers: Set<MembersWatcher>;
}

export function memoryMembers(): MemberStore {
  const rooms = new Map<string, Room>();
  let open = true;

  function roomOf(channel: string): Room {
    if (!open) throw new RepriseError("closed", "the member store was closed");
    const room = rooms.get(channel) ?? { members: new Map(), watchers: new Set() };
    rooms.set(channel, room);
    return room;
  }

  function tidy(channel: string, { members, watchers }: Room): void {
    if (members.size === 0 && watchers.size === 0) rooms.delete(channel);
  }

  function tell({ watchers }: Room, change: MembersChange): void {
    if (!isEmpty(change)) for (const watcher of [...watchers]) watcher(change);
  }

  function remove(channel: string, room: Room, id: string): void {
    room.members.delete(id);
    tell(room, { ...noChange(), left: [id] });
    tidy(channel, room);
  }

  /** Calls `work` with the member, if the hold is still valid. */
  function ifHeld(channel: string, id: string, session: string, work: (room: Room, held: Held) => void): void {
    const room = rooms.get(channel);
    const held = room?.members.get(id);
    if (room !== undefined && held?.session === session && held.timer === undefined) work(room, held);
  }

  return {
    leaseMs: 0,
    settleMs: 0,
    async enter(channel, entering, session) {
      const room = roomOf(channel);
      const before = room.members.get(entering.id);
      if (before === undefined && room.members.size >= maxMembers) throw tooManyMembers(channel);
      clearTimeout(before?.timer);
      const member = { ...entering, sinceMs: before?.member.sinceMs ?? Date.now() };
      room.members.set(member.id, { member, session, timer: undefined });
      const change = noChange();
      note(change, before?.member, member);
      tell(room, change);
    },
    async leave(channel, { id, session }) {
      ifHeld(channel, id, session, (room) => remove(channel, room, id));
    },
    async release(channel, { id, session }, graceMs) {
      ifHeld(channel, id, session, (room, held) => {
        if (graceMs <= 0) remove(channel, room, id);
        else held.timer = setTimeout(() => remove(channel, room, id), graceMs).unref();
      });
    },
    async list(channel) {
      return [...(rooms.get(channel)?.members.values() ?? [])].map(({ member }) => member);
    },
    async watch(channel, watcher) {
      const room = roomOf(channel);
      const own: MembersWatcher = (change) => watcher(change);
      room.watchers.add(own);
      return {
        members: [...room.members.values()].map(({ member }) => member),
        close() {
          room.watchers.delete(own);
          tidy(channel, room);
        },
      };
    },
    async close() {
      open = false;
      for (const { members } of rooms.values()) for (const { timer } of members.values()) clearTimeout(timer);
      rooms.clear();
    },
  };
}
