// Patterns of channel names, wherever something is said about many channels: `*` stands for any characters, also none
// and also separators. So `orders.*` are all whose names begin with `orders.`, and `*` are all.
import { RepriseError } from "./errors.js";

/** Whether a text can be one. A name is a pattern that matches itself alone. */
export const isChannelPattern = (text: string): boolean => /^[A-Za-z0-9*._:/@-]{1,120}$/.test(text);

/** @throws RepriseError `invalid_argument` */
export function checkChannelPattern(text: string): string {
  if (isChannelPattern(text)) return text;
  throw new RepriseError("invalid_argument", "expected a channel, or a pattern of channels such as chat.*");
}

/**
 * Whether a name matches; of another pattern, whether all of its names do: its `*` are then characters like others, which
 * only a `*` of this one takes in. Takes time proportional to pattern and name, whatever they are.
 */
export function channelPattern(pattern: string): (name: string) => boolean {
  const [first = "", ...middle] = pattern.split("*");
  const last = middle.pop();
  if (last === undefined) return (name) => name === pattern;
  return (name) => {
    if (!name.startsWith(first) || !name.endsWith(last)) return false;
    let at = first.length;
    for (const part of middle) {
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= name.length - last.length;
  };
}

const startOf = (pattern: string): string => pattern.slice(0, pattern.indexOf("*"));
const endOf = (pattern: string): string => pattern.slice(pattern.lastIndexOf("*") + 1);

/** Whether a name can match both. Of a few pairs it is said though such a name would be too long. */
export function patternsMeet(a: string, b: string): boolean {
  if (!a.includes("*")) return channelPattern(b)(a);
  if (!b.includes("*")) return channelPattern(a)(b);
  const [starts, ends] = [
    [startOf(a), startOf(b)],
    [endOf(a), endOf(b)],
  ] as [[string, string], [string, string]];
  // What stands between the first and the last `*` of both can follow upon each other.
  return (
    (starts[0].startsWith(starts[1]) || starts[1].startsWith(starts[0])) &&
    (ends[0].endsWith(ends[1]) || ends[1].endsWith(ends[0]))
  );
}
