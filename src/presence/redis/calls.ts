// What members.lua does, as functions.
import type { Connection } from "../../redis/connection.js";
import type { Redis } from "../../redis/redis.js";
import { type Argument, loadScript } from "../../redis/script.js";
import { maxMembers } from "../../wire/members.js";
import { profileOf } from "../change.js";
import type { Entering, Hold, Member } from "../members.js";
import { readMembers, textOf } from "./record.js";

const script = loadScript<unknown>(new URL("./members.lua", import.meta.url));

/** In a cluster topics are sharded. */
const publishCommand = "PUBLISH";

/** Holds in one call: a bound to what waits behind it in Redis. */
const callHolds = 500;

/** Channels in a round that are asked for at once. */
const bunch = 200;

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
  enter(channel: string, member: Entering, session: string, since?: string): Promise<string | "full" | "void">;
  leave(channel: string, hold: Hold, graceMs: number): Promise<void>;
  /** Of many channels, in one round trip or a few. */
  renew(renewals: readonly Renewal[], prune: boolean): Promise<Renewed[]>;
  list(channel: string, prune: boolean): Promise<Listed>;
}

const fates: readonly Fate[] = ["missing", "kept", "void"];

export const topicOf = (prefix: string, channel: string): string => `${prefix}{${channel}}:presence`;

export function createMemberCalls({ address, writer, reader, commandTimeoutMs }: Redis, leaseMs: number): MemberCalls {
  const { prefix } = address;
  const soon = () => performance.now() + commandTimeoutMs;
  const run = (client: Connection["client"], what: string, channel: string, prune: boolean, ...args: Argument[]) =>
    script(
      client,
      [`${prefix}{${channel}}:members`, `${prefix}{${channel}}:leases`],
      [what, topicOf(prefix, channel), publishCommand, leaseMs, prune ? 1 : 0, ...args],
    );

  async function renewOne(client: Connection["client"], { channel, holds }: Renewal, prune: boolean): Promise<Renewed> {
    const renewed: Renewed = { version: 0, fates: [] };
    let from = 0;
    do {
      const some = holds.slice(from, from + callHolds);
      const args = some.flatMap(({ id, session }) => [id, session]);
      const [version, ...answers] = (await run(client, "renew", channel, prune, ...args)) as [string, ...number[]];
      renewed.version = Number(version);
      renewed.fates.push(...answers.map((answer) => fates[answer]!));
      from += callHolds;
    } while (from < holds.length);
    return renewed;
  }

  return {
    enter: (channel, member, session, since = "") =>
      writer.attempt(soon(), async (client) => {
        const profile = [textOf(member.node), profileOf(member)];
        const answer = await run(client, "enter", channel, true, member.id, session, ...profile, maxMembers, since);
        return String(answer);
      }),
    leave: (channel, { id, session }, graceMs) =>
      writer.attempt(soon(), async (client) => {
        await run(client, "leave", channel, false, id, session, Math.max(0, Math.ceil(graceMs)));
      }),
    renew: (renewals, prune) =>
      reader.attempt(soon(), async (client) => {
        const all: Renewed[] = [];
        for (let i = 0; i < renewals.length; i += bunch) {
          const some = renewals.slice(i, i + bunch).map((renewal) => renewOne(client, renewal, prune));
          all.push(...(await Promise.all(some)));
        }
        return all;
      }),
    list: (channel, prune) =>
      reader.attempt(soon(), async (client) => {
        const answer = (await run(client, "list", channel, prune)) as [string, string, string[]];
        const [version, lineage, fields] = answer;
        return { version: Number(version), lineage, members: readMembers(fields) };
      }),
  };
}
