// Who is on a channel, on the side of one node: the rosters that its sessions watch, and the way to the member store.
import type { Log, LogFields } from "../log/log.js";
import type { Entering, Hold, Member, MemberStore } from "../presence/members.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { Roster } from "./roster.js";
import { RosterReader } from "./roster-reader.js";

interface RosterInUse {
  roster: Roster;
  opened: Promise<void>;
  /** Readers, and those who are about to become one. */
  uses: number;
}

export interface PresenceOptions {
  /** Undefined: this node has none, and refuses what needs it. */
  members: MemberStore | undefined;
  node: string;
  /** How long a member may be away after its session has ended. */
  graceMs: number;
  /** One that is sparing. */
  log: Log;
}

export class Presence {
  readonly #options: PresenceOptions;
  readonly #rosters = new Map<string, RosterInUse>();
  /** Releases under way. */
  readonly #releasing = new Set<Promise<void>>();

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  get #store(): MemberStore {
    const { members, node } = this.#options;
    if (members === undefined) throw new RepriseError("invalid_argument", `node ${node} was started without members`);
    return members;
  }

  async enter(channel: string, member: Omit<Entering, "node">, session: string): Promise<void> {
    await this.#store.enter(channel, { ...member, node: this.#options.node }, session);
  }

  async leave(channel: string, hold: Hold): Promise<void> {
    await this.#store.leave(channel, hold);
  }

  /** Its session has ended. @param about for the log: whose it is */
  release(channel: string, hold: Hold, about: LogFields): void {
    const { graceMs, log } = this.#options;
    const released = this.#store.release(channel, hold, graceMs).catch((thrown: unknown) => {
      const why = toRepriseError(thrown).message;
      log.warn({ ...about, channel, why }, "a member was not released, its lease runs out by itself");
    });
    const under = released.finally(() => this.#releasing.delete(under));
    this.#releasing.add(under);
  }

  /** Resolves when what was released is known to the store, as far as that is possible. */
  async released(): Promise<void> {
    while (this.#releasing.size > 0) await Promise.all(this.#releasing);
  }

  async list(channel: string): Promise<Member[]> {
    return this.#store.list(channel);
  }

  /** A reader of the channel's roster; to be closed with `unwatch`. */
  async watch(channel: string, wake: (reader: RosterReader) => void): Promise<RosterReader> {
    let use = this.#rosters.get(channel);
    if (use === undefined) {
      const roster = new Roster(channel);
      use = { roster, opened: roster.open(this.#store), uses: 0 };
      this.#rosters.set(channel, use);
    }
    use.uses++;
    try {
      await use.opened;
    } catch (thrown) {
      this.#unuse(use);
      throw thrown;
    }
    const reader = new RosterReader(use.roster, wake);
    use.roster.readers.add(reader);
    return reader;
  }

  unwatch(reader: RosterReader): void {
    const use = this.#rosters.get(reader.roster.channel);
    if (use?.roster === reader.roster && reader.roster.readers.delete(reader)) this.#unuse(use);
  }

  #unuse(use: RosterInUse): void {
    use.uses--;
    if (use.uses > 0) return;
    use.roster.close();
    if (this.#rosters.get(use.roster.channel) === use) this.#rosters.delete(use.roster.channel);
  }
}
