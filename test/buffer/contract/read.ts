// Pages of the log.
import fc from "fast-check";
import type { ReplayBuffer, StoredBatch } from "../../../src/buffer/buffer.js";
import { assert, type Suite } from "../../harness.js";
import { endOf, firstOf, isGap, readLog } from "../log.js";
import { contents, run, texts } from "../run.js";
import { handlesOf, type Open, store } from "./open.js";

/** Batches of 1 to 7 messages, `total` in all. */
async function fill(buffer: ReplayBuffer, channel: string, total: number): Promise<string[]> {
  const all = texts("p", total);
  for (let done = 0, size = 1; done < total; done += size, size = (size % 7) + 1) {
    await store(buffer, channel, run("p", done + 1, all.slice(done, done + size)));
  }
  return all;
}

export function readContract(test: Suite, open: Open): void {
  test("a channel that does not exist has one empty page", async (t) => {
    const { buffer } = await open(t);
    assert.equal(await buffer.read("c", 1, 1000), { stretches: [], end: true });
    assert.equal(await buffer.read("c", 1000, 1000), { stretches: [], end: true });
  });

  test("from beyond the end: an empty page, at once", async (t) => {
    const { buffer } = await open(t);
    await fill(buffer, "c", 20);
    for (const from of [21, 22, 1000, Number.MAX_SAFE_INTEGER]) {
      assert.equal(await buffer.read("c", from, 1000), { stretches: [], end: true }, `${from}`);
    }
  });

  test("pages of any size cover the log without holes or repeats", async (t) => {
    const opened = await open(t);
    const { buffer } = opened;
    const all = await fill(buffer, "c", 200);
    for await (const reader of handlesOf(opened)) {
      for (const maxBytes of [1, 60, 500, 1_000_000]) {
        const log = await readLog(reader, "c", 1, maxBytes);
        assert.equal(log.contents, all);
        assert.equal(log.gaps, []);
      }
    }
  });

  test("a page is about as large as asked for, and never without a stretch if there is one", async (t) => {
    const { buffer } = await open(t);
    // Batches of about 1 KiB.
    for (let i = 0; i < 64; i++) await store(buffer, "c", run("p", i + 1, ["x".repeat(1000)]));
    for (const maxBytes of [1, 4 * 1024, 16 * 1024]) {
      const page = await buffer.read("c", 1, maxBytes);
      const bytes = page.stretches.reduce((sum, each) => sum + (isGap(each) ? 0 : each.messages.length), 0);
      assert.ok(page.stretches.length >= 1);
      assert.ok(bytes >= maxBytes / 2 && bytes <= 2 * maxBytes + 1100, `${bytes} bytes for ${maxBytes}`);
      assert.not(page.end);
    }
  });

  test("end says whether something lay behind the page", async (t) => {
    const { buffer } = await open(t);
    await fill(buffer, "c", 50);
    for (const maxBytes of [1, 100, 1_000_000]) {
      for (let next = 1; next <= 50; ) {
        const page = await buffer.read("c", next, maxBytes);
        next = endOf(page.stretches.at(-1)!);
        assert.is(page.end, next === 51, `${next - 1} of 50 were read`);
      }
    }
  });

  test("from inside a batch: the whole batch comes first", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "c", run("p", 1, texts("p", 10)));
    await store(buffer, "c", run("p", 11, texts("p", 10, 11)));
    for (let from = 1; from <= 20; from++) {
      const [stretch] = (await buffer.read("c", from, 1)).stretches;
      assert.is(firstOf(stretch!), from <= 10 ? 1 : 11);
      assert.equal(contents((stretch as StoredBatch).messages), texts("p", 10, from <= 10 ? 1 : 11));
    }
  });

  test("any chain of pages from anywhere continues the log", async (t) => {
    const { buffer } = await open(t);
    const all = await fill(buffer, "c", 150);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 151 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 }),
        async (from, sizes) => {
          let next = from;
          const read: string[] = [];
          for (const size of sizes) {
            const page = await buffer.read("c", next, size);
            for (const stretch of page.stretches) {
              if (isGap(stretch)) throw new Error("a gap");
              read.push(...contents(stretch.messages).slice(Math.max(0, next - stretch.first)));
              next = endOf(stretch);
            }
          }
          assert.equal(read, all.slice(from - 1, next - 1));
          if (from <= 150) assert.ok(next > from);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("reads of one channel do not disturb those of another", async (t) => {
    const { buffer } = await open(t);
    const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
    const written = await Promise.all(names.map((name) => fill(buffer, name, 30 + name.length)));
    const logs = await Promise.all(names.map((name) => readLog(buffer, name, 1, 100)));
    assert.equal(
      logs.map((log) => log.contents),
      written,
    );
  });
}
