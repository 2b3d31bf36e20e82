// Publishing on a stream: numbers, duplicates, refusals, and a stream that stays usable whatever was asked on it.
import { encodePublish } from "../../src/wire/client-frame.js";
import { RepriseError } from "../../src/wire/errors.js";
import { KiB, MiB } from "../../src/wire/limits.js";
import { encodeMessage } from "../../src/wire/message.js";
import { assert, suite, type T, until } from "../harness.js";
import { frame, lenField } from "../wire/encoding.js";
import { embedded, gate, kinds } from "./buffers.js";
import { callHistory } from "./calls.js";
import { connectLines } from "./line-peer.js";
import { exists, startNode } from "./node.js";
import { connectPeer, encodeTexts, newProducer, subscribeCall, texts, textsOf } from "./peer.js";

const test = suite("publishing on a stream");

async function withSubscriber(t: T, options: Parameters<typeof startNode>[1] = {}) {
  const node = await startNode(t, options);
  const subscriber = await connectPeer(t, node.address);
  await subscriber.subscribe("c");
  return { node, subscriber };
}

const numberedPeer = (t: T, address: string, producer = newProducer()) => connectPeer(t, address, { producer });

test("P-9 P-11 a numbered publish is answered with its number, epoch and offset", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const peer = await numberedPeer(t, node.address);
  const [first] = await peer.published("c", texts("m", 3), 1);
  const { epoch } = first!;
  assert.ok(epoch > 0);
  assert.equal(first, { kind: "published", channel: "c", sequence: 1, count: 3, epoch, first: 1, duplicate: false });
  const [second] = await peer.published("c", ["m/4"], 4);
  assert.equal(second, { kind: "published", channel: "c", sequence: 4, count: 1, epoch, first: 4, duplicate: false });
  // Numbers are per channel.
  assert.is((await peer.published("d", ["x"], 1))[0]!.first, 1);
  assert.equal(textsOf(await subscriber.hears("c", 4)), texts("m", 4));
});

test("P-11 what is resent over a new stream is answered with its original place and not stored twice", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const producer = newProducer();
  const before = await numberedPeer(t, node.address, producer);
  const original = [
    ...(await before.published("c", texts("m", 3), 1)),
    ...(await before.published("c", texts("m", 2, 4), 4)),
  ];
  before.cancel();
  const other = await numberedPeer(t, node.address);
  await other.published("c", ["other"], 1);
  const after = await numberedPeer(t, node.address, producer);
  const again = [
    ...(await after.published("c", texts("m", 3), 1)),
    ...(await after.published("c", texts("m", 2, 4), 4)),
  ];
  assert.equal(
    again,
    original.map((answer) => ({ ...answer, duplicate: true })),
  );
  const [next] = await after.published("c", ["m/6"], 6);
  assert.equal([next!.first, next!.duplicate], [7, false]);
  assert.equal(textsOf(await subscriber.hears("c", 7)), [...texts("m", 5), "other", "m/6"]);
});

test("P-11 a publish of which a part is stored is stored from there on, and answered in two", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const peer = await numberedPeer(t, node.address);
  const [{ epoch } = { epoch: 0 }] = await peer.published("c", texts("m", 4), 1);
  await (await connectPeer(t, node.address)).published("c", ["other"]);
  assert.equal(await peer.published("c", texts("m", 5, 3), 3), [
    { kind: "published", channel: "c", sequence: 3, count: 2, epoch, first: 3, duplicate: true },
    { kind: "published", channel: "c", sequence: 5, count: 3, epoch, first: 6, duplicate: false },
  ]);
  assert.equal(textsOf(await subscriber.hears("c", 8)), [...texts("m", 4), "other", ...texts("m", 3, 5)]);
});

test("P-12 a number that skips ahead is refused with the one expected, and not used up", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const peer = await numberedPeer(t, node.address);
  await peer.published("c", texts("m", 2), 1);
  peer.publish("c", texts("lost", 2), 5);
  const { code, channel, sequence, count, expectedSequence, retryable } = await peer.refused();
  assert.equal(
    { code, channel, sequence, count, expectedSequence, retryable },
    { code: "sequence_skipped", channel: "c", sequence: 5, count: 2, expectedSequence: 3, retryable: false },
  );
  peer.publish("new", ["x"], 2);
  assert.is((await peer.refused()).expectedSequence, 1);
  assert.not(await exists(node, "new"));
  await peer.published("c", ["m/3"], 3);
  assert.equal(textsOf(await subscriber.hears("c", 3)), texts("m", 3));
});

