// A node that stops: what it acknowledged is stored, everybody is told, and nothing is left open.
import { connect } from "node:net";
import { status } from "@grpc/grpc-js";
import { encodeSubscribe } from "../../src/wire/client-frame.js";
import { KiB } from "../../src/wire/limits.js";
import { messagesOf } from "../../src/wire/message.js";
import { assert, suite, until } from "../harness.js";
import { embedded, gate, kinds } from "./buffers.js";
import { callHistory, callPublish, openImport, refusalOf } from "./calls.js";
import { connectLines } from "./line-peer.js";
import { startNode } from "./node.js";
import { connectPeer, newProducer, openStream, subscribeCall, texts, textsOf } from "./peer.js";

const test = suite("stopping");

for (const [kind, open] of Object.entries(kinds)) {
  test(`P-6 ${kind}: stopped under load, every acknowledged message is in the buffer, in order, once`, async (t) => {
    const buffer = await open(t);
    const node = await startNode(t, { buffer });
    const subscriber = await connectPeer(t, node.address);
    await subscriber.subscribe("c");
    const peers = await Promise.all(
      Array.from({ length: 4 }, () => connectPeer(t, node.address, { producer: newProducer() })),
    );
    const sent = peers.map(() => 0);
    let stopped = false;
    const publishing = peers.map(async (peer, i) => {
      while (!stopped) {
        for (let n = 0; n < 20; n++) peer.publish("c", [`p${i}/${++sent[i]!}`], sent[i]!);
        await new Promise(setImmediate);
      }
    });
    await subscriber.hears("c", 500);
    const closed = node.close();
    await Promise.all([...peers, subscriber].map((peer) => peer.gets("draining")));
    stopped = true;
    await Promise.all(publishing);
    await closed;
    for (const peer of [...peers, subscriber]) {
      const ended = await peer.end();
      assert.equal([ended.status, ended.code], [status.UNAVAILABLE, "draining"]);
    }
    const { stretches } = await buffer.read("c", 1, 1_000_000_000);
    const stored = stretches.flatMap((stretch) => ("reason" in stretch ? [] : textsOf([...messagesOf("c", stretch)])));
    for (const [i, peer] of peers.entries()) {
      const acked = peer.all("published").reduce((sum, answer) => sum + answer.count, 0);
      const refused = peer.all("error");
      assert.ok(acked > 0);
      for (const { code } of refused) assert.is(code, "draining");
      const own = stored.filter((text) => text.startsWith(`p${i}/`));
      assert.equal(own, texts(`p${i}`, own.length), "in order, once");
      assert.is(own.length, acked, "what was accepted was answered, and what was answered is stored");
      assert.is(peer.all("draining").length, 1);
    }
    assert.equal(
      textsOf(subscriber.heard("c")),
      stored.slice(0, subscriber.heard("c").length),
      "a subscriber heard the beginning of it, without holes",
    );
  });
}

test("P-6 draining comes first, then the answers to what was accepted, then the end", async (t) => {
  const node = await startNode(t);
  const peer = await connectPeer(t, node.address, { producer: newProducer() });
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  peer.publish("c", texts("m", 3), 1);
  await until(() => node.buffer.appends.length === 1, "it is under way");
  const closed = node.close();
  await peer.gets("draining");
  peer.publish("c", ["late"], 4);
  const refusal = await peer.refused();
  assert.equal([refusal.code, refusal.sequence, refusal.retryable], ["draining", 4, true]);
  assert.is(peer.ended, undefined, "it waits for the store");
  held.open();
  const ended = await peer.end();
  assert.equal([ended.status, ended.code], [status.UNAVAILABLE, "draining"]);
  assert.equal(
    peer.items.slice(1).map((item) => item.kind),
    ["draining", "error", "published"],
  );
  await closed;
  assert.is((await node.buffer.state("c"))!.next, 4);
});

