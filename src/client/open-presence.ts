// The members of one channel between the broker and their consumer. There are two maps: of the members as they were heard,
// and of those that the consumer was told; events lead from the second to the first.
import { RepriseError } from "../wire/errors.js";
import type { MembersItem, Member as WireMember } from "../wire/members.js";
import { onAbort } from "./abort.js";
import { type Member, memberOf } from "./member.js";
import type { Presence, PresenceEvent, PresenceOptions } from "./presence.js";

/** Events that may wait for the consumer. */
const mostWaiting = 10_000;

/** Who is missing after a disconnection may be on the way back: over to another node, or to one that has just started. */
const comeBackMs = 5_000;

export class OpenPresence implements Presence {
  readonly channel: string;
  readonly ready: Promise<Member[]>;
  readonly #members = new Map<string, Member>();
  /** As the consumer knows them. */
  readonly #told = new Map<string, Member>();
  readonly #ended: () => void;
  /** Removes the signal's listener. */
  #forget = () => {};
  #resolveReady!: (members: Member[]) => void;
  #rejectReady!: (error: unknown) => void;
  #isReady = false;
  /** A complete list of which more is to come. */
  #list: Map<string, Member> | undefined;
  /** Who was missing in the last complete list. */
  #missing = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #waiting: PresenceEvent[] = [];
  /** More than may wait did: the difference is to be told after what waits. */
  #behind = false;
  #end: { error: unknown } | undefined;
  #wake: (() => void)[] = [];

  /** @param ended called once when nobody wants to hear any more */
  constructor(channel: string, { signal }: PresenceOptions, ended: () => void) {
    this.channel = channel;
    this.#ended = ended;
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // Whoever does not wait for it learns of the error from the iteration.
    this.ready.catch(() => {});
    this.#forget = onAbort(signal, () => this.end());
  }

  get members(): ReadonlyMap<string, Member> {
    return this.#members;
  }

  get over(): boolean {
    return this.#end !== undefined;
  }

  /** Takes a `members` item. */
  item({ complete, joined, changed, left, more }: MembersItem<WireMember>): void {
    if (complete) this.#list = new Map();
    const list = this.#list;
    if (list === undefined) {
      for (const member of [...joined, ...changed]) this.#put(memberOf(member));
      for (const id of left) this.#remove(id);
      return;
    }
    for (const member of joined) list.set(member.id, memberOf(member));
    if (more) return;
    this.#list = undefined;
    this.#adopt(list);
  }

  #adopt(list: ReadonlyMap<string, Member>): void {
    for (const member of list.values()) this.#put(member);
    if (!this.#isReady) {
      this.#isReady = true;
      this.#resolveReady([...list.values()]);
    }
    this.#missing = new Set([...this.#members.keys()].filter((id) => !list.has(id)));
    clearTimeout(this.#timer);
    if (this.#missing.size === 0) return;
    this.#timer = setTimeout(() => {
      for (const id of this.#missing) this.#remove(id);
    }, comeBackMs);
  }

  #put(member: Member): void {
    const before = this.#members.get(member.id);
    this.#members.set(member.id, member);
    this.#missing.delete(member.id);
    if (!this.#isReady) this.#told.set(member.id, member);
    else if (before === undefined) this.#tell({ kind: "joined", member });
    else if (!isSame(before, member)) this.#tell({ kind: "changed", member });
  }

  #remove(id: string): void {
    const member = this.#members.get(id);
    this.#missing.delete(id);
    if (member === undefined) return;
    this.#members.delete(id);
    this.#tell({ kind: "left", member });
  }

  #tell(event: PresenceEvent): void {
    if (this.#behind || this.over) return;
    if (this.#waiting.length < mostWaiting) this.#waiting.push(event);
    else this.#behind = true;
    this.#wakeUp();
  }

  #wakeUp(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** There is no connection: what it was about to say will be said anew. */
  disconnected(): void {
    this.#list = undefined;
    clearTimeout(this.#timer);
  }

  /** Ends it: what has arrived is still handed out before an error is thrown. */
  end(error?: unknown): void {
    if (this.over) return;
    this.#end = { error };
    clearTimeout(this.#timer);
    this.#forget();
    if (error === undefined) this.#waiting = [];
    this.#rejectReady(error ?? new RepriseError("closed", `the members of ${this.channel} are not followed any more`));
    this.#wakeUp();
    this.#ended();
  }

  async close(): Promise<void> {
    this.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PresenceEvent, undefined> {
    try {
      for (;;) {
        const event = this.#take();
        if (event !== undefined) yield event;
        else if (this.#end === undefined) await new Promise<void>((resolve) => this.#wake.push(resolve));
        else if (this.#end.error === undefined) return;
        else throw this.#end.error;
      }
    } finally {
      this.end();
    }
  }

  #take(): PresenceEvent | undefined {
    if (this.#waiting.length === 0 && this.#behind && this.#end === undefined) {
      this.#behind = false;
      this.#waiting = [...difference(this.#told, this.#members)];
    }
    const event = this.#waiting.shift();
    if (event?.kind === "left") this.#told.delete(event.member.id);
    else if (event !== undefined) this.#told.set(event.member.id, event.member);
    return event;
  }
}

function* difference(from: ReadonlyMap<string, Member>, to: ReadonlyMap<string, Member>): Generator<PresenceEvent> {
  for (const [id, member] of from) if (!to.has(id)) yield { kind: "left", member };
  for (const [id, member] of to) {
    const before = from.get(id);
    if (before === undefined) yield { kind: "joined", member };
    else if (!isSame(before, member)) yield { kind: "changed", member };
  }
}

/** Whatever node they are on, and in whatever order the metadata came. */
function isSame(a: Member, b: Member): boolean {
  const keys = Object.keys(a.metadata);
  return (
    a.name === b.name &&
    keys.length === Object.keys(b.metadata).length &&
    keys.every((key) => a.metadata[key] === b.metadata[key])
  );
}