for (const [kind, open] of Object.entries(kinds)) {
  test(`P-12 ${kind}: numbers up to the largest are taken for what they are`, async (t) => {
    const { node } = await withSubscriber(t, { buffer: await open(t) });
    const peer = await numberedPeer(t, node.address);
    for (const sequence of [Number.MAX_SAFE_INTEGER, 2 ** 32, 2]) {
      peer.publish("c", ["x"], sequence);
      const refusal = await peer.refused();
      assert.equal([refusal.code, refusal.sequence, refusal.expectedSequence], ["sequence_skipped", sequence, 1]);
    }
    await peer.published("c", ["x"], 1);
  });
}

test("P-13 without a producer the node numbers, and says so with 0", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const peer = await connectPeer(t, node.address);
  const [answer] = await peer.published("c", texts("m", 3));
  assert.equal([answer!.sequence, answer!.count, answer!.first, answer!.duplicate], [0, 3, 1, false]);
  // Two streams without producers do not know of each other's numbers.
  await (await connectPeer(t, node.address)).published("c", ["m/4"]);
  assert.equal(textsOf(await subscriber.hears("c", 4)), texts("m", 4));
});

test("P-13 without a producer answers come in the order of the publishes, refusals too", async (t) => {
  const { node } = await withSubscriber(t);
  const peer = await connectPeer(t, node.address);
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  const large = encodeMessage(Buffer.alloc(2 * MiB));
  peer.publish("c", ["1"]);
  peer.send(encodePublish("c", 0, [large]));
  peer.publish("c", ["3", "3"]);
  peer.send(encodePublish("c", 0, []));
  peer.publish("c", ["5"]);
  peer.publish("d", []);
  // Another channel's answers do not wait.
  assert.is((await peer.refused()).channel, "d");
  held.open();
  await peer.gets("published", 3, "c");
  await peer.gets("error", 3);
  const answers = peer.items
    .filter((item) => item.kind === "published" || (item.kind === "error" && item.channel === "c"))
    .map((item) => (item.kind === "published" ? item.count : item.kind === "error" && item.code));
  assert.equal(answers, [1, "message_too_large", 2, "invalid_argument", 1]);
});

test("P-3 P-15 what is refused is named, stored by nobody, and leaves the stream open", async (t) => {
  const limits = { maxMessageBytes: 1_000, maxPublishMessages: 10, maxPublishBytes: 5_000 };
  const { node, subscriber } = await withSubscriber(t, { limits });
  const large = encodeMessage(Buffer.alloc(2_000));
  const medium = encodeMessage(Buffer.alloc(900));
  const small = encodeTexts(["x"]);
  const cases: [
    what: string,
    numbered: boolean,
    frame: Buffer,
    code: string,
    channel: string,
    sequence: number,
    count: number,
  ][] = [
    ["a large message", false, encodePublish("c", 0, [...small, large]), "message_too_large", "c", 0, 2],
    ["a large message, numbered", true, encodePublish("c", 1, [large]), "message_too_large", "c", 1, 1],
    ["many messages", false, encodePublish("c", 0, encodeTexts(texts("m", 11))), "batch_too_large", "c", 0, 11],
    ["many bytes", true, encodePublish("c", 1, Array(6).fill(medium)), "batch_too_large", "c", 1, 6],
    ["no messages", false, encodePublish("c", 0, []), "invalid_argument", "c", 0, 0],
    ["no channel", false, encodePublish("", 0, small), "invalid_channel", "", 0, 1],
    ["a bad channel name", true, encodePublish("a b", 7, small), "invalid_channel", "a b", 7, 1],
    ["a number without a producer", false, encodePublish("c", 1, small), "invalid_argument", "c", 1, 1],
    ["no number with a producer", true, encodePublish("c", 0, small), "invalid_argument", "c", 0, 1],
  ];
  for (const [what, numbered, bytes, code, channel, sequence, count] of cases) {
    const peer = numbered ? await numberedPeer(t, node.address) : await connectPeer(t, node.address);
    peer.send(bytes);
    const refusal = await peer.refused();
    assert.equal(
      [refusal.code, refusal.channel, refusal.sequence, refusal.count],
      [code, channel, sequence, count],
      what,
    );
    assert.not(refusal.retryable, what);
    // The stream is open, and no number is used up.
    await peer.published("d", ["x"], numbered ? 1 : 0);
  }
  assert.not(await exists(node, "c"));
  assert.equal(subscriber.heard("c"), []);
});

