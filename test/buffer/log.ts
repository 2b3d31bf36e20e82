// A channel's log as it is read back, page by page, checked against what `read` promises of every page.
import type { ChannelState, ReplayBuffer, StoredBatch, Stretch } from "../../src/buffer/buffer.js";
import type { Gap } from "../../src/wire/position.js";
import { assert } from "../harness.js";
import { contents } from "./run.js";

export const isGap = (stretch: Stretch): stretch is Gap => "reason" in stretch;

export const firstOf = (stretch: Stretch): number => (isGap(stretch) ? stretch.from : stretch.first);

/** The offset behind the stretch. */
export const endOf = (stretch: Stretch): number => (isGap(stretch) ? stretch.to + 1 : stretch.first + stretch.count);

export interface Log {
  gaps: Gap[];
  batches: StoredBatch[];
  pages: number;
  /** What every message holds, in order. */
  contents: string[];
}

/** Reads from `from` to the end. The log must not grow meanwhile. */
export async function readLog(buffer: ReplayBuffer, channel: string, from = 1, maxBytes = 64 * 1024): Promise<Log> {
  const log: Log = { gaps: [], batches: [], pages: 0, contents: [] };
  let next = from;
  for (let end = false; !end; log.pages++) {
    const page = await buffer.read(channel, next, maxBytes);
    end = page.end;
    if (page.stretches.length === 0) assert.ok(end, "a page without stretches is the last");
    for (const [i, stretch] of page.stretches.entries()) {
      const first = firstOf(stretch);
      // Batches are not cut: only the first of a page may begin before what was asked for.
      const begins = i === 0 && !isGap(stretch) ? first <= next && endOf(stretch) > next : first === next;
      assert.ok(begins, `the stretch from ${first} to ${endOf(stretch) - 1} begins at ${next}`);
      next = endOf(stretch);
      if (isGap(stretch)) log.gaps.push(stretch);
      else log.batches.push(stretch);
    }
  }
  checkBatches(log.batches);
  log.contents = log.batches.flatMap((batch) => contents(batch.messages));
  return log;
}

/** What holds of any batches in the order of the log. */
export function checkBatches(batches: readonly StoredBatch[]): void {
  for (const [i, batch] of batches.entries()) {
    assert.is(contents(batch.messages).length, batch.count, "a batch holds as many messages as it says");
    const previous = batches[i - 1];
    if (!previous) continue;
    assert.ok(batch.epoch >= previous.epoch, "epochs do not fall");
    if (batch.epoch === previous.epoch) assert.ok(batch.storedAt >= previous.storedAt, "the time does not fall");
  }
}

/** The state of a channel that must exist. */
export async function stateOf(buffer: ReplayBuffer, channel: string): Promise<ChannelState> {
  const state = await buffer.state(channel);
  if (state === undefined) throw new Error(`channel ${channel} does not exist`);
  return state;
}
