// How much a channel keeps, by channel pattern. Limits are lower bounds on what stays readable and, to within a
// fixed part of themselves (see each buffer), upper bounds on what is stored.
import { channelPattern } from "../wire/channel-pattern.js";
import { RepriseError } from "../wire/errors.js";

/** `Infinity`: no limit. */
export interface Retention {
  messages: number;
  bytes: number;
  ageMs: number;
}

export const defaultRetention: Retention = { messages: 1_000_000, bytes: 256 * 1024 * 1024, ageMs: 7 * 86_400_000 };

/** The retention of a channel. It may answer otherwise later: buffers ask again and again, and keep to the last answer. */
export type RetentionPolicy = (channel: string) => Retention;

interface Rule {
  matches: (channel: string) => boolean;
  retention: Partial<Retention>;
}

const bytesUnits = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
const timeUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads rules such as `messages=1000 age=24h` (all channels) and `chat.* bytes=64MiB` (channels that match; `*`
 * stands for any characters). For each limit the last rule that matches and names it wins; what no rule names is as
 * `base` has it. `none` lifts a limit.
 * @throws RepriseError `invalid_argument`
 */
export function retentionPolicy(
  rules: readonly string[],
  base: RetentionPolicy = () => defaultRetention,
): RetentionPolicy {
  if (rules.length === 0) return base;
  const parsed = rules.map(parseRule);
  return (channel) => {
    const retention = { ...base(channel) };
    for (const rule of parsed) if (rule.matches(channel)) Object.assign(retention, rule.retention);
    return retention;
  };
}

function parseRule(rule: string): Rule {
  const words = rule.trim().split(/\s+/);
  const pattern = words[0]?.includes("=") ? "*" : (words.shift() ?? "");
  const retention: Partial<Retention> = {};
  for (const word of words) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(word) ?? ["", "", ""];
    if (name === "messages") retention.messages = quantity(value, { "": 1 }, rule);
    else if (name === "bytes") retention.bytes = quantity(value, { "": 1, ...bytesUnits }, rule);
    else if (name === "age") retention.ageMs = quantity(value, timeUnits, rule);
    else throw badRule(rule);
  }
  if (pattern === "" || words.length === 0) throw badRule(rule);
  return { matches: channelPattern(pattern), retention };
}

function quantity(text: string, units: Record<string, number>, rule: string): number {
  if (text === "none") return Number.POSITIVE_INFINITY;
  const match = /^(\d+)([A-Za-z]*)$/.exec(text);
  const unit = match && Object.hasOwn(units, match[2]!) ? units[match[2]!]! : undefined;
  const value = unit === undefined ? Number.NaN : Number(match![1]) * unit;
  if (!(value >= 1 && value <= Number.MAX_SAFE_INTEGER)) throw badRule(rule);
  return value;
}

function badRule(rule: string): RepriseError {
  return new RepriseError(
    "invalid_argument",
    `retention ${JSON.stringify(rule)}: expected "[pattern] limit…" with the limits messages=N, bytes=N[B|KiB|MiB|GiB|TiB], age=N(ms|s|m|h|d), each at least 1 or none; for example "chat.* messages=1000 age=24h"`,
  );
}
