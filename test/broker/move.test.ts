// One session that is sent elsewhere: it loses nothing, and the others do not notice.
import { status } from "@grpc/grpc-js";
import { ageOf } from "../../src/broker/ageing.js";
import { move } from "../../src/broker/move.js";
import { encodeSubscribe } from "../../src/wire/client-frame.js";
import { assert, suite, until } from "../harness.js";
import { embedded, gate, observe } from "./buffers.js";
import { connectLines } from "./line-peer.js";
import { startNode } from "./node.js";
import { connectPeer, newProducer, subscribeCall, texts } from "./peer.js";
import { publishTexts, testBroker, testSink } from "./sink.js";

const test = suite("moving a session");

const notice = { addresses: ["b:1", "c:2"], retryAfterMs: 7, graceMs: 5_000 };

test("P-6 it is told, with addresses if it wants them; nothing new is accepted; the others are not touched", async (t) => {
  const { open } = testBroker(t, await embedded(t));
  const [knowing, other, stayer] = [testSink(), testSink(), testSink()];
  const moved = [open(knowing, { discover: true, producer: "pabc" }), open(other, { producer: "pdef" })];
  const stays = open(stayer);
  for (const session of [...moved, stays]) await session.subscriptions.subscribe("c", { from: "new" });
  for (const session of moved) void move(session, "n1", notice);
  for (const session of moved) {
    publishTexts(session, "c", ["late"], 1);
    await session.subscriptions.subscribe("d", { from: "new" });
  }
  publishTexts(stays, "c", ["x"]);
  await until(() => other.texts("c").length === 1 && stayer.texts("c").length === 1, "subscriptions go on");
  const told = [knowing, other].map((sink) => sink.items().filter(({ kind }) => kind === "draining"));
  assert.equal(told, [
    [{ kind: "draining", retryAfterMs: 7, addresses: ["b:1", "c:2"] }],
    [{ kind: "draining", retryAfterMs: 7, addresses: [] }],
  ]);
  const refused = knowing
    .items()
    .flatMap((item) => (item.kind === "error" ? [[item.code, item.channel, item.sequence]] : []));
  assert.equal(refused, [
    ["draining", "c", 1],
    ["draining", "d", 0],
  ]);
  assert.equal(knowing.texts("c"), ["x"]);
  assert.not(stayer.items().some(({ kind }) => kind === "draining"));
  for (const session of moved) session.close();
  assert.is(stayer.ended, undefined);
});

test("P-6 it leaves by itself, or its stream is ended when what it published is answered", async (t) => {
  const buffer = observe(await embedded(t));
  const { open } = testBroker(t, buffer);
  const [leaver, waiter] = [testSink(), testSink()];
  const [leaving, waiting] = [open(leaver), open(waiter)];
  const held = gate();
  buffer.hooks.append = () => held.passed;
  publishTexts(waiting, "c", ["x"]);
  const begun = performance.now();
  const departures = [leaving, waiting].map((session) => move(session, "n1", { ...notice, graceMs: 10_000 }).departure);
  leaving.close();
  assert.is(await departures[0], "left");
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.is(waiter.ended, undefined, "it is not ended before its answer");
  held.open();
  assert.is(await departures[1], "left");
  assert.ok(performance.now() - begun < 9_000, "as soon as it is answered");
  assert.equal(
    waiter.items().map(({ kind }) => kind),
    ["draining", "published"],
  );
  assert.is(waiter.ended?.[0]?.code, "draining");
});

test("P-6 a peer that does not read is cut after its grace, and one that cannot act on the notice is ended at once", async (t) => {
  const { open } = testBroker(t, await embedded(t));
  const [frozen, simple] = [testSink(false), testSink()];
  const first = open(frozen);
  await first.subscriptions.subscribe("c", { from: "new" });
  const second = open(simple, { subscribesOnce: true });
  await second.subscriptions.subscribe("c", { from: "new" });
  const begun = performance.now();
  const [slow, quick] = [first, second].map((session) => move(session, "n1", { ...notice, graceMs: 2_000 }));
  assert.is(await quick!.departure, "left");
  assert.ok(performance.now() - begun < 1_500);
  assert.is(await slow!.departure, "cut");
  assert.ok(performance.now() - begun >= 1_990);
  assert.is(simple.items().at(-1)?.kind, "draining");
  const again = move(first, "n1", notice);
  assert.is(await again.departure, "cut", "it is moved once");
});

test("P-6 a simple subscription and lines are told as far as they can be, and end with a retryable status", async (t) => {
  const node = await startNode(t, { maxSessionAgeMs: 300 });
  const simple = subscribeCall(t, node.address, { c: { from: "new" } });
  const lines = await connectLines(t, node.address);
  for (const stream of [simple, lines]) {
    const ended = await stream.end();
    assert.equal([ended.status, ended.code], [status.UNAVAILABLE, "draining"]);
  }
  assert.is(simple.all("draining").length, 1);
});

test("P-31 sessions grow as old as they may, each a little differently, and what they subscribed to goes on", async (t) => {
  const node = await startNode(t, { maxSessionAgeMs: 1_000 });
  const begun = performance.now();
  const peers = await Promise.all(
    Array.from({ length: 8 }, () => connectPeer(t, node.address, { producer: newProducer() })),
  );
  const [first] = peers;
  await first!.subscribe("c");
  const told = await Promise.all(
    peers.map(async (peer) => {
      await peer.gets("draining");
      return performance.now() - begun;
    }),
  );
  assert.ok(Math.min(...told) >= 890, `${told}`);
  first!.publish("c", ["late"], 1);
  assert.is((await first!.refused()).code, "draining");
  const young = await connectPeer(t, node.address);
  await young.published("c", texts("m", 2));
  await first!.hears("c", 2);
  young.send(encodeSubscribe("d", { from: "new" }));
  await young.gets("subscribed");
  for (const peer of peers) assert.is((await peer.end()).code, "draining");
  young.cancel();
});

test("P-31 ages are spread evenly over a tenth around the maximum", (t) => {
  return embedded(t).then((buffer) => {
    const { open } = testBroker(t, buffer);
    const sessions = Array.from({ length: 1_000 }, () => open(testSink()));
    const ages = sessions.map((session) => ageOf(session, 1_000));
    for (const session of sessions) session.close();
    assert.ok(Math.min(...ages) >= 900 && Math.max(...ages) <= 1_100);
    const below = [925, 975, 1_025, 1_075].map((age) => ages.filter((one) => one < age).length);
    for (const [i, expected] of [125, 375, 625, 875].entries()) {
      assert.ok(Math.abs(below[i]! - expected) < 80, `${below}`);
    }
  });
});

test.run();
