// Acknowledged messages that are gone. A store that replicates asynchronously, or was not synced, may come back without
// what it acknowledged last; it then opens a new epoch. An acknowledgement in a new epoch is the sign to compare.
import { RepriseError } from "../wire/errors.js";
import { type Gap, type Position, resume } from "../wire/position.js";
import { createBackoff } from "./backoff.js";
import type { Call } from "./calls.js";
import { readChannel } from "./channels.js";
import { isFinal, type StateCell } from "./state.js";

/**
 * `diverged`: the messages from..to that the channel held before are lost, those that this process had published among
 * them too. `reset`: nothing is known of the log they were in; it was removed, or lost.
 */
export interface Loss extends Gap {
  channel: string;
  reason: "diverged" | "reset";
}

export interface Losses {
  /** The message at `position` was acknowledged, later ones of a new epoch too. */
  check(channel: string, position: Position): void;
  listen(listener: (loss: Loss) => void): () => void;
}

/** What is told if it cannot be compared. */
const unknown: Gap = { reason: "reset", from: 0, to: 0 };

export function createLosses(call: Call, state: StateCell): Losses {
  const listeners = new Set<(loss: Loss) => void>();
  const tell = (loss: Loss) => {
    for (const listener of [...listeners]) listener(loss);
    if (listeners.size === 0) process.emitWarning(describeLoss(loss), "RepriseLoss");
  };
  /** Tries as often as it takes: to give up would be to tell of a loss that there may not be. */
  async function compare(channel: string, position: Position, backoff = createBackoff()): Promise<void> {
    const gaps = await gapsSince(call, channel, position).catch((thrown: unknown) => {
      // Nobody is there any more to be told.
      if (isFinal(state.current)) return [];
      if (!(thrown instanceof RepriseError) || !thrown.retryable) return [unknown];
      const { delayMs } = backoff.failed(thrown.retryAfterMs);
      setTimeout(() => void compare(channel, position, backoff), delayMs).unref();
      return [];
    });
    for (const gap of gaps) {
      if (gap.reason === "diverged" || gap.reason === "reset") tell({ channel, ...gap, reason: gap.reason });
    }
  }
  return {
    check: (channel, position) => void compare(channel, position),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What a reader at `position` would be told. */
async function gapsSince(call: Call, channel: string, position: Position): Promise<Gap[]> {
  try {
    return resume(position, await readChannel(call, channel, {})).gaps;
  } catch (thrown) {
    if (thrown instanceof RepriseError && thrown.code === "channel_not_found") return resume(position, undefined).gaps;
    throw thrown;
  }
}

function describeLoss({ channel, reason, from, to }: Loss): string {
  return reason === "diverged"
    ? `${channel}: the broker's store lost messages ${from} to ${to}, which it had acknowledged`
    : `${channel}: the channel's log was replaced; messages acknowledged before may be gone`;
}
