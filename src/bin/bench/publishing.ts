// All publishers of a measurement together.
import type { Publisher, Rate } from "./publisher.js";
import type { Window } from "./window.js";

export interface Publishing {
  readonly published: number;
  readonly acked: number;
  /** True once no more is published and everything is acknowledged. */
  readonly ended: boolean;
  /** What one of them failed with. */
  readonly failure: unknown;
  /** What the slowest subscriber has of all publishers together. */
  received(least: number): void;
  /** Ends what has no end of its own. */
  stop(): void;
}

/** @param course a rate of all together, or the window of each */
export function startPublishing(publishers: readonly Publisher[], course: Rate | Window): Publishing {
  let ended = false;
  let failure: unknown;
  const sum = (number: (one: Publisher) => number) => publishers.reduce((sum, one) => sum + number(one), 0);
  const follow = (work: (one: Publisher) => Promise<void>): void => {
    Promise.all(publishers.map(work)).then(
      () => {
        ended = true;
      },
      (error: unknown) => {
        failure ??= error;
      },
    );
  };
  if ("perSecond" in course) {
    const { perSecond, seconds } = course;
    follow((one) => one.pace({ perSecond: perSecond / publishers.length, seconds }));
  } else {
    for (const one of publishers) one.flood(course);
  }
  return {
    get published() {
      return sum((one) => one.published);
    },
    get acked() {
      return sum((one) => one.acked);
    },
    get ended() {
      return ended;
    },
    get failure() {
      return failure ?? publishers.find((one) => one.failure !== undefined)?.failure;
    },
    received(least) {
      // Divided evenly: none is kept waiting for longer than all of them together have sent too much.
      for (const one of publishers) one.received(least / publishers.length);
    },
    stop() {
      if (!("perSecond" in course)) follow((one) => one.stop());
    },
  };
}
