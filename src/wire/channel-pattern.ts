// Patterns of channel names, wherever something is said about many channels: `*` stands for any characters, also none
// and also separators. So `orders.*` are all whose names begin with `orders.`, and `*` are all.

/** Whether a name matches. Takes time proportional to pattern and name, whatever they are. */
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
