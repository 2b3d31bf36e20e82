// HTTP/2, gRPC and the HTTP gateway abused, one way after the other, at one node: it stays up in bounded memory, a publisher
// and a subscriber beside it are not harmed, and in the end nothing is left of it. Then damaged traffic, the short form of
// `npm run fuzz`.
import { assert, suite, type T } from "../harness.js";
import { figure } from "../scenarios/form.js";
import { type Arena, shownHarm, startArena } from "./arena.js";
import { attacks } from "./attacks.js";
import { record } from "./recording.js";
import { playDamaged } from "./traffic.js";

const test = suite("abuse");

const forMs = 250;
const seed = 1;
const timeoutMs = 120_000;

// All tests share one node: starting one for each would take longer than they do.
const cleanups: (() => unknown)[] = [];
const shared: T = { after: (cleanup) => void cleanups.push(cleanup), signal: new AbortController().signal };
let arena: Arena | undefined;

test(
  "a node, and others who use it",
  async () => {
    arena = await startArena(shared);
  },
  { timeoutMs },
);

for (const [name, attack] of Object.entries(attacks)) {
  test(
    name,
    async () => {
      assert.ok(arena, "the node runs");
      figure(name, shownHarm(await arena.bears(name, (t, target) => attack(t, target, forMs))));
    },
    { timeoutMs },
  );
}

test(
  "damaged traffic",
  async (t) => {
    assert.ok(arena, "the node runs");
    const recordings = await record(t, arena.target);
    const suspects: string[] = [];
    const play = (scope: T) =>
      playDamaged(scope, arena!.target, recordings, { seed, forMs: 10_000, most: 300 }, (what) => suspects.push(what));
    const harm = await arena.bears("damaged traffic", play).catch((thrown: Error) => {
      const last = suspects.slice(-20).map((what) => what.slice(0, 300));
      throw new Error(`${thrown.message}; sent last: ${last.join("\n")}`);
    });
    figure("damaged traffic", shownHarm(harm));
  },
  { timeoutMs },
);

test(
  "nothing is left, and nothing was lost",
  async () => {
    try {
      await arena?.finish();
    } finally {
      for (const cleanup of cleanups.reverse()) await cleanup();
    }
  },
  { timeoutMs },
);

test.run();
