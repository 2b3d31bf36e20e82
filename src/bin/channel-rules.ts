// What a node is told of single channels: how much they keep, and how large their messages may be. It can be told anew
// while it runs.
import type { MessageSizes } from "../broker/index.js";
import type { RetentionPolicy } from "../store/index.js";
import type { ConfigFile } from "./config-file.js";
import type { Setting } from "./settings.js";

export interface ChannelRules {
  retention: RetentionPolicy;
  messageSizes: MessageSizes;
}

/**
 * Rules of retention, of which the last ones win: `retain` of the file is for what its channels say nothing of, and what
 * a flag says, or the environment, comes after all that the file says.
 */
export function retentionRules(settings: readonly Setting[], file: ConfigFile | undefined): string[] {
  const retain = settings.find(({ key }) => key === "retain");
  const general = (retain?.value ?? []) as string[];
  const ofChannels = (file?.channels ?? []).flatMap(({ retain }) => retain ?? []);
  return retain?.from === "file" ? [...general, ...ofChannels] : [...ofChannels, ...general];
}

/** The same functions for good, which answer by the rules that were set last. */
export function replaceable(first: ChannelRules): ChannelRules & { set(rules: ChannelRules): void } {
  let current = first;
  return {
    retention: (channel) => current.retention(channel),
    messageSizes: (channel) => current.messageSizes(channel),
    set(rules) {
      current = rules;
    },
  };
}
