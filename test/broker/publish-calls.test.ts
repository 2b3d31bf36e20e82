// Publishing without a session: the unary call, with and without a key, and bulk import.
import { status } from "@grpc/grpc-js";
import { RepriseError } from "../../src/wire/errors.js";
import { MiB } from "../../src/wire/limits.js";
import { run } from "../buffer/run.js";
import { assert, suite, type T, until } from "../harness.js";
import { embedded, gate, observe } from "./buffers.js";
import { callPublish, openImport, publishRequest, refusalOf, sendPublish } from "./calls.js";
import { exists, startNode } from "./node.js";
import { connectPeer, newProducer, texts, textsOf } from "./peer.js";

const test = suite("publishing calls");

async function withSubscriber(t: T, options: Parameters<typeof startNode>[1] = {}) {
  const node = await startNode(t, options);
  const subscriber = await connectPeer(t, node.address);
  await subscriber.subscribe("c");
  return { node, subscriber, address: node.address };
}

test("Publish stores a batch and answers where", async (t) => {
  const { subscriber, address } = await withSubscriber(t);
  const first = await callPublish(t, address, "c", texts("m", 3), { name: "ann" });
  assert.ok(first.epoch > 0);
  assert.equal(first, { epoch: first.epoch, firstOffset: 1, count: 3, duplicate: false, runsList: [] });
  const second = await callPublish(t, address, "c", ["m/4"]);
  assert.equal(second, { epoch: first.epoch, firstOffset: 4, count: 1, duplicate: false, runsList: [] });
  const heard = await subscriber.hears("c", 4);
  assert.equal(textsOf(heard), texts("m", 4));
  assert.equal(
    heard.map(({ publisher, session }) => [publisher, session]),
    [
      ["ann", "0"],
      ["ann", "0"],
      ["ann", "0"],
      ["", "0"],
    ],
  );
});

test("P-20 Publish with a key: the same answer, and nothing stored twice", async (t) => {
  const { subscriber, address } = await withSubscriber(t);
  const key = newProducer();
  const first = await callPublish(t, address, "c", texts("m", 3), { key });
  await callPublish(t, address, "c", ["other"]);
  const again = await callPublish(t, address, "c", texts("m", 3), { key });
  assert.equal(again, { ...first, duplicate: true });
  // Another channel, and another key, are another publish.
  assert.is((await callPublish(t, address, "d", ["x"], { key })).duplicate, false);
  assert.is((await callPublish(t, address, "c", ["m/5"], { key: newProducer() })).firstOffset, 5);
  assert.equal(textsOf(await subscriber.hears("c", 5)), [...texts("m", 3), "other", "m/5"]);
});

test("P-20 a key is neither a peer's producer nor the node's own", async (t) => {
  const { node, address } = await withSubscriber(t);
  const key = newProducer();
  const peer = await connectPeer(t, node.address, { producer: key });
  await peer.published("c", ["m/1"], 1);
  assert.equal((await callPublish(t, address, "c", ["m/2"], { key })).duplicate, false);
});

test("Publish of more than a batch holds is answered as a whole", async (t) => {
  const { subscriber, address } = await withSubscriber(t);
  const key = newProducer();
  const answer = await callPublish(t, address, "c", texts("m", 2_500), { key });
  assert.equal([answer.firstOffset, answer.count, answer.duplicate], [1, 2_500, false]);
  assert.equal(await callPublish(t, address, "c", texts("m", 2_500), { key }), { ...answer, duplicate: true });
  assert.equal(textsOf(await subscriber.hears("c", 2_500)), texts("m", 2_500));
});

test("P-20 Publish of more than a batch holds, with others in between: the answer says where each message lies", async (t) => {
  const buffer = observe(await embedded(t));
  const { subscriber, address } = await withSubscriber(t, { buffer });
  let appends = 0;
  // As another node would.
  buffer.hooks.append = async (channel) => {
    if (appends++ !== 1) return;
    await buffer.append(channel, [run("other", 1, ["other"])]);
  };
  const key = newProducer();
  const { runsList, ...answer } = await callPublish(t, address, "c", texts("m", 2_500), { key });
  assert.equal([answer.firstOffset, answer.count, answer.duplicate], [1, 2_500, false]);
  const heard = await subscriber.hears("c", 2_501);
  assert.is(runsList.length, 2);
  const offsets = runsList.flatMap(({ firstOffset, count }) =>
    Array.from({ length: count }, (_, i) => firstOffset + i),
  );
  const own = heard.filter(({ text }) => text !== "other");
  assert.equal(
    own.map(({ offset }) => offset),
    offsets,
  );
});

