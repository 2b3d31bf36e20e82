// The names of what a channel has in Redis. The braces are the hash tag: all of it lives in one slot of a cluster.
export interface Keys {
  log: string;
  meta: string;
  producers: string;
  topic: string;
}

export function keysOf(prefix: string, channel: string): Keys {
  const stem = `${prefix}{${channel}}`;
  return { log: `${stem}:log`, meta: `${stem}:meta`, producers: `${stem}:producers`, topic: `${stem}:live` };
}

/** The pattern that the meta keys of all channels beginning with `channelPrefix` match, for SCAN. */
export const metaPattern = (prefix: string, channelPrefix: string): string =>
  `${literal(prefix)}{${literal(channelPrefix)}*}:meta`;

/** The channel of a meta key. */
export const channelOf = (prefix: string, metaKey: string): string =>
  metaKey.slice(prefix.length + "{".length, -"}:meta".length);

const literal = (text: string): string => text.replace(/[*?[\]\\^]/g, "\\$&");
