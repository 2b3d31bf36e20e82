// What members.lua does, as functions.
import type { Client } from "../../redis/client.js";
import type { Connection } from "../../redis/connection.js";
import type { Redis } from "../../redis/redis.js";
import { type Argument, loadScript } from "../../redis/script.js";
import { maxMembers } from "../../wire/members.js";
import { profileOf } from "../change.js";
import type { Entering, Hold, Member } from "../members.js";
import type { Contact } from "./contact.js";
import { readMembers, textOf } from "./record.js";

const script = loadScript<unknown>(new URL("./members.lua", import.meta.url));

/** Holds in one call: a bound to what waits behind it in Redis. */
const callHolds = 500;

/** Channels that are asked for at once. */
const bunch = 500;

export interface Listed {
  version: number;
  /** Another one than before: the server has restarted, or it is another server. */
  lineage: string;
  members: Map<string, Member>;
}

/** What became of a hold that was to be renewed. */
export type Fate = "kept" | "missing" | "void";

/** By the store's time. */
export interface Taken {
  /** When it became a member, Unix ms. */
  since: string;
  /** When this session entered it last: of two sessions the one that did so later holds it. */
  taken: string;
}

export interface Renewal {
  channel: string;
  holds: readonly (Hold & Taken)[];
}

export interface Renewed {
  version: number;
  /** Of each hold. */
  fates: Fate[];
}

export interface MemberCalls {
  /** @param lost to enter again what the store has lost */
  enter(channel: string, member: Entering, session: string, lost?: Taken): Promise<Taken | "full" | "void">;
  leave(channel: string, hold: Hold, graceMs: number): Promise<void>;
  /** Of many channels, in one round trip or a few. Undefined where it failed, which has not been tried if all did. */
  renew(renewals: readonly Renewal[]): Promise<(Renewed | undefined)[]>;
  list(channel: string): Promise<Listed>;
}

const fates: readonly Fate[] = ["missing", "kept", "void"];

export const topicOf = (prefix: string, channel: string): string => `${prefix}{${channel}}:presence`;

/** What is not sent within this time has waited for Redis. */
const promptMs = 500;

/** @param contact told where Redis was waited for; leases that have ended are removed while it is settled */
export function createMemberCalls(redis: Redis, leaseMs: number, contact: Contact): MemberCalls {
  const { address, writer, reader, topics, commandTimeoutMs } = redis;

  /** @param each calls of the script, by what follows the arguments that all have */
  function run<Answer>(
    connection: Connection,
    what: string,
    channel: string,
    each: readonly (readonly Argument[])[],
  ): Promise<Answer[]> {
    const stem = `${address.prefix}{${channel}}`;
    const keys = [`${stem}:members`, `${stem}:leases`];
    const first = [what, topicOf(address.prefix, channel), topics.publish, leaseMs];
    const asked = performance.now();
    let tries = 0;
    const work = (client: Client) => {
      if (++tries > 1 || performance.now() - asked > promptMs) contact.lost();
      const all = [...first, contact.settled ? 1 : 0];
      return Promise.all(each.map((args) => script(client, keys, [...all, ...args]) as Promise<Answer>));
    };
    return connection.attempt(asked + commandTimeoutMs, work, keys[0]);
  }

  async function renewOne({ channel, holds }: Renewal): Promise<Renewed> {
    const each: Argument[][] = [];
    for (let i = 0; i === 0 || i < holds.length; i += callHolds) {
      each.push(holds.slice(i, i + callHolds).flatMap(({ id, session, taken }) => [id, session, taken]));
    }
    const answers = await run<[string, ...number[]]>(reader, "renew", channel, each);
    return {
      version: Number(answers.at(-1)![0]),
      fates: answers.flatMap(([, ...numbers]) => numbers.map((number) => fates[number]!)),
    };
  }

  return {
    async enter(channel, member, session, { since, taken } = { since: "", taken: "" }) {
      const args = [member.id, session, textOf(member.node), profileOf(member), maxMembers, since, taken];
      const [answer] = await run<string>(writer, "enter", channel, [args]);
      if (answer === "full" || answer === "void") return answer;
      const [first, last] = answer!.split(" ");
      return { since: first!, taken: last! };
    },
    async leave(channel, { id, session }, graceMs) {
      await run(writer, "leave", channel, [[id, session, Math.max(0, Math.ceil(graceMs))]]);
    },
    async renew(renewals) {
      const all: (Renewed | undefined)[] = [];
      for (let i = 0; i < renewals.length; i += bunch) {
        const some = await Promise.all(
          renewals.slice(i, i + bunch).map((renewal) => renewOne(renewal).catch(() => undefined)),
        );
        all.push(...some);
        if (some.every((renewed) => renewed === undefined)) break;
      }
      return all;
    },
    async list(channel) {
      const [answer] = await run<[string, string, string[]]>(reader, "list", channel, [[]]);
      const [version, lineage, fields] = answer!;
      return { version: Number(version), lineage, members: readMembers(fields) };
    },
  };
}