test("P-23 Publish that is refused fails with the status and the code", async (t) => {
  const { node, address } = await withSubscriber(t, { limits: { maxPublishMessages: 10, maxMessageBytes: 1_000 } });
  const cases: [code: string, status: status, request: ReturnType<typeof publishRequest>][] = [
    ["invalid_channel", status.INVALID_ARGUMENT, publishRequest("a b", ["x"])],
    ["invalid_argument", status.INVALID_ARGUMENT, publishRequest("c", [])],
    ["invalid_argument", status.INVALID_ARGUMENT, publishRequest("c", ["x"], { key: Buffer.alloc(7) })],
    ["invalid_argument", status.INVALID_ARGUMENT, publishRequest("c", ["x"], { key: Buffer.alloc(65) })],
    ["invalid_argument", status.INVALID_ARGUMENT, publishRequest("c", ["x"], { name: "n".repeat(65) })],
    ["invalid_argument", status.INVALID_ARGUMENT, publishRequest("c", ["x"], { name: "a\nb" })],
    ["message_too_large", status.INVALID_ARGUMENT, publishRequest("c", ["x".repeat(1_001)])],
    ["batch_too_large", status.INVALID_ARGUMENT, publishRequest("c", texts("m", 11))],
  ];
  for (const [code, status, request] of cases) {
    const { ended } = await refusalOf(sendPublish(t, address, request));
    assert.equal([ended.code, ended.status], [code, status], ended.details);
  }
  node.buffer.hooks.append = async () => {
    throw new RepriseError("buffer_full", "no room");
  };
  const { ended } = await refusalOf(callPublish(t, address, "c", ["x"]));
  assert.equal([ended.code, ended.status], ["buffer_full", status.RESOURCE_EXHAUSTED]);
  assert.not(await exists(node, "c"));
});

test("Publish is refused while too much waits to be stored, and taken again afterwards", async (t) => {
  const { node, address } = await withSubscriber(t, { limits: { maxMessageBytes: 40 * MiB } });
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  const large = "x".repeat(34 * MiB);
  const under = Array.from({ length: 4 }, (_, i) => callPublish(t, address, `c${i}`, [large]));
  await until(() => node.buffer.appends.length === 4, "all are under way");
  assert.is((await refusalOf(callPublish(t, address, "d", ["x"]))).ended.code, "buffer_unavailable");
  held.open();
  await Promise.all(under);
  await callPublish(t, address, "d", ["x"]);
});

test("P-21 PublishStream stores its requests in order and answers a summary", async (t) => {
  const { subscriber, address } = await withSubscriber(t);
  const empty = openImport(t, address);
  assert.equal(await empty.finish(), { messages: 0, duplicates: 0, positionsList: [] });
  const bulk = openImport(t, address);
  for (let from = 1; from <= 3_000; from += 30) bulk.send("c", texts("m", 30, from), { name: "importer" });
  bulk.send("d", ["x"]);
  const summary = await bulk.finish();
  assert.equal([summary.messages, summary.duplicates], [3_001, 0]);
  assert.equal(summary.positionsList.map(({ channel, position }) => [channel, position!.offset]).sort(), [
    ["c", 3_000],
    ["d", 1],
  ]);
  const heard = await subscriber.hears("c", 3_000);
  assert.equal(textsOf(heard), texts("m", 3_000));
  assert.ok(heard.every(({ publisher }) => publisher === "importer"));
});

