// The ways that writes go, and what confirms them there. Where a wait for an ack level is under way, what comes behind it on
// the connection waits too (confirm.ts). So channels with a level besides the buffer's own have connections of their own, one for
// each level: they hold up nobody else.
import type { Connection } from "../../redis/connection.js";
import type { Redis } from "../../redis/redis.js";
import { type AckLevel, satisfies } from "../../wire/ack-level.js";
import { type AckRule, levelBesides, ofRule } from "../ack-rules.js";
import { settleAckLevel } from "./ack-level.js";
import { type Confirm, createConfirm } from "./confirm.js";

export interface Way {
  connection: Connection;
  /** Undefined: an answer is enough. */
  confirm: Confirm | undefined;
}

export interface Ways {
  ackLevel: AckLevel;
  /** At `ackLevel`. */
  own: Way;
  of(channel: string): Way;
}

/** What else is asked of Redis on the same connection may have to wait for so long. */
const longestWaitMs = 250;

/**
 * @param wanted undefined: what every master gives for nothing
 * @throws RepriseError `ack_level_unavailable` if one of the masters cannot keep one of the levels
 */
export async function openWays(redis: Redis, wanted: AckLevel | undefined, rules: readonly AckRule[]): Promise<Ways> {
  const { masters, writer, commandTimeoutMs } = redis;
  const waitMs = Math.min(longestWaitMs, commandTimeoutMs / 3);
  function settle(connection: Connection, level: AckLevel | undefined): Promise<AckLevel[]> {
    const deadline = performance.now() + commandTimeoutMs;
    return Promise.all(
      masters.all.map((master) => connection.attempt(deadline, (client) => settleAckLevel(client, level), master)),
    );
  }
  const settled = await settle(writer, wanted);
  const ackLevel = wanted ?? (settled.includes("stored") ? "stored" : "fsynced");
  const own: Way = {
    connection: writer,
    confirm: ackLevel === "stored" ? undefined : createConfirm([ackLevel], waitMs),
  };
  const besides = new Map<AckLevel, Way>();
  for (const rule of rules) {
    const { level } = rule;
    if (satisfies(ackLevel, level) || besides.has(level)) continue;
    const connection = redis.openWriter(level);
    await settle(connection, level).catch((thrown) => Promise.reject(ofRule(rule, thrown)));
    const levels = satisfies(level, ackLevel) ? [level] : [ackLevel, level];
    besides.set(level, { connection, confirm: createConfirm(levels, waitMs) });
  }
  const levelOf = levelBesides(ackLevel, rules);
  return {
    ackLevel,
    own,
    of(channel) {
      const level = levelOf(channel);
      return (level && besides.get(level)) ?? own;
    },
  };
}
