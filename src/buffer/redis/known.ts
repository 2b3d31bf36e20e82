// What this node has seen of the channels' heads, from whatever source. A store that later shows less has lost
// something: the next append of this node then opens a new epoch. Never goes back for that reason.
import { compareHeads, type Head, noHead } from "./head.js";

/** Channels beyond this are forgotten, those first that were not heard of for the longest time. */
const mostChannels = 10_000;

export interface Known {
  get(channel: string): Head;
  see(channel: string, head: Head): void;
}

export function createKnown(): Known {
  const heads = new Map<string, Head>();
  return {
    get: (channel) => heads.get(channel) ?? noHead,
    see(channel, head) {
      if (head.epoch === 0) return;
      const known = heads.get(channel);
      heads.delete(channel);
      heads.set(channel, known && compareHeads(known, head) > 0 ? known : head);
      if (heads.size > mostChannels) heads.delete(heads.keys().next().value!);
    },
  };
}
