// P-36: batches compressed once, for all who asked for it and nobody else; the same messages for everybody.
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { Deflated } from "../../src/broker/deflated.js";
import { SharedMemory } from "../../src/broker/memory.js";
import { Rate } from "../../src/broker/rate.js";
import { encodeSubscribe, itemsOf } from "../../src/wire/client-frame.js";
import { compressedField, largestCompressed } from "../../src/wire/compressed.js";
import { KiB } from "../../src/wire/limits.js";
import { assert, suite, type T, until } from "../harness.js";
import { elements, lenField, varintField } from "../wire/encoding.js";
import { embedded, kinds, observe } from "./buffers.js";
import { startNode } from "./node.js";
import { clientOf, connectPeer, encodeTexts, listen, texts, textsOf } from "./peer.js";
import { type TestSink, testBroker, testSink } from "./sink.js";

const test = suite("compression");

const line = (i: number) => `${i} a line of a log, which is much like the lines before it and after it`;
const lines = (count: number, from = 1) => Array.from({ length: count }, (_, i) => line(from + i));
const fieldsOf = (frame: Buffer) => [...itemsOf(frame, compressedField)].map(({ field }) => field);
const isCompressed = (frame: Buffer) => fieldsOf(frame).includes(compressedField);
const bytesOf = (sink: TestSink) => sink.frames.reduce((sum, frame) => sum + frame.length, 0);

for (const [kind, buffer] of Object.entries(kinds)) {
  test(`P-36 those who asked for it share the identical frame, over ${kind}`, async (t) => {
    const { open, store } = testBroker(t, await buffer(t));
    const asked = [testSink(), testSink(), testSink()];
    const plain = testSink();
    for (const sink of asked) await open(sink).subscriptions.subscribe("c", { from: "new" }, true);
    await open(plain).subscriptions.subscribe("c", { from: "new" });
    await store("c", lines(100));
    const everybody = [...asked, plain];
    await until(() => everybody.every((sink) => sink.texts("c").length === 100), "all have heard it");
    for (const sink of everybody) assert.equal(sink.texts("c"), lines(100));
    const shared = asked[0]!.frames.find(isCompressed)!;
    for (const sink of asked) assert.ok(sink.frames.includes(shared), "one frame for all");
    assert.not.ok(plain.frames.some(isCompressed), "but not for who did not ask");
    assert.ok(bytesOf(asked[0]!) < bytesOf(plain) / 3);
  });
}

test("P-36 late joiners at the same place, one after the other, share it too", async (t) => {
  const { open, store } = testBroker(t, await embedded(t));
  for (let i = 0; i < 60; i++) await store("c", lines(100, 100 * i + 1));
  const sinks: TestSink[] = [];
  for (let i = 0; i < 3; i++) {
    const sink = testSink();
    sinks.push(sink);
    await open(sink).subscriptions.subscribe("c", { from: "earliest" }, true);
    await until(() => sink.texts("c").length === 6_000, "it has heard everything");
    assert.equal(sink.texts("c"), lines(6_000));
  }
  const [first, ...others] = sinks.map((sink) => sink.frames.filter(isCompressed));
  assert.ok(first!.length > 3);
  // The first one holds the answer to the subscribe too.
  for (const frames of others) assert.ok(frames.slice(1).every((frame) => first!.includes(frame)));
});

test("P-36 cursors that are behind, each at a place of its own, come to share it", async (t) => {
  const { open, store } = testBroker(t, await embedded(t));
  // Small batches: stretches of all lengths could be made of them.
  for (let i = 0; i < 400; i++) await store("c", lines(10, 10 * i + 1));
  const compressed: Buffer[][] = [];
  for (let skipped = 0; skipped < 4; skipped++) {
    const sink = testSink();
    await open(sink).subscriptions.subscribe("c", { from: "offset", offset: 100 * skipped + 1 }, true);
    await until(() => sink.texts("c").length === 4_000 - 100 * skipped, "it has heard everything");
    assert.equal(sink.texts("c"), lines(4_000 - 100 * skipped, 100 * skipped + 1));
    compressed.push(sink.frames.flatMap((frame) => [...itemsOf(frame, compressedField)].map(({ content }) => content)));
  }
  const [first, ...others] = compressed;
  assert.ok(first!.length > 4, `${first!.length} stretches`);
  for (const stretches of others) {
    const own = stretches.filter((stretch) => !first!.some((one) => one.equals(stretch)));
    // Where it begins, and where the page ends that was read for it.
    assert.ok(own.length <= 2, `${own.length} of ${stretches.length} stretches are only its own`);
  }
});

test("deflating takes no more of the node's time than it may", () => {
  const deflated = new Deflated(new SharedMemory(1_000_000), new Rate(1e-6));
  const text = Buffer.alloc(600, "text ");
  const first = deflated.frame(0, 1, () => text);
  assert.is.not(first, text);
  assert.is(
    deflated.frame(1, 2, () => text),
    text,
    "as it is, since the first took what there was",
  );
  assert.is(
    deflated.frame(0, 1, () => text),
    first,
    "what is there serves",
  );
});

