// Broker.History: the past in pages, from any start, to the end.
import { status } from "@grpc/grpc-js";
import type { Start } from "../../src/wire/client-frame.js";
import { KiB, MiB } from "../../src/wire/limits.js";
import { nothingReceived } from "../../src/wire/position.js";
import { assert, suite, type T } from "../harness.js";
import { embedded, kinds } from "./buffers.js";
import { callHistory, callPublish, type Page, refusalOf } from "./calls.js";
import { exists, startNode, type TestNode } from "./node.js";
import { texts } from "./peer.js";

const test = suite("history");

/** A node with `count` messages in channel c, in batches of up to 7. */
async function withHistory(t: T, count: number, options: Parameters<typeof startNode>[1] = {}) {
  const node = await startNode(t, options);
  for (let from = 1; from <= count; from += 7) {
    await callPublish(t, node.address, "c", texts("m", Math.min(7, count - from + 1), from));
  }
  const { epoch } = (await node.admin.channel("c"))!;
  return { node, epoch };
}

/** All pages from `start` to the end. */
async function pages(t: T, node: TestNode, start: Start, limit: number): Promise<Page[]> {
  const found = [await callHistory(t, node.address, "c", start, limit)];
  while (!found.at(-1)!.end) {
    const { position } = found.at(-1)!;
    found.push(await callHistory(t, node.address, "c", { from: "position", position }, limit));
  }
  return found;
}

for (const [kind, open] of Object.entries(kinds)) {
  test(`${kind}: pages of any size add up to everything, each message once`, async (t) => {
    const { node, epoch } = await withHistory(t, 60, { buffer: await open(t) });
    for (const limit of [1, 7, 10, 1_000]) {
      const found = await pages(t, node, { from: "earliest" }, limit);
      assert.equal(
        found.flatMap((page) => page.texts),
        texts("m", 60),
        `limit ${limit}`,
      );
      for (const page of found) {
        assert.ok(page.texts.length <= limit);
        assert.equal(page.position, { epoch, offset: page.offsets.at(-1)! });
      }
      assert.is(found.length, Math.ceil(60 / limit));
    }
  });
}

test("every start, and no limit means 100", async (t) => {
  const { node, epoch } = await withHistory(t, 150);
  const first = async (start: Start, limit?: number) => (await callHistory(t, node.address, "c", start, limit)).offsets;
  assert.is((await first({ from: "earliest" })).length, 100);
  assert.equal(await first({ from: "last", count: 3 }), [148, 149, 150]);
  assert.equal(await first({ from: "offset", offset: 10 }, 2), [10, 11]);
  assert.equal(await first({ from: "position", position: { epoch, offset: 10 } }, 2), [11, 12]);
  assert.equal(await first({ from: "position", position: nothingReceived }, 1), [1]);
  assert.equal(await first({ from: "time", timeMs: 1 }, 1), [1]);
  const end = { texts: [], offsets: [], gaps: [], position: { epoch, offset: 150 }, end: true };
  for (const start of [
    { from: "new" },
    { from: "offset", offset: 151 },
    { from: "position", position: { epoch, offset: 150 } },
    { from: "time", timeMs: Number.MAX_SAFE_INTEGER },
  ] as const) {
    const { bytes, ...page } = await callHistory(t, node.address, "c", start);
    assert.equal(page, end, start.from);
  }
});

test("P-23 an offset beyond the end, and a bad name, are refused", async (t) => {
  const { node } = await withHistory(t, 3);
  for (const [channel, start, code, number] of [
    ["c", { from: "offset", offset: 5 }, "offset_out_of_range", status.OUT_OF_RANGE],
    ["c", { from: "offset", offset: 0 }, "offset_out_of_range", status.OUT_OF_RANGE],
    ["none", { from: "offset", offset: 2 }, "offset_out_of_range", status.OUT_OF_RANGE],
    ["a b", { from: "new" }, "invalid_channel", status.INVALID_ARGUMENT],
    ["", { from: "new" }, "invalid_channel", status.INVALID_ARGUMENT],
  ] as const) {
    const { ended } = await refusalOf(callHistory(t, node.address, channel, start));
    assert.equal([ended.code, ended.status], [code, number], channel);
  }
});

test("a channel that does not exist has no past, and is not created by asking", async (t) => {
  const node = await startNode(t);
  for (const start of [{ from: "earliest" }, { from: "new" }, { from: "last", count: 5 }] as const) {
    const { bytes, ...page } = await callHistory(t, node.address, "c", start);
    assert.equal(page, { texts: [], offsets: [], gaps: [], position: nothingReceived, end: true });
  }
  const position = { epoch: 5, offset: 9 };
  const { gaps, end } = await callHistory(t, node.address, "c", { from: "position", position });
  assert.equal([gaps, end], [[{ reason: "reset", from: 0, to: 0 }], true]);
  assert.not(await exists(node, "c"));
});

test("P-16 what is no longer retained is a gap, and paging goes on behind it", async (t) => {
  const { node, epoch } = await withHistory(t, 100, { buffer: await embedded(t, ["messages=20"]) });
  const { firstOffset } = await node.admin.channel("c");
  const found = await pages(t, node, { from: "position", position: { epoch, offset: 4 } }, 3);
  assert.equal(found[0]!.gaps, [{ reason: "trimmed", from: 5, to: firstOffset - 1 }]);
  assert.equal(
    found.slice(1).flatMap((page) => page.gaps),
    [],
  );
  assert.equal(
    found.flatMap((page) => page.texts),
    texts("m", 101 - firstOffset, firstOffset),
  );
});

test("a page fits into what gRPC clients accept by default, whatever the messages", async (t) => {
  const node = await startNode(t);
  const sizes = [10, MiB - 100, MiB - 100, 10, 300 * KiB, 300 * KiB, 300 * KiB, 300 * KiB, 10];
  const lines = sizes.map((size, i) => `${i}`.padEnd(size, "x"));
  for (const line of lines) await callPublish(t, node.address, "c", [line]);
  const found = await pages(t, node, { from: "earliest" }, 1_000);
  assert.ok(found.flatMap((page) => page.texts).join() === lines.join());
  for (const page of found) assert.ok(page.bytes < 2 * MiB, `${page.bytes} bytes`);
});

test("a page ends where the log ended when it was asked for, though more is published", async (t) => {
  const { node } = await withHistory(t, 20);
  node.buffer.hooks.read = async () => {
    node.buffer.hooks = {};
    await callPublish(t, node.address, "c", ["later"]);
    return undefined;
  };
  const found = await pages(t, node, { from: "earliest" }, 1_000);
  assert.equal(found.flatMap((page) => page.texts).slice(0, 20), texts("m", 20));
  assert.ok(found.at(-1)!.end);
});

test.run();