test("P-3 a message that no library could decode is refused, and what came before it in its frame is stored", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const peer = await connectPeer(t, node.address);
  const bad = frame([
    { field: 2, content: Buffer.concat([lenField(1, "c"), lenField(15, Buffer.from([0x0a, 0xff]))]) },
  ]);
  peer.send(Buffer.concat([encodePublish("c", 0, encodeTexts(["before"])), bad]));
  assert.is((await peer.refused()).code, "malformed");
  await peer.published("c", ["after"]);
  assert.equal(textsOf(await subscriber.hears("c", 2)), ["before", "after"]);
});

test("a store that fails is answered as it failed, and the stream and the numbers go on", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const numbered = await numberedPeer(t, node.address);
  const plain = await connectPeer(t, node.address);
  node.buffer.hooks.append = async () => {
    throw new RepriseError("buffer_unavailable", "the store is away");
  };
  numbered.publish("c", texts("m", 2), 1);
  plain.publish("c", ["p"]);
  for (const [peer, sequence, count] of [
    [numbered, 1, 2],
    [plain, 0, 1],
  ] as const) {
    const refusal = await peer.refused();
    assert.equal(
      [refusal.code, refusal.retryable, refusal.channel, refusal.sequence, refusal.count],
      ["buffer_unavailable", true, "c", sequence, count],
    );
  }
  node.buffer.hooks = {};
  await numbered.published("c", texts("m", 2), 1);
  await plain.published("c", ["p"]);
  assert.equal(textsOf(await subscriber.hears("c", 3)).sort(), ["m/1", "m/2", "p"]);
});

test("P-13 unnumbered publishes go on in a channel that disappeared by its age: those who listen hear of a reset", async (t) => {
  let now = 1_800_000_000_000;
  const buffer = await embedded(t, ["age=1h"], { now: () => now });
  const { node, subscriber } = await withSubscriber(t, { buffer });
  const peer = await connectPeer(t, node.address);
  const [before] = await peer.published("c", texts("m", 3));
  await subscriber.hears("c", 3);
  now += 2 * 3_600_000;
  await until(async () => !(await exists(node, "c")), "the channel disappears");
  const answers = [await peer.published("c", ["m/4"]), await peer.published("c", ["m/5"])].flat();
  assert.equal(
    answers.map((answer) => answer.first),
    [1, 2],
  );
  assert.ok(answers[0]!.epoch > before!.epoch);
  assert.equal(textsOf(await subscriber.hears("c", 5)), texts("m", 5));
  assert.equal(
    subscriber.all("gap").map(({ gap }) => gap.reason),
    ["reset"],
  );
  assert.equal(peer.all("error"), []);
});

test("P-12 P-13 a store that forgot all producers: the numbered are told, the node renumbers its own in order", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const plain = await connectPeer(t, node.address);
  const numbered = await numberedPeer(t, node.address);
  await plain.published("c", ["p/1"]);
  await numbered.published("c", ["n/1"], 1);
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  plain.publish("c", ["p/2"]);
  await until(() => node.buffer.appends.length === 3, "an append is under way");
  for (const text of texts("p", 2, 3)) plain.publish("c", [text]);
  numbered.publish("c", ["n/2"], 2);
  await until(
    async () =>
      (await node.admin.sessions()).every(
        (info) => info.unansweredMessages !== 0 || info.session === subscriber.session,
      ),
    "all are waiting",
  );
  const append = node.buffer.append.bind(node.buffer);
  const skipped = { kind: "skipped", expected: 1 } as const;
  node.buffer.append = async (_channel, runs) => {
    node.buffer.append = append;
    return runs.map(() => skipped);
  };
  held.open();
  assert.equal([(await numbered.refused()).expectedSequence], [1]);
  await plain.gets("published", 4);
  assert.equal(textsOf(await subscriber.hears("c", 5)), ["p/1", "n/1", ...texts("p", 3, 2)]);
  assert.equal(plain.all("error"), []);
});

