// The names of what a channel has in Redis. The braces are the hash tag: all of it lives in one slot of a cluster.
import type { ChainableCommander } from "ioredis";

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

/**
 * Goes before commands that read log and meta one by one. While a slot of a Cluster moves, its keys leave one after the
 * other; a command for two of them is refused as long as they are in two places, one for a single key would be told
 * that there is none.
 */
export const bothThere = (pipeline: ChainableCommander, { log, meta }: Keys): ChainableCommander =>
  pipeline.exists(log, meta);