test("P-36 whatever is published, compressed or not, everybody gets the same", async (t) => {
  const { open, store } = testBroker(t, await embedded(t));
  const text = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.nat(5_000).map((size) => "x".repeat(size)),
    fc.nat(2_000).map((size) => randomBytes(size).toString("latin1")),
    fc.nat(60).map((times) => line(1).repeat(times)),
  );
  const start = fc.nat(4);
  const batches = fc.array(fc.array(text, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 12 });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(batches, start, fc.array(fc.boolean(), { maxLength: 40 }), async (all, from, takes) => {
      const channel = `c.${++run}`;
      const [compressed, plain] = [testSink(false), testSink()];
      const sessions = [open(compressed), open(plain)];
      const contents = all.flat();
      for (const [index, batch] of all.entries()) {
        await store(channel, batch);
        if (index === 0) {
          const after = { epoch: 0, offset: Math.min(from, batch.length) };
          const position = { from: "offset", offset: after.offset + 1 } as const;
          const beginning = after.offset === 0 ? ({ from: "earliest" } as const) : position;
          await sessions[0]!.subscriptions.subscribe(channel, beginning, true);
          await sessions[1]!.subscriptions.subscribe(channel, { from: "earliest" });
          contents.splice(0, 0);
        }
        if (takes[index]) compressed.take();
      }
      compressed.flowing = true;
      compressed.take();
      const skipped = Math.min(from, all[0]!.length);
      await until(() => compressed.texts(channel).length === contents.length - skipped, "one has heard it");
      await until(() => plain.texts(channel).length === contents.length, "the other has heard it");
      assert.equal(plain.texts(channel), contents);
      assert.equal(compressed.texts(channel), contents.slice(skipped));
      for (const session of sessions) session.close();
    }),
    { seed: 0x5eed, numRuns: 40 },
  );
});

test("small batches, and very large messages, go as they are", async (t) => {
  const { open, store } = testBroker(t, await embedded(t));
  const sink = testSink();
  await open(sink).subscriptions.subscribe("c", { from: "new" }, true);
  await store("c", lines(1));
  await store("c", ["x".repeat(largestCompressed)]);
  await until(() => sink.texts("c").length === 2, "they are heard");
  assert.not.ok(sink.frames.some(isCompressed));
});

test("where content does not compress, it is tried ever less often, until it does", () => {
  const memory = new SharedMemory(1_000_000);
  const deflated = new Deflated(memory, new Rate(Number.POSITIVE_INFINITY));
  const noise = randomBytes(600);
  const text = Buffer.alloc(600, "text ");
  for (let i = 0; i < 200; i++)
    assert.is(
      deflated.frame(i, i + 1, () => noise),
      noise,
    );
  let waited = 0;
  while (deflated.frame(200 + waited, 201 + waited, () => text) === text) waited++;
  assert.ok(waited > 0 && waited <= 63, `${waited} stretches later`);
  assert.is.not(
    deflated.frame(1_000, 1_001, () => text),
    text,
    "and then each",
  );
  const first = deflated.frame(2_000, 2_001, () => text);
  assert.is(
    deflated.frame(2_000, 2_001, () => text),
    first,
    "once",
  );
  assert.is.not(
    deflated.frame(2_000, 2_002, () => text),
    first,
    "for each stretch",
  );
  assert.ok(memory.bytes > 0);
  deflated.forget();
  assert.is(memory.bytes, 0);
  assert.is.not(
    deflated.frame(2_000, 2_001, () => text),
    first,
    "of another log",
  );
});

test("what is kept of it is bounded", () => {
  const memory = new SharedMemory(2_000);
  const deflated = new Deflated(memory, new Rate(Number.POSITIVE_INFINITY));
  const text = Buffer.alloc(600, "text ");
  const first = deflated.frame(0, 1, () => text);
  for (let i = 1; i < 100; i++) deflated.frame(i, i + 1, () => text);
  assert.ok(memory.bytes <= 2_000);
  assert.is.not(
    deflated.frame(0, 1, () => text),
    first,
    "it was dropped, and made again",
  );
});

test("resuming in the middle of a batch that went out compressed", async (t) => {
  const { open, store } = testBroker(t, await embedded(t));
  const first = testSink();
  const session = open(first);
  await session.subscriptions.subscribe("c", { from: "new" }, true);
  await store("c", lines(200));
  await until(() => first.texts("c").length === 200, "it is heard");
  assert.ok(first.frames.some(isCompressed));
  const { epoch } = session.subscriptions.positions[0]!.position!;
  for (const offset of [1, 77, 199]) {
    const sink = testSink();
    await open(sink).subscriptions.subscribe("c", { from: "position", position: { epoch, offset } }, true);
    await until(() => sink.texts("c").length === 200 - offset, "the rest is heard");
    assert.equal(sink.texts("c"), lines(200 - offset, offset + 1));
  }
});

