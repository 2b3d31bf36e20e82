// What acknowledgements mean on single channels: a level besides the buffer's own. So the own one stays true of all
// channels, and whoever was told it was told nothing wrong.
import { type AckLevel, satisfies } from "../wire/ack-level.js";
import { channelPattern } from "../wire/channel-pattern.js";
import { RepriseError } from "../wire/errors.js";

export interface AckRule {
  pattern: string;
  level: AckLevel;
}

/**
 * What the last rule that matches a channel asks for besides the buffer's own level; undefined: nothing, or nothing that the
 * own level does not include.
 */
export function levelBesides(own: AckLevel, rules: readonly AckRule[]): (channel: string) => AckLevel | undefined {
  const parsed = rules.map(({ pattern, level }) => ({ matches: channelPattern(pattern), level }));
  return (channel) => {
    const level = parsed.findLast(({ matches }) => matches(channel))?.level;
    return level === undefined || satisfies(own, level) ? undefined : level;
  };
}

/** What a level of a rule was refused with, said of the channels that it was asked for. */
export function ofRule({ pattern }: AckRule, thrown: unknown): unknown {
  if (!(thrown instanceof RepriseError) || thrown.code !== "ack_level_unavailable") return thrown;
  return new RepriseError(thrown.code, `channels ${pattern}: ${thrown.message}`);
}
