// Broker.Subscribe: the consumer that says everything in its request.
import { status } from "@grpc/grpc-js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite } from "../harness.js";
import { gate } from "./buffers.js";
import { callPublish } from "./calls.js";
import { startNode } from "./node.js";
import { subscribeCall, texts, textsOf } from "./peer.js";

const test = suite("Subscribe");

test("P-22 several channels in one call, each from its own start", async (t) => {
  const node = await startNode(t);
  for (const channel of ["a", "b", "c"]) await callPublish(t, node.address, channel, texts(channel, 5));
  const call = subscribeCall(t, node.address, {
    a: { from: "earliest" },
    b: { from: "last", count: 2 },
    c: { from: "new" },
    d: { from: "new" },
  });
  await call.gets("caughtUp", 4);
  for (const channel of ["a", "b", "c", "d"]) await callPublish(t, node.address, channel, ["live"]);
  assert.equal(textsOf(await call.hears("a", 6)), [...texts("a", 5), "live"]);
  assert.equal(textsOf(await call.hears("b", 3)), [...texts("b", 2, 4), "live"]);
  assert.equal(textsOf(await call.hears("c", 1)), ["live"]);
  assert.equal(textsOf(await call.hears("d", 1)), ["live"]);
  assert.is(call.items[0]!.kind, "subscribed");
  assert.equal(call.all("welcome"), []);
});

test("P-22 a subscription that is refused ends the call with its status", async (t) => {
  const node = await startNode(t, { limits: { maxSubscriptions: 2 } });
  await callPublish(t, node.address, "c", ["x"]);
  for (const [subscriptions, code, number] of [
    [{}, "invalid_argument", status.INVALID_ARGUMENT],
    [{ "a b": { from: "new" } }, "invalid_channel", status.INVALID_ARGUMENT],
    [{ c: { from: "offset", offset: 3 } }, "offset_out_of_range", status.OUT_OF_RANGE],
    [
      { c: { from: "new" }, d: { from: "new" }, e: { from: "new" } },
      "too_many_subscriptions",
      status.RESOURCE_EXHAUSTED,
    ],
  ] as const) {
    const ended = await subscribeCall(t, node.address, subscriptions).end();
    assert.equal([ended.code, ended.status], [code, number], ended.details);
  }
  await node.quiet();
});

test("P-22 after a refusal nothing more is delivered, of the other channels neither", async (t) => {
  const node = await startNode(t);
  for (let i = 0; i < 50; i++) await callPublish(t, node.address, "c", ["x".repeat(60_000)]);
  const call = subscribeCall(t, node.address, { "a b": { from: "new" }, c: { from: "earliest" } });
  const ended = await call.end();
  assert.is(ended.code, "invalid_channel");
  assert.equal(call.items, []);
});

test("P-22 a store that fails while a subscription is opened ends the call, retryably", async (t) => {
  const node = await startNode(t);
  node.buffer.hooks.state = async () => {
    throw new RepriseError("buffer_unavailable", "away");
  };
  const ended = await subscribeCall(t, node.address, { c: { from: "new" } }).end();
  assert.equal([ended.code, ended.status], ["buffer_unavailable", status.UNAVAILABLE]);
});

test("a caller that has gone before its subscription was opened leaves nothing behind", async (t) => {
  const node = await startNode(t);
  const opening = gate();
  let asked = () => {};
  const begun = new Promise<void>((resolve) => {
    asked = resolve;
  });
  node.buffer.hooks.state = () => {
    asked();
    return opening.passed;
  };
  const call = subscribeCall(t, node.address, { c: { from: "new" } });
  await begun;
  call.cancel();
  await call.end();
  opening.open();
  await node.quiet();
});

test.run();
