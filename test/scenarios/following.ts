// A subscriber of a flow in one channel: all it was told, also what it was told later to have been lost.
import type { Bus } from "../../src/client/index.js";
import { assert } from "../harness.js";
import type { Stored } from "./flow.js";
import { Trail } from "./trail.js";

export interface Following {
  channel: string;
  trail: Trail;
  /** By offset: 1, 2, 3, … at 0, 1, 2, … */
  told: Stored[];
  /** What it had been told at the offsets of a gap `diverged`. */
  withdrawn: { offset: number; stored: Stored }[];
  /** When it was told anything last, and the longest silence before that. */
  heardAt: number;
  stallMs: number;
}

export async function follow(bus: Bus, channel: string): Promise<Following> {
  const heardAt = performance.now();
  const following: Following = { channel, trail: new Trail(1), told: [], withdrawn: [], heardAt, stallMs: 0 };
  const { trail, told, withdrawn } = following;
  const subscription = bus.subscribe(channel, {
    from: "earliest",
    onGap(gap) {
      trail.gap(gap, gap.position);
      // What is retained is told again.
      if (gap.reason === "reset") told.length = 0;
      if (gap.reason !== "diverged") return;
      const lost = told.splice(gap.from - 1);
      withdrawn.push(...lost.map((stored, i) => ({ offset: gap.from + i, stored })));
    },
  });
  await subscription.ready;
  void (async () => {
    for await (const { offset, epoch, text } of subscription) {
      const now = performance.now();
      following.stallMs = Math.max(following.stallMs, now - following.heardAt);
      following.heardAt = now;
      trail.messages(offset, offset);
      told[offset - 1] = { epoch, text };
    }
  })().catch((error) => trail.fail(String(error)));
  return following;
}

/** It was told the log, the whole log, and nothing but the log; and what it was told to be lost, is. */
export function checkFollowing({ trail, told, withdrawn }: Following, log: readonly Stored[]): void {
  assert.is(trail.fault, undefined);
  assert.is(trail.next, log.length + 1, "a subscriber has received the log, and nothing beyond it");
  const differs = log.findIndex(({ text }, index) => told[index]?.text !== text);
  const where = `${told[differs]?.text} at ${differs + 1}, where ${log[differs]?.text} is`;
  assert.is(differs, -1, `a subscriber received ${where}`);
  const kept = withdrawn.find(({ offset, stored }) => {
    const now = log[offset - 1];
    return now?.text === stored.text && now.epoch === stored.epoch;
  });
  assert.is(kept, undefined, `a gap withdrew ${kept?.stored.text} at ${kept?.offset}, which is in the log`);
}