test("P-16 in a new epoch the same offsets are other messages, compressed too", async (t) => {
  const buffer = observe(await embedded(t));
  const { open, store } = testBroker(t, buffer);
  const sink = testSink();
  const session = open(sink);
  await session.subscriptions.subscribe("c", { from: "new" }, true);
  await store("c", lines(200));
  await until(() => sink.texts("c").length === 200, "it is heard");
  const { epoch } = session.subscriptions.positions[0]!.position!;
  // As if the store had come back without them, and others had been stored since.
  const others = lines(200, 1_001);
  const messages = elements(encodeTexts(others));
  for (const watcher of buffer.watchers.get("c")!) {
    const epochs = [epoch, epoch + 1].map((epoch) => ({ epoch, first: 1 }));
    watcher.changed({ epochs, first: 1, next: 201, bytes: 0 });
    watcher.stretch({ epoch: epoch + 1, first: 1, count: 200, storedAt: 1, messages });
  }
  await until(() => sink.texts("c").length === 400, "the others are heard");
  assert.equal(sink.texts("c"), [...lines(200), ...others]);
  assert.ok(sink.items().some((item) => item.kind === "gap"));
  assert.ok(isCompressed(sink.frames.at(-1)!) || isCompressed(sink.frames.at(-2)!));
});

test("P-4 a subscriber that takes nothing costs nothing, and hears everything later", async (t) => {
  const { open, store } = testBroker(t, await embedded(t));
  const frozen = testSink(false);
  await open(frozen).subscriptions.subscribe("c", { from: "new" }, true);
  const live = testSink();
  await open(live).subscriptions.subscribe("c", { from: "new" }, true);
  // More than the tail of the node holds.
  const long = lines(2_500).map((text) => text.padEnd(4 * KiB));
  for (let i = 0; i < 2_500; i += 25) await store("c", long.slice(i, i + 25));
  await until(() => live.texts("c").length === 2_500, "the other is not held up");
  assert.ok(bytesOf(frozen) < 200 * KiB);
  frozen.flowing = true;
  frozen.take();
  await until(() => frozen.texts("c").length === 2_500, "it hears everything");
  assert.equal(frozen.texts("c"), long);
});

/** The kinds of items in all frames that a stream gets. */
function listenRaw(call: { on(event: "data", listener: (frame: Buffer) => void): unknown }): number[] {
  const fields: number[] = [];
  call.on("data", (frame) => void fields.push(...fieldsOf(frame)));
  return fields;
}

test("P-36 a peer that does not know of it, or knows another way, gets batches", async (t) => {
  const { address } = await startNode(t);
  const peers = [];
  for (const wish of [undefined, 0, 2, 4_000_000_000]) {
    const peer = await connectPeer(t, address);
    const fields = listenRaw(peer.call);
    const start = lenField(2, new pb.Start().setEarliest(true).serializeBinary());
    const subscribe = [lenField(1, "c"), start, ...(wish === undefined ? [] : [varintField(10, wish)])];
    peer.send(lenField(1, lenField(3, Buffer.concat(subscribe))));
    await peer.gets("subscribed");
    peers.push({ peer, fields });
  }
  const knowing = await connectPeer(t, address);
  const fields = listenRaw(knowing.call);
  knowing.send(encodeSubscribe("c", { from: "earliest" }, true));
  await knowing.published("c", lines(300));
  for (const { peer } of peers) assert.equal(textsOf(await peer.hears("c", 300)), lines(300));
  assert.equal(textsOf(await knowing.hears("c", 300)), lines(300));
  for (const { fields } of peers) assert.not.ok(fields.includes(compressedField));
  assert.ok(fields.includes(compressedField));
});

async function callSubscribe(t: T, address: string, wish: boolean) {
  const subscribe = new pb.Subscribe().setChannel("c").setStart(new pb.Start().setEarliest(true));
  if (wish) subscribe.setCompression(pb.Compression.DEFLATE);
  const request = new pb.SubscribeRequest().setSubscriptionsList([subscribe]);
  const identity = (bytes: Buffer) => bytes;
  const bytes = Buffer.from(request.serializeBinary());
  const call = clientOf(t, address).makeServerStreamRequest("/reprise.v1.Broker/Subscribe", identity, identity, bytes);
  t.after(() => call.cancel());
  const fields = listenRaw(call);
  const heard = await listen(call).hears("c", 300);
  return { heard: textsOf(heard), fields };
}

test("P-36 a call of Broker.Subscribe gets it if it asks", async (t) => {
  const { address } = await startNode(t);
  const publisher = await connectPeer(t, address);
  await publisher.published("c", texts("message", 300));
  for (const wish of [false, true]) {
    const { heard, fields } = await callSubscribe(t, address, wish);
    assert.equal(heard, texts("message", 300));
    assert.is(fields.includes(compressedField), wish);
  }
});

test.run();
