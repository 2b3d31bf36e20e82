// Where a subscription or a page of history begins: every kind of start becomes a position, so that nothing after this
// point knows how a reader began.
import type { ReplayBuffer } from "../buffer/buffer.js";
import type { Start } from "../wire/client-frame.js";
import { RepriseError } from "../wire/errors.js";
import { before, currentEpoch, head, type LogState, type Position } from "../wire/position.js";

/**
 * The position that reading goes on after. What can no longer be delivered after it is announced by whoever reads.
 * @param state the channel's state as the store has it now
 * @throws RepriseError `offset_out_of_range`
 */
export async function startPosition(
  start: Start,
  channel: string,
  state: LogState | undefined,
  buffer: ReplayBuffer,
): Promise<Position> {
  switch (start.from) {
    case "new":
      return head(state);
    case "earliest":
      return before(state, state?.first ?? 1);
    case "last":
      return before(state, state === undefined ? 1 : Math.max(state.first, state.next - start.count));
    case "time":
      return before(state, await offsetAt(start.timeMs, channel, state, buffer));
    case "offset":
      return beforeOffset(start.offset, channel, state);
    case "position":
      return start.position;
  }
}

function beforeOffset(offset: number, channel: string, state: LogState | undefined): Position {
  const next = state?.next ?? 1;
  if (offset < 1 || offset > next) {
    throw new RepriseError(
      "offset_out_of_range",
      `offset ${offset} of ${channel}: offsets begin at 1, and the next message stored gets ${next}`,
    );
  }
  return state === undefined ? head(state) : { epoch: currentEpoch(state), offset: offset - 1 };
}

/** The first offset stored at or after `timeMs`; the next one to be stored if there is none. */
async function offsetAt(
  timeMs: number,
  channel: string,
  state: LogState | undefined,
  buffer: ReplayBuffer,
): Promise<number> {
  let low = state?.first ?? 1;
  let high = state?.next ?? 1;
  // Times never fall, so batches can be bisected; each step reads one.
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const stretch = (await buffer.read(channel, middle, 1)).stretches[0];
    if (stretch === undefined) {
      high = middle;
    } else if ("reason" in stretch) {
      low = stretch.to + 1;
    } else if (stretch.storedAt < timeMs) {
      low = stretch.first + stretch.count;
    } else {
      high = Math.min(middle, stretch.first);
    }
  }
  return low;
}
