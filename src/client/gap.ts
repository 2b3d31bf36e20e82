// Gaps as a consumer is told of them.
import { RepriseError } from "../wire/errors.js";
import type { Gap, Position } from "../wire/position.js";

/** Messages that will not be delivered, and why. What is delivered next comes after `position`. */
export interface ChannelGap extends Gap {
  channel: string;
  position: Position;
}

/**
 * What a gap does, after everything before it was delivered:
 * - `"event"`: it is an event of `events()`, and where nobody has opened these, a warning of the process.
 * - `"throw"`: the iteration throws a RepriseError with the code `gap`, whose cause is the ChannelGap. Whoever accepts
 *   it subscribes again, `from: after(gap.position)`.
 * - a function is called, and awaited before the next message; what it throws, the iteration throws.
 */
export type OnGap = "event" | "throw" | ((gap: ChannelGap) => void | Promise<void>);

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

/**
 * Obeys `onGap`. When it has, the consumer is past the gap.
 * @param noticed whether somebody was told by an event
 */
export async function meetGap(gap: ChannelGap, onGap: OnGap, noticed: boolean): Promise<void> {
  if (onGap === "throw") throw new RepriseError("gap", describeGap(gap), { cause: gap });
  if (onGap !== "event") await onGap(gap);
  else if (!noticed) process.emitWarning(describeGap(gap), "RepriseGap");
}