test("P-21 PublishStream with a key: repeated whole it stores nothing, broken off it goes on", async (t) => {
  const { subscriber, address } = await withSubscriber(t);
  const key = newProducer();
  const send = (requests: number) => {
    const bulk = openImport(t, address);
    for (let i = 0; i < requests; i++) bulk.send(i % 2 === 0 ? "c" : "d", texts(`r${i}`, 5), i === 0 ? { key } : {});
    return bulk;
  };
  const first = await send(10).finish();
  assert.equal([first.messages, first.duplicates], [50, 0]);
  const again = await send(10).finish();
  // Of two channels that are appended to at once either may be the first.
  const byChannel = ({ positionsList }: typeof first) =>
    positionsList.toSorted((a, b) => (a.channel < b.channel ? -1 : 1));
  assert.equal([again.messages, again.duplicates, byChannel(again)], [50, 50, byChannel(first)]);
  const longer = await send(14).finish();
  assert.equal([longer.messages, longer.duplicates], [70, 50]);
  assert.equal(
    textsOf(await subscriber.hears("c", 35)),
    [0, 2, 4, 6, 8, 10, 12].flatMap((i) => texts(`r${i}`, 5)),
  );
});

test("P-21 PublishStream: a refusal ends the call at once, and says how much is stored", async (t) => {
  const { subscriber, address } = await withSubscriber(t);
  const bulk = openImport(t, address);
  bulk.send("c", texts("m", 5));
  bulk.send("c", texts("m", 5, 6));
  bulk.send("a b", ["refused"]);
  bulk.send("c", ["after"]);
  // Not ended by the caller: an import may be as long as its source, and would never hear of it.
  const { ended, metadata } = await refusalOf(bulk.summary);
  assert.equal([ended.code, ended.status], ["invalid_channel", status.INVALID_ARGUMENT]);
  assert.equal(metadata.get("reprise-stored"), ["10"]);
  await callPublish(t, address, "c", ["next"]);
  assert.equal(textsOf(await subscriber.hears("c", 11)), [...texts("m", 10), "next"], "nothing after the refusal");
});

test("P-21 PublishStream: a store that fails in the middle ends the call with what was stored", async (t) => {
  const { node, address } = await withSubscriber(t);
  let appends = 0;
  node.buffer.hooks.append = async () => {
    if (++appends === 3) throw new RepriseError("buffer_unavailable", "away");
  };
  const key = newProducer();
  const bulk = openImport(t, address);
  // One after the other, so that each is an append of its own.
  for (let i = 0; i < 3; i++) {
    bulk.send("c", texts("m", 4, 4 * i + 1), { key });
    await until(() => appends === i + 1, "the append is under way");
  }
  const { ended, metadata } = await refusalOf(bulk.summary);
  assert.equal(
    [ended.code, ended.status, metadata.get("reprise-stored")],
    ["buffer_unavailable", status.UNAVAILABLE, ["8"]],
  );
  node.buffer.hooks = {};
  const again = openImport(t, address);
  for (let i = 0; i < 3; i++) again.send("c", texts("m", 4, 4 * i + 1), { key });
  const summary = await again.finish();
  assert.equal([summary.messages, summary.duplicates], [12, 8]);
});

test("P-4 PublishStream: while appends wait, the call is read no further than its window", async (t) => {
  const window = 64 * 1024;
  const { node, address } = await withSubscriber(t, { limits: { publishWindowBytes: window } });
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  const bulk = openImport(t, address);
  const line = "x".repeat(32 * 1024);
  const total = 400;
  let accepted = 0;
  const write = (): void => {
    for (let i = 0; i < total; i++) bulk.call.write(publishRequest("c", [line]), () => accepted++);
  };
  write();
  // What the connection and the streams' own buffers hold is more than the window, and far less than everything.
  let last = -1;
  await until(async () => {
    const before = last;
    last = accepted;
    // The node has had time for 20 other calls.
    for (let i = 0; i < 20; i++) await node.admin.channels();
    return before === accepted;
  }, "nothing is taken any more");
  assert.ok(accepted < 60, `${accepted} of ${total} requests were taken`);
  held.open();
  assert.is((await bulk.finish()).messages, total);
});

test("a PublishStream that its caller gives up stores what was taken, and leaves nothing behind", async (t) => {
  const { node, subscriber, address } = await withSubscriber(t);
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  const bulk = openImport(t, address);
  bulk.send("c", texts("m", 3));
  await until(() => node.buffer.appends.length === 1, "it was taken");
  bulk.call.cancel();
  await refusalOf(bulk.summary);
  held.open();
  assert.equal(textsOf(await subscriber.hears("c", 3)), texts("m", 3));
});

test.run();
