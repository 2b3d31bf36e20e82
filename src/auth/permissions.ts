// Permissions: what the configuration of a node says of single channels, besides the policy. Each is a rule as in the policy, and
// says for whom it is.
import { channelPattern, patternsMeet } from "../wire/channel-pattern.js";
import type { Operation } from "./guard.js";
import type { Rule } from "./rules.js";

export interface Permission {
  /** A pattern. */
  channels: string;
  /** Or denies. */
  allows: boolean;
  operations: readonly Operation[];
  /** For those who have one of the roles or one of the names. Neither: for everyone. */
  roles: readonly string[];
  identities: readonly string[];
}

/** The rules that concern somebody. */
export type Permitted = (name: string, roles: readonly string[]) => Rule[];

export function rulesOf(permissions: readonly Permission[]): Permitted {
  const parsed = permissions.map(({ channels, ...rest }) => ({
    ...rest,
    matches: channelPattern(channels),
    meets: (pattern: string) => patternsMeet(channels, pattern),
  }));
  return (name, roles) =>
    parsed.filter(
      (each) =>
        (each.roles.length === 0 && each.identities.length === 0) ||
        each.identities.includes(name) ||
        each.roles.some((role) => roles.includes(role)),
    );
}
