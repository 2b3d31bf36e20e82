// Gaps as a consumer is told of them.
import type { Gap, Position } from "../wire/position.js";

/** Messages that will not be delivered, and why. What is delivered next comes after `position`. */
export interface ChannelGap extends Gap {
  channel: string;
  position: Position;
}

/** One line for people. */
export function describeGap({ channel, reason, from, to }: ChannelGap): string {
  const range = from === 0 ? "an unknown number of messages" : `messages ${from} to ${to}`;
  const why = {
    trimmed: "were removed by retention before they could be read",
    diverged: "were received, but the broker's store has lost them since",
    reset: "may be missing: the channel's log is not the one read before",
    corrupt: "cannot be read any more",
  };
  return `${channel}: ${range} ${why[reason]}`;
}

/** Told to nobody in particular, because nobody asked to be told: but never to nobody. */
export function warnOfGap(gap: ChannelGap): void {
  process.emitWarning(describeGap(gap), "RepriseGap");
}