test("P-14 the node says who published, whatever the message claims", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const peer = await connectPeer(t, node.address, { name: "ann" });
  const forged = Buffer.concat([
    encodeTexts(["m"])[0]!,
    lenField(3, "root"),
    Buffer.from("2101000000000000000a0179", "hex"),
  ]);
  peer.send(encodePublish("c", 0, [forged]));
  const [heard] = await subscriber.hears("c", 1);
  assert.equal(heard, { offset: 1, epoch: heard!.epoch, text: "y", publisher: "ann", session: peer.session });
});

test("a message of exactly the limit passes through everything", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const overhead = encodeMessage(Buffer.alloc(MiB)).length - MiB;
  const data = Buffer.alloc(MiB - overhead, "x");
  const message = encodeMessage(data);
  assert.is(message.length, MiB);
  const lines = await connectLines(t, node.address, { channel: "c" });
  const simple = subscribeCall(t, node.address, { c: { from: "new" } });
  await simple.gets("subscribed");
  const peer = await numberedPeer(t, node.address);
  peer.send(encodePublish("c", 1, [message]));
  await peer.gets("published");
  const whole = data.toString();
  for (const heard of [await subscriber.hears("c", 1), await simple.hears("c", 1)]) assert.ok(heard[0]!.text === whole);
  assert.ok((await lines.hears(1))[0] === whole);
  lines.say(whole);
  assert.ok((await lines.hears(2))[1] === `Processed: ${whole}`);
  const page = await callHistory(t, node.address, "c", { from: "earliest" });
  assert.equal([page.texts.length, page.texts[0] === whole, page.end], [1, true, false]);
  const late = await connectPeer(t, node.address);
  await late.subscribe("c", { from: "earliest" });
  assert.ok((await late.hears("c", 2)).every(({ text }) => text === whole));
  peer.send(encodePublish("c", 2, [encodeMessage(Buffer.alloc(data.length + 1))]));
  assert.is((await peer.refused()).code, "message_too_large");
});

test("a publish larger than a batch is stored in several, answered for each, in order", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const peer = await numberedPeer(t, node.address);
  await peer.published("c", texts("m", 2_500), 1);
  const answers = peer.all("published").map(({ sequence, count, first }) => [sequence, count, first]);
  assert.equal(answers, [
    [1, 1000, 1],
    [1001, 1000, 1001],
    [2001, 500, 2001],
  ]);
  assert.equal(textsOf(await subscriber.hears("c", 2_500)), texts("m", 2_500));
  const large = Array.from({ length: 20 }, (_, i) => `${i}${"x".repeat(10 * KiB)}`);
  await peer.published("d", large, 1);
  for (const { runs } of node.buffer.appends) {
    assert.ok(runs.reduce((sum, run) => sum + run.messages.length, 0) <= 64 * KiB);
    assert.ok(runs.reduce((sum, run) => sum + run.count, 0) <= 1_000);
  }
});

test("P-7 a peer that half-closes gets its answers, then OK", async (t) => {
  const { node, subscriber } = await withSubscriber(t);
  const peer = await numberedPeer(t, node.address);
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  peer.publish("c", texts("m", 3), 1);
  peer.publish("c", texts("m", 2, 4), 4);
  peer.halfClose();
  await node.admin.sessions();
  assert.is(peer.ended, undefined, "it waits");
  held.open();
  assert.is((await peer.end()).status, 0);
  assert.is(
    peer.all("published").reduce((sum, { count }) => sum + count, 0),
    5,
  );
  assert.equal(textsOf(await subscriber.hears("c", 5)), texts("m", 5));
  const idle = await connectPeer(t, node.address);
  await idle.subscribe("c");
  idle.halfClose();
  assert.is((await idle.end()).status, 0);
});

test.run();
