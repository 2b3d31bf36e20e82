// A watcher that remembers what it was told, and stores for it to watch.
import type { Entering, Member, MemberStore, MembersChange, MembersWatch } from "../../src/presence/members.js";
import { type RedisMembersOptions, redisMembers } from "../../src/presence/redis.js";
import { connectRedis, type Redis } from "../../src/redis/redis.js";
import { assert, type T, until } from "../harness.js";

export const entering = (id: string, values: Partial<Entering> = {}): Entering => ({
  id,
  name: id.slice(0, 3),
  metadata: [{ key: "role", value: "tester" }],
  node: "n 1",
  ...values,
});

export interface Audience {
  readonly watch: MembersWatch;
  /** "+id", "*id" (changed), ">id" (moved), "-id", in order. */
  readonly told: string[];
  /** By what it was told. */
  readonly members: Map<string, Member>;
  tells(...told: string[]): Promise<void>;
}

/** Watches, and checks that what it is told is possible. */
export async function watching(t: T, store: MemberStore, channel: string): Promise<Audience> {
  const told: string[] = [];
  const members = new Map<string, Member>();
  const changed = (change: MembersChange) => {
    for (const member of change.joined) {
      assert.not.ok(members.has(member.id), `${member.id} joined, and was a member`);
      told.push(`+${member.id}`);
      members.set(member.id, member);
    }
    for (const [sign, list] of [
      ["*", change.changed],
      [">", change.moved],
    ] as const) {
      for (const member of list) {
        assert.ok(members.has(member.id), `${sign}${member.id}, and was no member`);
        told.push(`${sign}${member.id}`);
        members.set(member.id, member);
      }
    }
    for (const id of change.left) {
      assert.ok(members.delete(id), `${id} left, and was no member`);
      told.push(`-${id}`);
    }
  };
  const watch = await store.watch(channel, changed);
  for (const member of watch.members) members.set(member.id, member);
  t.after(() => watch.close());
  return {
    watch,
    told,
    members,
    async tells(...expected) {
      await until(() => told.length >= expected.length, `it is told ${expected}; it was told ${told}`);
      assert.equal(told, expected);
    },
  };
}

export const idsOf = (members: Iterable<Member>): string[] => [...members].map(({ id }) => id).sort();

/** Short, so that tests need not wait. */
export const times = { leaseMs: 2_000, roundMs: 250 } as const;

/** A store over a Redis, as a node of its own has it. */
export async function redisStore(
  t: T,
  url: string,
  prefix: string,
  options: RedisMembersOptions = times,
  wrap: (redis: Redis) => Redis = (redis) => redis,
): Promise<MemberStore> {
  const redis = await connectRedis({ url: `${url}?prefix=${prefix}`, commandTimeoutMs: 1_500 });
  t.after(() => redis.close());
  const store = redisMembers(wrap(redis), options);
  t.after(() => store.close());
  return store;
}