test("P-6 every kind of stream and call is refused or ended with a retryable status", async (t) => {
  const node = await startNode(t);
  const peer = await connectPeer(t, node.address);
  await peer.subscribe("c");
  const lines = await connectLines(t, node.address);
  const simple = subscribeCall(t, node.address, { c: { from: "new" } });
  await simple.gets("subscribed");
  const bulk = openImport(t, node.address);
  bulk.send("c", ["bulk"]);
  await peer.hears("c", 1);
  // Connected before, so that it can still ask.
  const late = await connectPeer(t, node.address);
  const silent = openStream(t, node.address);
  await node.admin.sessions();
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  peer.publish("c", ["held"]);
  await until(() => node.buffer.appends.length === 2, "it is under way");
  const closed = node.close();
  await late.gets("draining");
  late.publish("c", ["x"]);
  assert.is((await late.refused()).code, "draining");
  late.send(encodeSubscribe("d", { from: "new" }));
  assert.is((await late.refused()).code, "draining");
  for (const call of [callPublish(t, node.address, "c", ["x"]), bulkEnd(bulk)]) {
    const { ended } = await refusalOf(call);
    assert.equal([ended.status, ended.code], [status.UNAVAILABLE, "draining"], ended.details);
  }
  assert.is((await subscribeCall(t, node.address, { c: { from: "new" } }).end()).code, "draining");
  held.open();
  await closed;
  for (const stream of [peer, lines, simple, late]) {
    const ended = await stream.end();
    assert.equal([ended.status, ended.code], [status.UNAVAILABLE, "draining"], ended.details);
  }
  // A stream that has not said hello is nobody yet: cut off is all it can expect.
  assert.is.not((await silent.end()).status, status.OK);
});

/** Sends one more request. */
function bulkEnd(bulk: ReturnType<typeof openImport>): Promise<unknown> {
  bulk.send("c", ["late"]);
  return bulk.summary;
}

test("P-6 calls under way are answered: a Publish that waits for the store, a PublishStream, a History", async (t) => {
  const node = await startNode(t);
  await callPublish(t, node.address, "c", ["first"]);
  const [heldAppend, heldState] = [gate(), gate()];
  node.buffer.hooks.append = () => heldAppend.passed;
  let asked = 0;
  node.buffer.hooks.state = () => {
    asked++;
    return heldState.passed;
  };
  const publish = callPublish(t, node.address, "c", ["x"]);
  const bulk = openImport(t, node.address);
  bulk.send("d", ["y"]);
  const imported = bulk.finish();
  const history = callHistory(t, node.address, "c", { from: "earliest" });
  await until(() => node.buffer.appends.length === 3 && asked === 1, "all are under way");
  const closed = node.close();
  heldState.open();
  assert.equal((await history).texts, ["first"]);
  heldAppend.open();
  assert.is((await publish).firstOffset, 2);
  assert.is((await imported).messages, 1);
  await closed;
});

test("P-6 a frozen peer does not hold a stop up for longer than its grace", async (t) => {
  const node = await startNode(t);
  const frozen = await connectPeer(t, node.address);
  await frozen.subscribe("c");
  frozen.pause();
  const other = await connectPeer(t, node.address);
  const publisher = await connectPeer(t, node.address);
  await other.subscribe("c");
  for (let i = 0; i < 100; i++) await publisher.published("c", ["x".repeat(30 * KiB)]);
  await other.hears("c", 100);
  const begun = performance.now();
  const closed = node.close(3_000);
  assert.is((await other.end()).code, "draining");
  assert.ok(performance.now() - begun < 2_500, "the others do not wait for it");
  await closed;
  const took = performance.now() - begun;
  assert.ok(took >= 2_990 && took < 12_000, `${took} ms`);
  // What a client takes for a lost connection. CANCELLED, as gRPC tells it, is what it does itself.
  frozen.resume();
  assert.is((await frozen.end()).status, status.UNAVAILABLE);
});

test("P-6 a store that does not answer does not hold a stop up for longer than its grace", async (t) => {
  const node = await startNode(t);
  const peer = await connectPeer(t, node.address);
  const never = gate();
  t.after(() => never.open());
  node.buffer.hooks.append = () => never.passed;
  peer.publish("c", ["x"]);
  await until(() => node.buffer.appends.length === 1, "it is under way");
  const begun = performance.now();
  await node.close(300);
  assert.ok(performance.now() - begun < 12_000);
  assert.is((await peer.end()).status, status.UNAVAILABLE);
  assert.equal(peer.all("published"), []);
});

test("P-6 without peers a stop is immediate, twice is once, and the port is free", async (t) => {
  const buffer = await embedded(t);
  const node = await startNode(t, { buffer });
  const begun = performance.now();
  await Promise.all([node.close(), node.close()]);
  assert.ok(performance.now() - begun < 4_000);
  const port = Number(node.address.split(":")[1]);
  const error = await new Promise<Error | undefined>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(undefined));
    socket.once("error", resolve);
    t.after(() => socket.destroy());
  });
  assert.is((error as NodeJS.ErrnoException | undefined)?.code, "ECONNREFUSED");
  // The buffer belongs to whoever opened it.
  assert.is(await buffer.state("c"), undefined);
  const again = await startNode(t, { buffer, listen: node.address });
  await callPublish(t, again.address, "c", ["x"]);
});

test.run();
