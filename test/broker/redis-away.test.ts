// The store goes away, comes back, or comes back as another, under live peers: nobody is disconnected, nothing that
// was acknowledged is lost, and what is lost is said.

import { Redis } from "ioredis";
import { openRedis } from "../../src/buffer/redis.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { assert, suite, type T, until } from "../harness.js";
import { startRedis } from "../redis.js";
import { connectLines } from "./line-peer.js";
import { startNode } from "./node.js";
import { connectPeer, newProducer, texts, textsOf } from "./peer.js";

const test = suite("Redis away");

async function withRedis(t: T) {
  const server = await startRedis(t);
  const buffer = await openRedis({ url: server.url, retention: retentionPolicy([]) });
  t.after(() => buffer.close());
  return { server, node: await startNode(t, { buffer }) };
}

test(
  "P-4 P-11 Redis is killed and comes back: publishers wait, subscribers stay, all is heard once, in order",
  async (t) => {
    const { server, node } = await withRedis(t);
    const publisher = await connectPeer(t, node.address, { producer: newProducer() });
    const subscriber = await connectPeer(t, node.address);
    await subscriber.subscribe("c");
    const lines = await connectLines(t, node.address, { channel: "c" });
    await publisher.published("c", texts("m", 10), 1);
    await subscriber.hears("c", 10);
    await server.kill();
    publisher.publish("c", texts("m", 10, 11), 11);
    await until(() => subscriber.all("heartbeat").at(-1)?.bufferAway === true, "the peers are told that it is away");
    const joined = await connectPeer(t, node.address);
    await until(() => joined.all("heartbeat").at(-1)?.bufferAway === true, "and so is one that comes now");
    await server.start();
    await until(() => !subscriber.all("heartbeat").at(-1)!.bufferAway, "and that it is back");
    await until(
      () => publisher.all("published").length + publisher.all("error").length === 2,
      "it is answered",
      20_000,
    );
    for (const error of publisher.all("error")) {
      assert.ok(error.retryable, error.code);
      await publisher.published("c", texts("m", 10, 11), 11);
    }
    await publisher.published("c", ["m/21"], 21);
    assert.equal(textsOf(await subscriber.hears("c", 21)), texts("m", 21));
    assert.equal(await lines.hears(21), texts("m", 21));
    assert.equal(subscriber.all("gap"), []);
    const late = await connectPeer(t, node.address);
    await late.subscribe("c", { from: "earliest" });
    assert.equal(textsOf(await late.hears("c", 21)), texts("m", 21));
  },
  { timeoutMs: 60_000 },
);

test(
  "P-16 everything in Redis is deleted: live subscribers hear of a reset, then of what comes",
  async (t) => {
    const { server, node } = await withRedis(t);
    const publisher = await connectPeer(t, node.address);
    const subscriber = await connectPeer(t, node.address);
    await subscriber.subscribe("c");
    const lines = await connectLines(t, node.address, { channel: "c" });
    const [before] = await publisher.published("c", texts("old", 10));
    await subscriber.hears("c", 10);
    const admin = new Redis(server.url);
    t.after(() => admin.disconnect());
    await admin.flushall();
    const [after] = await publisher.published("c", ["new/1"]);
    assert.is(after!.first, 1);
    assert.ok(after!.epoch > before!.epoch);
    assert.equal(textsOf(await subscriber.hears("c", 11)), [...texts("old", 10), "new/1"]);
    const gaps = await subscriber.gets("gap");
    assert.equal(
      gaps.map(({ gap }) => gap.reason),
      ["reset"],
    );
    assert.is((await lines.hears(12))[10], "Gap: earlier messages of c will not be delivered (reset)");
    await publisher.published("c", ["new/2"]);
    await subscriber.hears("c", 12);
    assert.is(subscriber.heard("c").at(-1)!.offset, 2);
  },
  { timeoutMs: 60_000 },
);

test("two nodes over one Redis: peers of both hear one order, and a peer resumes at the other", async (t) => {
  const { server, node } = await withRedis(t);
  const buffer = await openRedis({ url: server.url, retention: retentionPolicy([]) });
  t.after(() => buffer.close());
  const other = await startNode(t, { buffer });
  const peers = [
    await connectPeer(t, node.address, { name: "ann" }),
    await connectPeer(t, other.address, { name: "bob" }),
  ];
  for (const peer of peers) await peer.subscribe("c");
  for (let i = 1; i <= 100; i++) for (const [n, peer] of peers.entries()) peer.publish("c", [`${n}/${i}`]);
  const [first, second] = await Promise.all(peers.map((peer) => peer.hears("c", 200)));
  assert.equal(first, second);
  assert.equal(
    first!.map(({ offset }) => offset),
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
  const { epoch } = first![0]!;
  const resumed = await connectPeer(t, other.address);
  await resumed.subscribe("c", { from: "position", position: { epoch, offset: 150 } });
  assert.equal(await resumed.hears("c", 50), first!.slice(150));
});

test.run();
