// The live sessions of a node.
import { randomBytes } from "node:crypto";
import type { Session } from "./session.js";

export class Registry {
  readonly #sessions = new Map<string, Session>();
  #emptied: (() => void) | undefined;
  /** Since the node started. */
  added = 0;
  readonly #byIdentity = new Map<string, number>();

  /** A new id: 64 random bits in decimal, not 0, not in use. */
  newId(): string {
    for (;;) {
      const id = randomBytes(8).readBigUInt64BE().toString();
      if (id !== "0" && !this.#sessions.has(id)) return id;
    }
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session);
    this.added++;
    this.#count(session, 1);
  }

  remove(session: Session): void {
    if (!this.#sessions.delete(session.id)) return;
    this.#count(session, -1);
    if (this.#sessions.size === 0) this.#emptied?.();
  }

  /** By its id. */
  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** Of one identity. */
  of(identity: string): number {
    return this.#byIdentity.get(identity) ?? 0;
  }

  #count({ access: { name } }: Session, by: 1 | -1): void {
    if (name === undefined) return;
    const count = this.of(name) + by;
    if (count === 0) this.#byIdentity.delete(name);
    else this.#byIdentity.set(name, count);
  }

  /** Resolves when no session is left. */
  empty(): Promise<void> {
    if (this.#sessions.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#emptied = resolve;
    });
  }

  get size(): number {
    return this.#sessions.size;
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#sessions.values();
  }
}
