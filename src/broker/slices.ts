// Looking at very many things without holding up the event loop: after a few milliseconds, others have a turn.
import { setImmediate } from "node:timers/promises";

/** How long one slice may take. */
const sliceMs = 4;

/** Looking at the clock costs more than looking at a cursor. */
const stepsPerLook = 256;

export interface Slices {
  /** Counts a step; true: it is time to `rest`. */
  due(): boolean;
  /** Resolves when the event loop has been round. */
  rest(): Promise<void>;
}

export function createSlices(): Slices {
  let steps = 0;
  let until = performance.now() + sliceMs;
  return {
    due: () => ++steps % stepsPerLook === 0 && performance.now() > until,
    async rest() {
      await setImmediate();
      until = performance.now() + sliceMs;
    },
  };
}
