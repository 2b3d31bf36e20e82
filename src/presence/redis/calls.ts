// What members.lua does, as functions.
import type { Connection } from "../../redis/connection.js";
import type { Redis } from "../../redis/redis.js";
import { type Argument, loadScript } from "../../redis/script.js";
import { maxMembers } from "../../wire/members.js";
import { profileOf } from "../change.js";
import type { Entering, Hold, Member } from "../members.js";
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

export interface Renewal {
  channel: string;
  holds: readonly Hold[];
}

export interface Renewed {
  version: number;
  /** Of each hold. */
  fates: Fate[];
}

export interface MemberCalls {
  /** Since when it is a member. @param since to enter again what the store has lost */
  enter(
    channel: string,
    member: Entering,
    session: string,
    prune: boolean,
    since?: string,
  ): Promise<string | "full" | "void">;
  leave(channel: string, hold: Hold, graceMs: number): Promise<void>;
  /** Of many channels, in one round trip or a few. Undefined where it failed, which has not been tried if all did. */
  renew(renewals: readonly Renewal[], prune: boolean): Promise<(Renewed | undefined)[]>;
  list(channel: string, prune: boolean): Promise<Listed>;
}

const fates: readonly Fate[] = ["missing", "kept", "void"];

export const topicOf = (prefix: string, channel: string): string => `${prefix}{${channel}}:presence`;

export function createMemberCalls(redis: Redis, leaseMs: number): MemberCalls {
  const { address, writer, reader, topics, commandTimeoutMs } = redis;

  /** @param each calls of the script, by what follows the arguments that all have */
  function run<Answer>(
    connection: Connection,
    what: string,
    channel: string,
    prune: boolean,
    each: readonly (readonly Argument[])[],
  ): Promise<Answer[]> {
    const stem = `${address.prefix}{${channel}}`;
    const keys = [`${stem}:members`, `${stem}:leases`];
    const first = [what, topicOf(address.prefix, channel), topics.publish, leaseMs, prune ? 1 : 0];
    return connection.attempt(
      performance.now() + commandTimeoutMs,
      (client) => Promise.all(each.map((args) => script(client, keys, [...first, ...args]) as Promise<Answer>)),
      keys[0],
    );
  }

  async function renewOne({ channel, holds }: Renewal, prune: boolean): Promise<Renewed> {
    const each: Argument[][] = [];
    for (let i = 0; i === 0 || i < holds.length; i += callHolds) {
      each.push(holds.slice(i, i + callHolds).flatMap(({ id, session }) => [id, session]));
    }
    const answers = await run<[string, ...number[]]>(reader, "renew", channel, prune, each);
    return {
      version: Number(answers.at(-1)![0]),
      fates: answers.flatMap(([, ...numbers]) => numbers.map((number) => fates[number]!)),
    };
  }

  return {
    async enter(channel, member, session, prune, since = "") {
      const args = [member.id, session, textOf(member.node), profileOf(member), maxMembers, since];
      const [answer] = await run<string>(writer, "enter", channel, prune, [args]);
      return answer!;
    },
    async leave(channel, { id, session }, graceMs) {
      await run(writer, "leave", channel, false, [[id, session, Math.max(0, Math.ceil(graceMs))]]);
    },
    async renew(renewals, prune) {
      const all: (Renewed | undefined)[] = [];
      for (let i = 0; i < renewals.length; i += bunch) {
        const some = await Promise.all(
          renewals.slice(i, i + bunch).map((renewal) => renewOne(renewal, prune).catch(() => undefined)),
        );
        all.push(...some);
        if (some.every((renewed) => renewed === undefined)) break;
      }
      return all;
    },
    async list(channel, prune) {
      const [answer] = await run<[string, string, string[]]>(reader, "list", channel, prune, [[]]);
      const [version, lineage, fields] = answer!;
      return { version: Number(version), lineage, members: readMembers(fields) };
    },
  };
}
