// What many owners share: the bound on memory, and the registry of sessions.
import fc from "fast-check";
import { type Kept, SharedMemory } from "../../src/broker/memory.js";
import { Registry } from "../../src/broker/registry.js";
import { assert, suite } from "../harness.js";
import { check } from "../wire/arbitraries.js";

const test = suite("shared memory and registry");

test("what was kept first goes first, no more than needed, and the newest stays", () => {
  const max = 1_000;
  const step = fc.oneof(fc.integer({ min: 1, max: 1_500 }), fc.constant(0));
  check(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const memory = new SharedMemory(max);
      let model: { item: Kept; id: number }[] = [];
      const dropped: number[] = [];
      for (const [id, bytes] of steps.entries()) {
        if (bytes === 0) {
          // An owner lets go of what is in the middle, twice.
          const gone = model.splice(Math.floor(model.length / 2), 1)[0];
          if (gone === undefined) continue;
          memory.release(gone.item);
          memory.release(gone.item);
          continue;
        }
        const item: Kept = { bytes, drop: () => dropped.push(id) };
        model.push({ item, id });
        dropped.length = 0;
        memory.keep(item);
        const expected: number[] = [];
        while (model.length > 1 && model.reduce((sum, { item }) => sum + item.bytes, 0) > max) {
          expected.push(model[0]!.id);
          model = model.slice(1);
        }
        assert.equal(dropped, expected);
        assert.is(
          memory.bytes,
          model.reduce((sum, { item }) => sum + item.bytes, 0),
        );
      }
    }),
    500,
  );
});

test("session ids are numbers of 64 bits, never 0, never the same", () => {
  const registry = new Registry();
  const ids = Array.from({ length: 10_000 }, () => registry.newId());
  assert.is(new Set(ids).size, ids.length);
  for (const id of ids) {
    assert.match(id, /^[1-9]\d*$/);
    assert.ok(BigInt(id) < 2n ** 64n);
  }
  assert.ok(ids.some((id) => BigInt(id) > 2n ** 53n));
});

test("an empty registry is empty at once", async () => {
  const registry = new Registry();
  await registry.empty();
  assert.is(registry.size, 0);
  assert.equal([...registry], []);
});

test.run();
