// Attacks as tests, one after the other at one node: starting one for each would take longer than they do.
import { assert, type suite, type T } from "../harness.js";
import { figure } from "../scenarios/form.js";
import { type Arena, startArena } from "./arena.js";
import type { Attack } from "./attack.js";
import { shownHarm } from "./harm.js";

export interface Siege {
  /** @throws Error if it did not start */
  readonly arena: Arena;
  /** The last test: what is left. */
  end(): void;
}

const forMs = 250;
export const timeoutMs = 120_000;

/** Adds them to the suite. */
export function besiege(
  test: ReturnType<typeof suite>,
  attacks: Readonly<Record<string, Attack>>,
  options: Parameters<typeof startArena>[1] = {},
): Siege {
  const cleanups: (() => unknown)[] = [];
  const shared: T = { after: (cleanup) => void cleanups.push(cleanup), signal: new AbortController().signal };
  let started: Arena | undefined;
  const siege: Siege = {
    get arena() {
      assert.ok(started, "the node runs");
      return started;
    },
    end() {
      const last = async () => {
        try {
          figure("in the end", await siege.arena.finish());
        } finally {
          for (const cleanup of cleanups.reverse()) await cleanup();
        }
      };
      test("nothing is left, and nothing was lost", last, { timeoutMs });
    },
  };
  const start = async () => {
    started = await startArena(shared, options);
  };
  test("a node, and others who use it", start, { timeoutMs });
  for (const [name, attack] of Object.entries(attacks)) {
    const bear = async () => {
      const harm = await siege.arena.bears(name, (t, target) => attack(t, target, forMs));
      figure(name, shownHarm(harm));
    };
    test(name, bear, { timeoutMs });
  }
  return siege;
}
