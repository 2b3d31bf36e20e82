// Members in Redis, shared by any number of nodes. redis/members.lua holds what must happen atomically, and the layout of
// the keys; redis/follower.ts how a watcher gets all of it in order.
//
// Once a second a node looks after all channels that it watches or has members on, in one round trip: it asks for their
// versions, removes the members whose leases have ended, and renews those of its own whose time it is. It removes nothing
// while it has only just got, or got back, to Redis: the other nodes may not have had the time to renew theirs.
import type { Redis } from "../redis/redis.js";
import { RepriseError } from "../wire/errors.js";
import { tooManyMembers } from "../wire/members.js";
import type { Entering, Hold, MemberStore, MembersWatch, MembersWatcher } from "./members.js";
import { createMemberCalls, type Renewal, type Taken, topicOf } from "./redis/calls.js";
import { createContact } from "./redis/contact.js";
import { createFollower, type Follower } from "./redis/follower.js";
import { createKeeping } from "./redis/keeping.js";
import { readNews } from "./redis/record.js";

export interface RedisMembersOptions {
  /** Default: 15,000. */
  leaseMs?: number;
  /** Default: 1,000. */
  roundMs?: number;
}

/** What a publication may take longer than the answer to a round. */
const lateMs = 100;

/** Where a round asks when there is nothing to look after: whether Redis is there. No channel is called so. */
const nobody: Renewal = { channel: "-", holds: [] };

/** @param redis not closed with the store */
export function redisMembers(redis: Redis, options: RedisMembersOptions = {}): MemberStore {
  const { leaseMs = 15_000, roundMs = 1_000 } = options;
  const { address, topics, commandTimeoutMs } = redis;
  const renewMs = leaseMs / 3;
  // A node may only notice when a command times out that it can reach Redis again; then it has rounds to make, and what
  // it renewed last before Redis went away need not be due in the first of them.
  const settleMs = renewMs + commandTimeoutMs + 2 * roundMs;
  const contact = createContact(settleMs, roundMs);
  const calls = createMemberCalls(redis, leaseMs, contact);
  const keeping = createKeeping(renewMs);
  const followers = new Map<string, Set<Follower>>();
  let open = true;
  let turning = false;

  function checkOpen(): void {
    if (!open) throw new RepriseError("closed", "the member store was closed");
  }

  function restarted(): void {
    contact.lost();
    keeping.hurry();
  }

  /** Asks for the versions and renews; answers the followers that seem to be behind, and at which version. */
  async function look(): Promise<{ behind: [Follower, number][]; complete: boolean }> {
    const due = new Map(keeping.due().map((renewal) => [renewal.channel, renewal]));
    for (const channel of followers.keys()) if (!due.has(channel)) due.set(channel, { channel, holds: [] });
    const renewals = due.size > 0 ? [...due.values()] : [nobody];
    const marks = renewals.map(({ channel }) =>
      [...(followers.get(channel) ?? [])].map((follower) => ({ follower, sent: follower.mark() })),
    );
    const answers = await calls.renew(renewals);
    const behind: [Follower, number][] = [];
    const missing: Promise<void>[] = [];
    for (const [i, answer] of answers.entries()) {
      if (answer === undefined) continue;
      const { version, fates } = answer;
      const renewal = renewals[i]!;
      if (renewal.holds.length > 0) {
        for (const lost of keeping.renewed(renewal, fates)) {
          // What fails is missing at the next renewal, too.
          missing.push(enter(renewal.channel, lost.member, lost.session, lost).catch(() => {}));
        }
      }
      for (const { follower, sent } of marks[i]!) if (follower.compare(sent, version)) behind.push([follower, version]);
    }
    await Promise.all(missing);
    return { behind, complete: answers.length === renewals.length && !answers.includes(undefined) };
  }

  async function turn(): Promise<void> {
    if (turning) return;
    turning = true;
    const { behind, complete } = await look();
    turning = false;
    // What could not be asked or renewed now is so in the next round.
    if (complete) contact.kept();
    else contact.lost();
    if (contact.settled) for (const some of followers.values()) for (const follower of some) follower.settle();
    if (behind.length === 0) return;
    setTimeout(() => {
      for (const [follower, version] of behind) follower.compare(version, version, true);
    }, lateMs).unref();
  }

  async function enter(channel: string, member: Entering, session: string, lost?: Taken): Promise<void> {
    const answer = await calls.enter(channel, member, session, lost);
    if (answer === "full") throw tooManyMembers(channel);
    if (answer === "void") keeping.let(channel, { id: member.id, session });
    else if (open && lost === undefined) keeping.keep(channel, member, session, answer);
  }

  async function watch(channel: string, watcher: MembersWatcher): Promise<MembersWatch> {
    const topic = topicOf(address.prefix, channel);
    const follower = createFollower({
      watcher,
      list: () => calls.list(channel).catch(() => undefined),
      settled: () => contact.settled,
      restarted,
    });
    const hear = (published: Buffer) => {
      const news = readNews(published);
      if (news !== undefined) follower.hear(news);
    };
    const close = () => {
      follower.close();
      topics.leave(topic, hear);
      const others = followers.get(channel);
      others?.delete(follower);
      if (others?.size === 0) followers.delete(channel);
    };
    try {
      // In this order: what changes after the list was made has a subscription waiting for it.
      await topics.join(topic, hear, performance.now() + commandTimeoutMs);
      const members = follower.begin(await calls.list(channel));
      checkOpen();
      followers.set(channel, (followers.get(channel) ?? new Set()).add(follower));
      return { members, close };
    } catch (error) {
      close();
      throw error;
    }
  }

  const rounds = setInterval(() => void turn(), roundMs);
  topics.onResubscribed(() => void turn());
  void turn();

  const end = async (channel: string, hold: Hold, graceMs: number) => {
    keeping.let(channel, hold);
    checkOpen();
    await calls.leave(channel, hold, graceMs);
  };

  return {
    leaseMs,
    settleMs,
    async enter(channel, member, session) {
      checkOpen();
      await enter(channel, member, session);
    },
    leave: (channel, hold) => end(channel, hold, 0),
    release: end,
    async list(channel) {
      checkOpen();
      return [...(await calls.list(channel)).members.values()];
    },
    async watch(channel, watcher) {
      checkOpen();
      return watch(channel, watcher);
    },
    async close() {
      open = false;
      clearInterval(rounds);
      for (const some of followers.values()) for (const follower of some) follower.close();
      keeping.clear();
    },
  };
}
