// What one session has to do with members: the channels that it has entered, and those whose members it watches. Requests
// about one channel are answered in their order, one at a time.
import type { LogFields } from "../log/log.js";
import type { Hold } from "../presence/members.js";
import { checkChannel } from "../wire/channel.js";
import type { RequestKind } from "../wire/client-frame.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { KiB } from "../wire/limits.js";
import { checkMetadata, type Metadata } from "../wire/members.js";
import { encodeEntered, encodeLeft, encodeMembersUnwatched } from "../wire/server-item.js";
import type { Presence } from "./presence.js";
import type { Reader } from "./reader.js";
import type { RosterReader } from "./roster-reader.js";

/** What it needs of its session. */
export interface Attendant {
  readonly id: string;
  /** For the log. */
  readonly about: LogFields;
  /** @throws RepriseError `too_many_subscriptions`, `draining` */
  checkRoom(what: string): void;
  /** Of what it may say in a second: whoever watches hears of it. */
  take(bytes: number): void;
  /** @throws RepriseError `permission_denied` */
  checkRight(channel: string): void;
  send(item: Buffer): void;
  refuse(error: RepriseError, request: { channel: string; request: RequestKind }): void;
  /** A request was taken on or answered. */
  changed(): void;
  wake(reader: Reader): void;
  forget(reader: Reader): void;
}

/** A channel that the peer has entered, or wants to. */
interface Entry {
  entered: boolean;
  /** Requests that are not answered yet. */
  waiting: number;
  last: Promise<void>;
}

/** What a request that waits costs, roughly. */
const requestBytes = 2 * KiB;

export class Attendance {
  /** What is not answered yet counts in the peer's window. */
  unansweredBytes = 0;

  readonly #attendant: Attendant;
  readonly #presence: Presence;
  readonly #member: { id: string; name: string };
  readonly #entries = new Map<string, Entry>();
  /** Without a reader while the roster is being opened. */
  readonly #watches = new Map<string, { reader: RosterReader | undefined }>();
  #closed = false;

  constructor(attendant: Attendant, presence: Presence, member: { id: string; name: string }) {
    this.#attendant = attendant;
    this.#presence = presence;
    this.#member = member;
  }

  /** They count as subscriptions do. */
  get size(): number {
    return this.#entries.size + this.#watches.size;
  }

  /** Answered by `entered` or an `error` item for the channel. */
  enter(channel: string, metadata: readonly Metadata[]): void {
    if (this.#closed) return;
    try {
      checkChannel(channel);
      checkMetadata(metadata);
      this.#attendant.checkRight(channel);
      if (!this.#entries.has(channel)) this.#attendant.checkRoom(`entering ${channel}`);
    } catch (thrown) {
      this.#attendant.refuse(toRepriseError(thrown), { channel, request: "enter" });
      return;
    }
    this.#attendant.take(metadata.reduce((sum, { key, value }) => sum + key.length + value.length, 0));
    this.#inTurn(channel, "enter", async (entry, hold) => {
      await this.#presence.enter(channel, { ...this.#member, metadata }, hold.session);
      entry.entered = true;
      this.#attendant.send(encodeEntered(channel));
    });
  }

