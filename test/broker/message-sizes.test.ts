// The largest message of single channels.
import { messageSizes } from "../../src/broker/message-sizes.js";
import { connect, type RepriseError } from "../../src/client/index.js";
import { assert, suite } from "../harness.js";
import { callPublish, refusalOf } from "./calls.js";
import { startNode } from "./node.js";

const test = suite("message sizes");

test("the last rule that matches counts, however often it is asked", () => {
  const of = messageSizes([
    { pattern: "a.*", maxBytes: 100 },
    { pattern: "a.b*", maxBytes: 10 },
  ]);
  for (let i = 0; i < 2; i++) {
    assert.equal(["a.a", "a.b", "a.bc", "b"].map(of), [100, 10, 10, undefined]);
  }
  // More names than are kept.
  for (let i = 0; i < 25_000; i++) assert.is(of(`a.c${i}`), 100);
  assert.is(messageSizes([])("a"), undefined);
});

test("a channel takes what its rule and the node's limit allow, as it is at the moment", async (t) => {
  let most: number | undefined = 100;
  const node = await startNode(t, {
    limits: { maxMessageBytes: 1_000 },
    messageSizes: (channel) => (channel === "small" ? most : channel === "large" ? 5_000 : undefined),
  });
  const publish = (channel: string, bytes: number) => callPublish(t, node.address, channel, ["x".repeat(bytes)]);
  const refused = async (channel: string, bytes: number, allowed: number) => {
    const { ended } = await refusalOf(publish(channel, bytes));
    assert.is(ended.code, "message_too_large");
    assert.match(ended.details, `at most ${allowed} are allowed`);
  };
  await publish("small", 80);
  await refused("small", 200, 100);
  await publish("other", 200);
  await refused("other", 1_100, 1_000);
  await refused("large", 1_100, 1_000);
  most = 300;
  await publish("small", 200);
  most = undefined;
  await publish("small", 900);
});

test("a message that is too large for its channel takes nothing along that was published with it", async (t) => {
  const node = await startNode(t, { messageSizes: () => 100 });
  const bus = await connect(node.address);
  t.after(() => bus.close({ timeoutMs: 0 }));
  const sizes = [10, 20, 200, 30, 300, 40];
  const results = await Promise.allSettled(sizes.map((size) => bus.publish("small", "x".repeat(size))));
  assert.equal(
    results.map((result) => (result.status === "fulfilled" ? result.value.position.offset : result.reason.code)),
    [1, 2, "message_too_large", 3, "message_too_large", 4],
  );
  assert.is((await bus.publish("small", "x")).position.offset, 5);
});

test("a client goes on after a refusal, also with what it has sent at once to other channels", async (t) => {
  const node = await startNode(t, { messageSizes: (channel) => (channel === "small" ? 100 : undefined) });
  const bus = await connect(node.address);
  t.after(() => bus.close({ timeoutMs: 0 }));
  const publish = (channel: string, bytes: number) =>
    bus.publish(channel, "x".repeat(bytes)).then(
      ({ position }) => position.offset,
      (error: unknown) => (error as RepriseError).code,
    );
  assert.equal(await Promise.all([publish("small", 200), publish("large", 200)]), ["message_too_large", 1]);
  assert.is(await publish("small", 80), 1);
  assert.is(await publish("small", 200), "message_too_large");
  assert.is(await publish("small", 80), 2);
});

test.run();
