// Back-pressure through real connections: what a node takes in and holds is bounded, whatever its peers do.
import { encodePublish } from "../../src/wire/client-frame.js";
import { KiB, MiB } from "../../src/wire/limits.js";
import { encodeMessage } from "../../src/wire/message.js";
import { assert, suite, type T, until } from "../harness.js";
import { gate } from "./buffers.js";
import { startNode, type TestNode } from "./node.js";
import { connectPeer, type Peer, texts, textsOf } from "./peer.js";

const test = suite("back-pressure");

/** Waits until the node takes nothing more from the peer, and answers how many of its frames it has taken. */
async function stalled(node: TestNode, count: () => number): Promise<number> {
  let before = -1;
  await until(async () => {
    const now = count();
    if (now === before) return true;
    before = now;
    // The node has had time for 20 other calls.
    for (let i = 0; i < 20; i++) await node.admin.channels();
    return false;
  }, "nothing more is taken");
  return count();
}

/** Writes frames without waiting; answers how many went to the connection. */
function flood(peer: Peer, frames: readonly Buffer[]): () => number {
  let written = 0;
  for (const frame of frames) peer.call.write(frame, () => written++);
  return () => written;
}

const numbered = (count: number, size: number) =>
  Array.from({ length: count }, (_, i) =>
    encodePublish("c", 0, [encodeMessage(Buffer.from(`${i}`.padEnd(size, ".")))]),
  );

for (const [what, size, count, window, most] of [
  ["small messages", 1_000, 20_000, 256 * KiB, 1 * MiB],
  ["large messages", MiB - 100, 60, 4 * MiB, 24 * MiB],
] as const) {
  test(
    `P-4 while appends wait a publisher is read no further than its window, and then on: ${what}`,
    async (t) => {
      const node = await startNode(t, { limits: { publishWindowBytes: window } });
      const peer = await connectPeer(t, node.address);
      const other = await connectPeer(t, node.address);
      const held = gate();
      node.buffer.hooks.append = (channel) => (channel === "c" ? held.passed : Promise.resolve());
      const taken = (await stalled(node, flood(peer, numbered(count, size)))) * size;
      assert.ok(taken >= window && taken <= most, `${taken} bytes were taken`);
      const [info] = (await node.admin.sessions()).filter((session) => session.session === peer.session);
      const unanswered = info!.unansweredMessages * size;
      assert.ok(unanswered <= window + size, `${unanswered} bytes are unanswered`);
      await other.published("d", ["nobody else waits"]);
      held.open();
      await until(
        () => peer.all("published").reduce((sum, answer) => sum + answer.count, 0) === count,
        "all are stored",
        30_000,
      );
      assert.is((await node.buffer.state("c"))!.next, count + 1);
    },
    { timeoutMs: 60_000 },
  );
}

/** Stores `count` messages of `size` bytes. */
async function store(t: T, node: TestNode, count: number, size: number, from: number): Promise<string[]> {
  const peer = await connectPeer(t, node.address);
  const contents = texts("m", count, from).map((text) => text.padEnd(size, "."));
  for (let i = 0; i < count; i += 50) await peer.published("c", contents.slice(i, i + 50));
  peer.halfClose();
  return contents;
}

test(
  "P-4 a peer that stops reading among others that read: they hear everything, and later it does too",
  async (t) => {
    const node = await startNode(t);
    const [frozen, ...others] = await Promise.all(Array.from({ length: 5 }, () => connectPeer(t, node.address)));
    for (const peer of [frozen!, ...others]) await peer.subscribe("c");
    const contents = await store(t, node, 50, KiB, 1);
    await frozen!.hears("c", 50);
    frozen!.pause();
    // More than the node keeps in memory, and than the connection takes.
    contents.push(...(await store(t, node, 3_000, 4 * KiB, 51)));
    for (const peer of others) assert.is((await peer.hears("c", 3_050)).length, 3_050);
    assert.ok(frozen!.heard("c").length < 1_000, "it did stop");
    const lag = async () => {
      const infos = (await node.admin.sessions()).filter((info) => info.session === frozen!.session);
      return 3_051 - infos[0]!.subscriptionsList[0]!.nextOffset;
    };
    assert.ok((await lag()) > 1_000, "its cursor stayed behind");
    frozen!.resume();
    assert.equal(textsOf(await frozen!.hears("c", 3_050)), contents);
    assert.equal(frozen!.all("gap"), []);
    await frozen!.gets("caughtUp", 2);
  },
  { timeoutMs: 60_000 },
);

test("P-4 a peer that asks and does not read the answers is not read for ever", async (t) => {
  const node = await startNode(t);
  const peer = await connectPeer(t, node.address);
  peer.pause();
  const frame = Buffer.concat(
    Array.from({ length: 500 }, () => encodePublish("a b", 0, [encodeMessage(Buffer.from("x"))])),
  );
  const total = 2_000;
  const taken = await stalled(node, flood(peer, Array(total).fill(frame)));
  assert.ok(taken < total / 2, `${taken} of ${total} frames were taken`);
  const others = await connectPeer(t, node.address);
  await others.published("d", ["nobody else waits"]);
});

test.run();