  /** Answered by `left`, also where there was nothing to leave. */
  leave(channel: string): void {
    if (this.#closed) return;
    if (!this.#entries.has(channel)) {
      this.#attendant.send(encodeLeft(channel));
      return;
    }
    this.#attendant.take(0);
    this.#inTurn(channel, "leave", async (entry, hold) => {
      // Whatever becomes of it: it is not kept any more.
      entry.entered = false;
      await this.#presence.leave(channel, hold);
      this.#attendant.send(encodeLeft(channel));
    });
  }

  #inTurn(channel: string, request: RequestKind, work: (entry: Entry, hold: Hold) => Promise<void>): void {
    const hold = { id: this.#member.id, session: this.#attendant.id };
    const entry = this.#entries.get(channel) ?? { entered: false, waiting: 0, last: Promise.resolve() };
    this.#entries.set(channel, entry);
    entry.waiting++;
    this.unansweredBytes += requestBytes;
    this.#attendant.changed();
    entry.last = entry.last
      .then(() => (this.#closed ? undefined : work(entry, hold)))
      .catch((thrown: unknown) => this.#attendant.refuse(toRepriseError(thrown), { channel, request }))
      .then(() => {
        entry.waiting--;
        this.unansweredBytes -= requestBytes;
        this.#attendant.changed();
        if (entry.waiting === 0 && (this.#closed || !entry.entered)) this.#entries.delete(channel);
        if (entry.waiting === 0 && this.#closed && entry.entered)
          this.#presence.release(channel, hold, this.#attendant.about);
      });
  }

  /** Answered by a `members` item or an `error` item for the channel; by neither if it is given up meanwhile. */
  async watch(channel: string): Promise<void> {
    if (this.#closed) return;
    try {
      checkChannel(channel);
      this.#attendant.checkRight(channel);
      if (this.#watches.has(channel)) {
        throw new RepriseError("already_subscribed", `this stream watches the members of ${channel} already`);
      }
      this.#attendant.checkRoom(`watching the members of ${channel}`);
    } catch (thrown) {
      this.#attendant.refuse(toRepriseError(thrown), { channel, request: "watchMembers" });
      return;
    }
    const watch: { reader: RosterReader | undefined } = { reader: undefined };
    this.#watches.set(channel, watch);
    this.unansweredBytes += requestBytes;
    this.#attendant.changed();
    try {
      const reader = await this.#presence.watch(channel, (woken) => this.#attendant.wake(woken));
      if (this.#watches.get(channel) !== watch) {
        this.#presence.unwatch(reader);
        return;
      }
      watch.reader = reader;
      this.#attendant.wake(reader);
    } catch (thrown) {
      if (this.#watches.get(channel) !== watch) return;
      this.#watches.delete(channel);
      this.#attendant.refuse(toRepriseError(thrown), { channel, request: "watchMembers" });
    } finally {
      this.unansweredBytes -= requestBytes;
      this.#attendant.changed();
    }
  }

  /** Answered by `members_unwatched`; nothing about the channel's members follows it. */
  unwatch(channel: string): void {
    if (!this.#watches.has(channel)) {
      const error = new RepriseError(
        "not_subscribed",
        `this stream does not watch the members of ${channel.slice(0, 200)}`,
      );
      this.#attendant.refuse(error, { channel, request: "unwatchMembers" });
      return;
    }
    this.#forget(channel);
    this.#attendant.send(encodeMembersUnwatched(channel));
  }

  /** Gives up what the peer has no right to any more, and says so. */
  followRights(): void {
    for (const channel of [...this.#watches.keys()]) {
      this.#whereDenied(channel, "watchMembers", () => this.#forget(channel));
    }
    for (const channel of [...this.#entries.keys()]) {
      this.#whereDenied(channel, "enter", () =>
        this.#inTurn(channel, "leave", async (entry, hold) => {
          entry.entered = false;
          await this.#presence.leave(channel, hold);
        }),
      );
    }
  }

  #whereDenied(channel: string, request: RequestKind, giveUp: () => void): void {
    try {
      this.#attendant.checkRight(channel);
    } catch (thrown) {
      giveUp();
      this.#attendant.refuse(toRepriseError(thrown), { channel, request });
    }
  }

  #forget(channel: string): void {
    const reader = this.#watches.get(channel)?.reader;
    this.#watches.delete(channel);
    if (reader === undefined) return;
    this.#attendant.forget(reader);
    this.#presence.unwatch(reader);
  }

  /** The session has ended: what it has entered and not left begins its grace time. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const channel of [...this.#watches.keys()]) this.#forget(channel);
    const hold = { id: this.#member.id, session: this.#attendant.id };
    for (const [channel, { entered, waiting }] of [...this.#entries]) {
      // What is under way is released when its outcome is known.
      if (waiting > 0) continue;
      this.#entries.delete(channel);
      if (entered) this.#presence.release(channel, hold, this.#attendant.about);
    }
  }
}
