// The micro-benchmarks of bench/micro, each once: they are run by hand, and must not rot in between.
import { all } from "../bench/micro/micro.js";
import { assert, suite } from "./harness.js";

const test = suite("micro-benchmarks");

test("each runs, again and again, and leaves nothing behind", async () => {
  const micros = await all();
  assert.is(new Set(micros.map(({ name }) => name)).size, micros.length);
  for (const { prepare } of micros) {
    const { run, end } = await prepare();
    for (let i = 0; i < 3; i++) await run();
    await end?.();
  }
});

test.run();
