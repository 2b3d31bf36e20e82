// A watcher that holds the buffer to its promises: every stretch begins exactly where it has to.
import type { ReplayBuffer, StoredBatch, Stretch, Watch } from "../../src/buffer/buffer.js";
import { currentEpoch, head, type LogState, nothingReceived, type Position, resume } from "../../src/wire/position.js";
import { assert, type T, until } from "../harness.js";
import { checkBatches, endOf, firstOf, isGap } from "./log.js";
import { contents } from "./run.js";

export interface Follower {
  watch: Watch;
  stretches: Stretch[];
  /** One for each call of `changed`: the state it was told. */
  changes: (LogState | undefined)[];
  /** The offset of the next stretch. */
  readonly next: number;
  contents(): string[];
  batches(): StoredBatch[];
  /** Waits until everything before `next` was passed on; rejects if what was passed on broke a promise. */
  reaches(next: number): Promise<void>;
  /** Waits until `changed` was called `count` times. */
  hasChanged(count: number): Promise<void>;
}

export async function follow(t: T, buffer: ReplayBuffer, channel: string): Promise<Follower> {
  const stretches: Stretch[] = [];
  const changes: (LogState | undefined)[] = [];
  const broken: string[] = [];
  let next = 1;
  /** The newest epoch that was announced; undefined: that of the next stretch. */
  let epoch: number | undefined;
  let last: Position = nothingReceived;
  const know = (state: LogState | undefined) => {
    epoch = state && currentEpoch(state);
  };
  const take = (stretch: Stretch) => {
    if (firstOf(stretch) !== next) broken.push(`${firstOf(stretch)}..${endOf(stretch) - 1} begins at ${next}`);
    next = endOf(stretch);
    if (isGap(stretch)) return;
    epoch ??= stretch.epoch;
    if (stretch.epoch > epoch)
      broken.push(`offset ${stretch.first} is of epoch ${stretch.epoch}, announced is ${epoch}`);
    last = { epoch: stretch.epoch, offset: next - 1 };
  };
  const change = (state: LogState | undefined) => {
    know(state);
    next = resume(last, state).cursor.next;
    if (state === undefined) last = nothingReceived;
  };
  // What comes before `watch` has answered waits for the state.
  const early: (() => void)[] = [];
  let started = false;
  const watch = await buffer.watch(channel, {
    stretch: (stretch) => {
      stretches.push(stretch);
      if (started) take(stretch);
      else early.push(() => take(stretch));
    },
    changed: (changed) => {
      changes.push(changed);
      if (started) change(changed);
      else early.push(() => change(changed));
    },
  });
  t.after(() => watch.close());
  know(watch.state);
  last = head(watch.state);
  next = last.offset + 1;
  started = true;
  for (const event of early) event();

  const check = () => assert.equal(broken, []);
  const batches = () => stretches.filter((stretch) => !isGap(stretch)) as StoredBatch[];
  return {
    watch,
    stretches,
    changes,
    get next() {
      return next;
    },
    batches,
    contents: () => batches().flatMap((batch) => contents(batch.messages)),
    reaches: async (wanted) => {
      await until(() => broken.length > 0 || next >= wanted, `the watcher of ${channel} reaches ${wanted}`).catch(
        (error) => {
          throw new Error(`${error.message} (it is at ${next})`);
        },
      );
      check();
      assert.is(next, wanted);
      checkBatches(batches());
    },
    hasChanged: async (count) => {
      await until(() => changes.length >= count, `the watcher of ${channel} is told "changed" (${count})`);
      check();
    },
  };
}
