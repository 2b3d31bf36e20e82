// The search for the border between what goes and what stays, against a model that looks at every batch.
import fc from "fast-check";
import { openRedis } from "../../src/buffer/redis.js";
import { assert, suite } from "../harness.js";
import { someRedis } from "../redis.js";
import { store } from "./contract/open.js";
import { readLog, stateOf } from "./log.js";
import { run } from "./run.js";

const test = suite("redis buffer, retention");

test("random batches and limits: exactly what may go goes, at the latest when a limit is exceeded by a sixteenth", async (t) => {
  const { url, prefix } = await someRedis(t);
  const limits = { messages: 0, bytes: 0, ageMs: 3_600_000 };
  const buffer = await openRedis({ url: `${url}?prefix=${prefix}`, retention: () => limits });
  t.after(() => buffer.close());
  let channels = 0;
  const batch = fc.record({ count: fc.integer({ min: 1, max: 12 }), size: fc.integer({ min: 0, max: 400 }) });
  const limit = (max: number) => fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { minLength: 1, maxLength: 60 }),
      limit(150),
      limit(20_000),
      async (batches, messages, bytes) => {
        Object.assign(limits, { messages, bytes });
        const channel = `c${++channels}`;
        const stored: { first: number; end: number; bytes: number }[] = [];
        let next = 1;
        for (const { count, size } of batches) {
          const appended = run(
            "p",
            next,
            Array.from({ length: count }, () => "x".repeat(size)),
          );
          await store(buffer, channel, appended);
          stored.push({ first: next, end: next + count, bytes: appended.messages.length });
          next += count;
          const state = await stateOf(buffer, channel);
          const behind = (i: number) => stored.slice(i + 1).reduce((sum, each) => sum + each.bytes, 0);
          const border = stored.findIndex((each, i) => next - each.end < messages && behind(i) < bytes);
          const from = stored.findIndex((each) => each.first === state.first);
          assert.ok(from >= 0 && from <= border, `begins at batch ${from}, may begin at ${border}`);
          assert.is(state.bytes, behind(from) + stored[from]!.bytes);
          const exceeded = next - state.first > (messages * 17) / 16 || state.bytes > (bytes * 17) / 16;
          if (exceeded) assert.is(from, border);
        }
        const { batches: kept } = await readLog(buffer, channel, (await stateOf(buffer, channel)).first);
        assert.equal(
          kept.map((each) => each.first),
          stored.map((each) => each.first).filter((first) => first >= kept[0]!.first),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test.run();
