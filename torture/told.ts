// A subscriber's log of one channel: consecutive messages together, and the rolling hash over what came without a gap in
// one epoch.
import { type Rolled, roll, type SubscriberLine, type Told } from "./check/history.js";
import type { Journal } from "./journal.js";

export interface Heard {
  epoch: number;
  offset: number;
  name: string;
  hash: string;
}

export interface ChannelJournal {
  start(from: "new" | "earliest" | "stored", position: { epoch: number; offset: number }): void;
  heard(messages: readonly Heard[]): void;
  gap(gap: { reason: string; from: number; to: number; position: { epoch: number; offset: number } }): void;
  stop(complete: boolean): void;
}

/** Where a subscription begins that is not told it. */
export const untold = { epoch: 0, offset: -1 };

export function openChannel(journal: Journal<SubscriberLine>, channel: string): ChannelJournal {
  let rolled: Rolled | undefined;
  const write = (some: readonly Heard[]) => {
    const { epoch, offset } = some[0]!;
    const messages = some.map(({ name, hash }): Told => [name, hash]);
    journal.write({ kind: "got", channel, epoch, first: offset, messages });
  };
  const add = ({ epoch, offset, hash }: Heard) => {
    if (rolled === undefined || rolled.epoch !== epoch || rolled.to !== offset - 1)
      rolled = { epoch, from: offset, to: offset, value: 0 };
    rolled.to = offset;
    rolled.value = roll(rolled.value, hash);
  };
  return {
    start(from, { epoch, offset }) {
      rolled = undefined;
      journal.write({ kind: "start", channel, epoch, offset, from });
    },
    heard(messages) {
      let begun = 0;
      for (const [i, { epoch, offset }] of messages.entries()) {
        const before = messages[i - 1];
        if (before !== undefined && (before.epoch !== epoch || before.offset !== offset - 1)) {
          write(messages.slice(begun, i));
          begun = i;
        }
        add(messages[i]!);
      }
      if (messages.length > 0) write(messages.slice(begun));
    },
    gap({ reason, from, to, position: { epoch, offset } }) {
      rolled = undefined;
      journal.write({ kind: "gap", channel, reason, from, to, epoch, offset });
    },
    stop: (complete) => journal.write({ kind: "stop", channel, complete, ...(rolled && { rolled }) }),
  };
}
