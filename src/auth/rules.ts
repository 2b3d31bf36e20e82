// Rules: who may do what on which channels. What no rule allows is not allowed, and what one denies is not, whatever
// allows it.
//
//   - allow: [publish, subscribe]        or one word, or all
//     channels: [orders.*, lobby]        patterns, `*` stands for any characters
//   - deny: all
//     channels: orders.secret.*
import { channelPattern, isChannelPattern, patternsMeet } from "../wire/channel-pattern.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import type { Operation, Rights } from "./guard.js";

const operations: readonly Operation[] = ["publish", "subscribe", "history", "presence", "admin"];

export interface Rule {
  allows: boolean;
  operations: readonly Operation[];
  /** Whether it speaks of the channel; of a pattern, of all that match it. */
  matches: (channel: string) => boolean;
  /** Whether it speaks of some channel that matches the pattern. */
  meets: (pattern: string) => boolean;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * @param where the rules stand, for people
 * @throws RepriseError `invalid_argument`
 */
export function readRules(value: unknown, where: string): Rule[] {
  if (!Array.isArray(value)) throw invalid(where, "expected a list of rules, each with allow or deny, and channels");
  return value.map((rule, index) => readRule(rule, `${where}, rule ${index + 1}`));
}

function readRule(value: unknown, where: string): Rule {
  if (!isRecord(value)) throw invalid(where, "expected allow or deny, and channels");
  const { allow, deny, channels, ...others } = value;
  checkNoOthers(others, where, ["allow", "deny", "channels"]);
  if ((allow === undefined) === (deny === undefined)) throw invalid(where, "expected either allow or deny");
  const patterns = wordsOf(channels);
  if (patterns.length === 0) throw invalid(where, "expected channels: a pattern, or a list of them");
  const matching = patterns.map(channelPatternOf(where));
  return {
    allows: deny === undefined,
    operations: readOperations(allow ?? deny, where),
    matches: (channel) => matching.some((matches) => matches(channel)),
    meets: (pattern) => patterns.some((own) => patternsMeet(own, pattern)),
  };
}

const channelPatternOf = (where: string) => (pattern: string) => {
  if (isChannelPattern(pattern)) return channelPattern(pattern);
  throw invalid(where, `${JSON.stringify(pattern.slice(0, 120))} is no pattern of channel names`);
};

function readOperations(value: unknown, where: string): readonly Operation[] {
  try {
    return parseOperations(...wordsOf(value));
  } catch (thrown) {
    throw invalid(where, toRepriseError(thrown).message);
  }
}

/** @throws RepriseError `invalid_argument` */
export function parseOperations(...words: string[]): readonly Operation[] {
  if (words.length === 1 && words[0] === "all") return operations;
  const found = operations.filter((operation) => words.includes(operation));
  if (words.length > 0 && words.every((word) => (operations as readonly string[]).includes(word))) return found;
  throw new RepriseError("invalid_argument", `expected all, or some of ${operations.join(", ")}`);
}

/** One word, or a list of them; of anything else, none. */
export function wordsOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.every((word) => typeof word === "string") ? list : [];
}

export function checkNoOthers(others: Record<string, unknown>, where: string, allowed: readonly string[]): void {
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw invalid(where, `${JSON.stringify(other.slice(0, 40))} is not known, only ${allowed.join(", ")}`);
  }
}

export const invalid = (where: string, what: string): RepriseError =>
  new RepriseError("invalid_argument", `${where}: ${what}`);

export const rightsOf =
  (rules: readonly Rule[]): Rights =>
  (channel) => {
    const concerns = ({ allows, matches, meets }: Rule) =>
      allows || !channel.includes("*") ? matches(channel) : meets(channel);
    const concerning = rules.filter(concerns);
    const speaksOf = (operation: Operation, allows: boolean) =>
      concerning.some((rule) => rule.allows === allows && rule.operations.includes(operation));
    return new Set(operations.filter((operation) => speaksOf(operation, true) && !speaksOf(operation, false)));
  };
