// How large a message may be, by channel pattern. It can only be less than what the node accepts: peers are told that one
// limit, and their frames are bounded by it.
import { channelPattern } from "../wire/channel-pattern.js";

/** Bytes; undefined: what the node accepts. */
export type MessageSizes = (channel: string) => number | undefined;

export interface SizeRule {
  pattern: string;
  maxBytes: number;
}

/** Asked for each publish: names are kept with the answer, so many at most. */
const mostKept = 10_000;

/** Of several rules that match, the last one counts. */
export function messageSizes(rules: readonly SizeRule[]): MessageSizes {
  if (rules.length === 0) return () => undefined;
  const last = rules.map(({ pattern, maxBytes }) => ({ matches: channelPattern(pattern), maxBytes })).reverse();
  const kept = new Map<string, number | undefined>();
  return (channel) => {
    if (kept.has(channel)) return kept.get(channel);
    const found = last.find(({ matches }) => matches(channel))?.maxBytes;
    if (kept.size >= mostKept) kept.clear();
    kept.set(channel, found);
    return found;
  };
}
