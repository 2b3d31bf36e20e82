// Rules of retention that are set while nodes run. They are kept by the store and hold for all nodes that share it, on top
// of what each is configured with: a rule that one node alone went by would be undone by the next append of another.
import { checkChannelPattern } from "../wire/channel-pattern.js";
import { RepriseError } from "../wire/errors.js";
import { type RetentionPolicy, retentionPolicy } from "./retention.js";

export interface RetentionRule {
  pattern: string;
  /** `messages=1000 age=24h` */
  limits: string;
}

export interface RetentionRules {
  /** As the store has them now, those set last at the end. */
  list(): Promise<readonly RetentionRule[]>;
  /**
   * Sets the rule of a pattern behind all others, or takes it away (""). Other nodes go by it within about two seconds.
   * @throws RepriseError `invalid_argument`
   */
  set(pattern: string, limits: string): Promise<void>;
}

/** Each is looked at for each append. */
const mostRules = 100;

/** A policy with rules on top that can be replaced. */
export interface Layered {
  readonly policy: RetentionPolicy;
  /** What cannot be understood counts for nothing. */
  set(rules: readonly RetentionRule[]): void;
}

export function layered(base: RetentionPolicy): Layered {
  let policy = base;
  let known = "";
  return {
    policy: (channel) => policy(channel),
    set(rules) {
      const lines = rules.map(lineOf);
      const text = lines.join("\n");
      if (text === known) return;
      known = text;
      const understood = lines.filter((line) => {
        try {
          return retentionPolicy([line]) !== undefined;
        } catch {
          return false;
        }
      });
      policy = understood.length === 0 ? base : retentionPolicy(understood, base);
    },
  };
}

export const lineOf = ({ pattern, limits }: RetentionRule): string => `${pattern} ${limits}`;

/** As rules are kept. */
export const inOneLine = (limits: string): string => limits.trim().split(/\s+/).join(" ");

/** @throws RepriseError `invalid_argument` */
export function checkRule({ pattern, limits }: RetentionRule, others: readonly RetentionRule[]): void {
  checkChannelPattern(pattern);
  if (limits === "") return;
  retentionPolicy([lineOf({ pattern, limits })]);
  if (others.length < mostRules || others.some((rule) => rule.pattern === pattern)) return;
  throw new RepriseError("invalid_argument", `there are ${mostRules} rules set at run time already, the most allowed`);
}
