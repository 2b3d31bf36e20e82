// Subscriptions on a stream: where they start, what comes first, how they end.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import type { Start } from "../../src/wire/client-frame.js";
import { encodeSubscribe, encodeUnsubscribe } from "../../src/wire/client-frame.js";
import { RepriseError } from "../../src/wire/errors.js";
import { nothingReceived } from "../../src/wire/position.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { crashImage, embedded, gate } from "./buffers.js";
import { callHistory } from "./calls.js";
import { exists, startNode, type TestNode } from "./node.js";
import { connectPeer, type Peer, texts, textsOf } from "./peer.js";

const test = suite("subscribing");

/** A node with `count` messages in channel c, in batches of up to 5, and a peer. */
async function withHistory(t: T, count: number, options: Parameters<typeof startNode>[1] = {}) {
  const node = await startNode(t, options);
  const publisher = await connectPeer(t, node.address);
  for (let from = 1; from <= count; from += 5) {
    await publisher.published("c", texts("m", Math.min(5, count - from + 1), from));
  }
  const peer = await connectPeer(t, node.address);
  const { epoch } = publisher.all("published")[0]!;
  return { node, publisher, peer, epoch };
}

/** What a subscription hears of c until it has caught up, and where it began. */
async function follow(peer: Peer, start: Start) {
  const { position, head } = await peer.subscribe("c", start);
  const [caughtUp] = await peer.gets("caughtUp", 1, "c");
  const gaps = peer.all("gap", "c").map(({ gap, position }) => ({ ...gap, position }));
  return { position, head, gaps, heard: textsOf(peer.heard("c")), caughtUp: caughtUp!.position };
}

test("P-16 P-18 new: nothing of the past, caught up at once, then everything", async (t) => {
  const { publisher, peer, epoch } = await withHistory(t, 7);
  const end = { epoch, offset: 7 };
  assert.equal(await follow(peer, { from: "new" }), { position: end, head: end, gaps: [], heard: [], caughtUp: end });
  await publisher.published("c", ["m/8"]);
  assert.equal(
    (await peer.hears("c", 1)).map(({ offset, text }) => [offset, text]),
    [[8, "m/8"]],
  );
});

test("P-16 the head is not before what was acknowledged here, however late the watch is", async (t) => {
  const buffer = await embedded(t);
  let hold: Promise<void> | undefined;
  const watch: ReplayBuffer["watch"] = (channel, { stretch, changed }) =>
    buffer.watch(channel, {
      stretch: (stored) => void (hold === undefined ? stretch(stored) : hold.then(() => stretch(stored))),
      changed,
    });
  const late = new Proxy(buffer, { get: (target, key) => (key === "watch" ? watch : Reflect.get(target, key)) });
  const { node, publisher, peer, epoch } = await withHistory(t, 5, { buffer: late });
  await peer.subscribe("c");
  const waiting = gate();
  hold = waiting.passed;
  await publisher.published("c", ["m/6"]);
  const joiner = await connectPeer(t, node.address);
  const { head } = await joiner.subscribe("c", { from: "position", position: { epoch, offset: 3 } });
  assert.equal(head, { epoch, offset: 6 });
  await joiner.hears("c", 2);
  assert.equal(joiner.all("caughtUp", "c"), [], "not before all of that was delivered");
  waiting.open();
  const [caughtUp] = await joiner.gets("caughtUp", 1, "c");
  assert.equal(caughtUp!.position, head);
  assert.equal(textsOf(joiner.heard("c")), ["m/4", "m/5", "m/6"]);
});

test("P-16 P-18 earliest: all of the past, then caught up, then live, in this order", async (t) => {
  const { publisher, peer, epoch } = await withHistory(t, 23);
  const { position, head, heard, caughtUp } = await follow(peer, { from: "earliest" });
  assert.equal(
    [position, head],
    [
      { epoch, offset: 0 },
      { epoch, offset: 23 },
    ],
  );
  assert.equal(heard, texts("m", 23));
  assert.equal(caughtUp, head);
  await publisher.published("c", ["m/24"]);
  await peer.hears("c", 24);
  const kinds = peer.items.map((item) => item.kind);
  assert.equal(
    kinds.filter((kind) => kind !== "batch"),
    ["welcome", "subscribed", "caughtUp"],
  );
  assert.is(kinds[1], "subscribed", "before any batch");
  assert.is(kinds.indexOf("caughtUp"), kinds.length - 2, "before the batch that was published then");
});

test("P-16 last N: also in the middle of a batch, none, and more than there are", async (t) => {
  const { node, epoch } = await withHistory(t, 12);
  for (const [count, offset] of [
    [3, 9],
    [7, 5],
    [12, 0],
    [0, 12],
    [500, 0],
    [Number.MAX_SAFE_INTEGER, 0],
  ] as const) {
    const peer = await connectPeer(t, node.address);
    const { position, heard, gaps } = await follow(peer, { from: "last", count });
    assert.equal([position, gaps], [{ epoch, offset }, []], `last ${count}`);
    assert.equal(heard, texts("m", 12 - offset, offset + 1), `last ${count}`);
  }
});

test("P-16 an offset: the first, one inside a batch, the next to come", async (t) => {
  const { node, epoch } = await withHistory(t, 12);
  for (const offset of [1, 8, 12, 13]) {
    const peer = await connectPeer(t, node.address);
    const { position, heard } = await follow(peer, { from: "offset", offset });
    assert.equal(position, { epoch, offset: offset - 1 });
    assert.equal(heard, texts("m", 13 - offset, offset), `offset ${offset}`);
  }
});

test("P-3 an offset that is none is refused, and the stream goes on", async (t) => {
  const { publisher, peer } = await withHistory(t, 3);
  for (const offset of [0, 5, Number.MAX_SAFE_INTEGER]) {
    peer.send(encodeSubscribe("c", { from: "offset", offset }));
    const refusal = await peer.refused();
    assert.equal([refusal.code, refusal.channel, refusal.sequence], ["offset_out_of_range", "c", 0]);
    assert.match(refusal.message, "4", "it says what would be the next");
  }
  await peer.subscribe("c");
  await publisher.published("c", ["m/4"]);
  await peer.hears("c", 1);
});

/** A node whose channel c keeps the last messages of 100, and where they begin. */
async function withTrimmed(t: T) {
  const buffer = await embedded(t, ["messages=20"]);
  const found = await withHistory(t, 100, { buffer });
  const { first } = (await buffer.state("c"))!;
  assert.ok(first > 50 && first <= 81, `retained from ${first} on`);
  return { ...found, first };
}

test("P-16 what is no longer retained is a gap, whichever start reaches into it", async (t) => {
  const { node, epoch, first } = await withTrimmed(t);
  const trimmed = (from: number) => [
    { reason: "trimmed", from, to: first - 1, position: { epoch, offset: first - 1 } },
  ];
  const starts: [Start, gaps: unknown[]][] = [
    [{ from: "offset", offset: 10 }, trimmed(10)],
    [{ from: "position", position: { epoch, offset: 10 } }, trimmed(11)],
    [{ from: "position", position: nothingReceived }, trimmed(1)],
    [{ from: "earliest" }, []],
    [{ from: "last", count: 100 }, []],
    [{ from: "time", timeMs: 1 }, []],
  ];
  for (const [start, gaps] of starts) {
    const peer = await connectPeer(t, node.address);
    const found = await follow(peer, start);
    assert.equal(found.gaps, gaps, JSON.stringify(start));
    assert.equal(found.heard, texts("m", 101 - first, first), JSON.stringify(start));
    const order = peer.items.map((item) => item.kind).filter((kind) => kind !== "welcome");
    if (gaps.length > 0) assert.equal(order.slice(0, 3), ["subscribed", "gap", "batch"]);
  }
});

test("P-16 a time: the first message stored then or later", async (t) => {
  let now = 1_800_000_000_000;
  const buffer = await embedded(t, ["age=none"], { now: () => now });
  const node = await startNode(t, { buffer });
  const publisher = await connectPeer(t, node.address);
  for (let second = 0; second < 40; second++) {
    await publisher.published("c", texts(`s${second}`, 2));
    now += 1_000;
  }
  const { epoch } = publisher.all("published")[0]!;
  for (const [timeMs, second] of [
    [0, 0],
    [1_800_000_000_000, 0],
    [1_800_000_007_000, 7],
    [1_800_000_007_001, 8],
    [1_800_000_039_000, 39],
    [1_800_000_039_001, 40],
    [Number.MAX_SAFE_INTEGER, 40],
  ] as const) {
    const peer = await connectPeer(t, node.address);
    const { position, heard } = await follow(peer, { from: "time", timeMs });
    assert.equal(position, { epoch, offset: 2 * second }, `${timeMs}`);
    assert.is(heard.length, 80 - 2 * second);
    assert.is(heard[0], second < 40 ? `s${second}/1` : undefined);
  }
});

/**
 * A channel c of two epochs. Peers saw m/1 … m/15 in the first, then the store went back to m/10 (a crash whose last
 * writes were lost), and n/1 … n/10 followed from offset 11 on.
 */
async function withTwoEpochs(t: T): Promise<{ node: TestNode; older: number; newer: number }> {
  const folder = temporaryFolder(t);
  const before = await withHistory(t, 10, { buffer: await embedded(t, [], { folder }) });
  const image = await crashImage(t, folder);
  await before.publisher.published("c", texts("m", 5, 11));
  const node = await startNode(t, { buffer: await embedded(t, [], { folder: image }) });
  const publisher = await connectPeer(t, node.address);
  const { epoch: newer, first } = (await publisher.published("c", texts("n", 10)))[0]!;
  assert.ok(newer > before.epoch, "a new epoch");
  assert.is(first, 11);
  return { node, older: before.epoch, newer };
}

test("P-16 a position: every row of the table", async (t) => {
  const { node, older, newer } = await withTwoEpochs(t);
  const all = [...texts("m", 10), ...texts("n", 10)];
  const from = (offset: number) => all.slice(offset - 1);
  const gap = (reason: string, from: number, to: number, epoch: number, offset: number) => ({
    reason,
    from,
    to,
    position: { epoch, offset },
  });
  const rows: [what: string, epoch: number, offset: number, gaps: unknown[], heard: string[]][] = [
    ["current", newer, 15, [], from(16)],
    ["current, at the head", newer, 20, [], []],
    ["current, beyond the head", newer, 23, [gap("diverged", 21, 23, newer, 20)], []],
    ["older, before the next epoch", older, 4, [], from(5)],
    ["older, its last message", older, 10, [], from(11)],
    ["older, reaching into the next epoch", older, 15, [gap("diverged", 11, 15, newer, 10)], from(11)],
    ["older, reaching beyond the head", older, 99, [gap("diverged", 11, 99, newer, 10)], from(11)],
    ["unknown", older + 1, 12, [gap("reset", 0, 0, older, 0)], from(1)],
    ["nothing received", 0, 0, [], from(1)],
  ];
  for (const [what, epoch, offset, gaps, heard] of rows) {
    const peer = await connectPeer(t, node.address);
    const position = { epoch, offset };
    const found = await follow(peer, { from: "position", position });
    assert.equal(
      found,
      { position, head: { epoch: newer, offset: 20 }, gaps, heard, caughtUp: { epoch: newer, offset: 20 } },
      what,
    );
    const peers = peer.heard("c");
    for (const message of peers) assert.is(message.epoch, message.offset < 11 ? older : newer, what);
  }
});

test("P-17 messages that cannot be read any more are a gap, and those around them are delivered", async (t) => {
  const folder = temporaryFolder(t);
  const before = await withHistory(t, 200, { buffer: await embedded(t, [], { folder }) });
  const { epoch } = before;
  const image = await crashImage(t, folder);
  const files = join(image, "channels");
  const [segment] = (await readdir(files)).filter((name) => name.endsWith(".log"));
  const bytes = await readFile(join(files, segment!));
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(join(files, segment!), bytes);
  const node = await startNode(t, { buffer: await embedded(t, [], { folder: image }) });
  const peer = await connectPeer(t, node.address);
  const { gaps, heard, head } = await follow(peer, { from: "position", position: { epoch, offset: 3 } });
  assert.is(gaps.length, 1);
  const [{ reason, from, to, position }] = gaps as [(typeof gaps)[0]];
  assert.equal([reason, position.offset, head.offset], ["corrupt", to, 200]);
  assert.ok(from > 4 && to >= from && to < 200, `${from}..${to}`);
  assert.equal(heard, [...texts("m", from - 4, 4), ...texts("m", 200 - to, to + 1)]);
  const page = await callHistory(t, node.address, "c", { from: "earliest" }, 1_000);
  assert.equal([page.gaps, page.texts.length, page.end], [[{ reason, from, to }], 200 - (to - from + 1), true]);
});

test("P-16 the log that a position belongs to is gone: a reset, then what there is", async (t) => {
  const node = await startNode(t);
  const peer = await connectPeer(t, node.address);
  const position = { epoch: 1_700_000_000_000, offset: 55 };
  const found = await follow(peer, { from: "position", position });
  const gone = { reason: "reset", from: 0, to: 0, position: nothingReceived };
  assert.equal(found, { position, head: nothingReceived, gaps: [gone], heard: [], caughtUp: nothingReceived });
  await peer.published("c", ["one"]);
  assert.equal(textsOf(await peer.hears("c", 1)), ["one"]);
  assert.is(peer.all("gap").length, 1);
});

test("P-19 a channel that does not exist is waited for and not created, whatever the start", async (t) => {
  const node = await startNode(t);
  const starts: Start[] = [
    { from: "new" },
    { from: "earliest" },
    { from: "last", count: 5 },
    { from: "offset", offset: 1 },
    { from: "time", timeMs: 5 },
    { from: "position", position: nothingReceived },
  ];
  const peers = await Promise.all(starts.map(() => connectPeer(t, node.address)));
  for (const [i, peer] of peers.entries()) {
    const found = await follow(peer, starts[i]!);
    const nothing = {
      position: nothingReceived,
      head: nothingReceived,
      gaps: [],
      heard: [],
      caughtUp: nothingReceived,
    };
    assert.equal(found, nothing, starts[i]!.from);
  }
  assert.not(await exists(node, "c"));
  assert.equal((await node.admin.channels()).channelsList, []);
  peers[0]!.send(encodeSubscribe("d", { from: "offset", offset: 2 }));
  assert.is((await peers[0]!.refused()).code, "offset_out_of_range");
  await peers[0]!.published("c", texts("m", 3));
  for (const peer of peers) assert.equal(textsOf(await peer.hears("c", 3)), texts("m", 3));
});

test("many channels on one stream, each in its order", async (t) => {
  const node = await startNode(t);
  const peer = await connectPeer(t, node.address);
  const publisher = await connectPeer(t, node.address);
  const channels = Array.from({ length: 100 }, (_, i) => `room.${i}`);
  peer.send(Buffer.concat(channels.map((channel) => encodeSubscribe(channel, { from: "earliest" }))));
  await peer.gets("subscribed", channels.length);
  for (let n = 1; n <= 10; n++) for (const channel of channels) publisher.publish(channel, [`${channel}/${n}`]);
  for (const channel of channels) assert.equal(textsOf(await peer.hears(channel, 10)), texts(channel, 10));
  const [session] = (await node.admin.sessions()).filter((info) => info.session === peer.session);
  assert.is(session!.subscriptionsList.length, 100);
});

test("P-19 after unsubscribed nothing of the channel follows, and it can be subscribed to again", async (t) => {
  const { publisher, peer, epoch } = await withHistory(t, 3);
  await follow(peer, { from: "new" });
  peer.unsubscribe("c");
  await peer.gets("unsubscribed", 1, "c");
  const until = peer.items.length;
  await publisher.published("c", ["m/4"]);
  const { position } = await peer.subscribe("c", { from: "position", position: { epoch, offset: 3 } });
  assert.is(position.offset, 3);
  assert.equal(textsOf(await peer.hears("c", 1)), ["m/4"]);
  assert.is(peer.items[until]!.kind, "subscribed");
});

test("P-3 subscribing twice and unsubscribing from nothing are refused, and disturb nothing", async (t) => {
  const { publisher, peer } = await withHistory(t, 3);
  await follow(peer, { from: "new" });
  peer.send(encodeSubscribe("c", { from: "earliest" }));
  assert.equal(pick(await peer.refused()), ["already_subscribed", "c"]);
  peer.unsubscribe("d");
  assert.equal(pick(await peer.refused()), ["not_subscribed", "d"]);
  for (const channel of ["", "#c", "a b"]) {
    peer.send(encodeSubscribe(channel, { from: "new" }));
    assert.equal(pick(await peer.refused()), ["invalid_channel", channel]);
  }
  await publisher.published("c", ["m/4"]);
  assert.equal(textsOf(await peer.hears("c", 1)), ["m/4"]);
});

const pick = ({ code, channel }: { code: string; channel: string }) => [code, channel];

test("a second subscribe while the first is being opened is refused", async (t) => {
  const { peer } = await withHistory(t, 3);
  peer.send(Buffer.concat([encodeSubscribe("c", { from: "earliest" }), encodeSubscribe("c", { from: "new" })]));
  assert.is((await peer.refused()).code, "already_subscribed");
  assert.equal(textsOf(await peer.hears("c", 3)), texts("m", 3));
  assert.is(peer.all("subscribed").length, 1);
});

test("unsubscribed while it is being opened: nothing follows, and another subscription is another", async (t) => {
  const { node, publisher, peer } = await withHistory(t, 3);
  const opening = gate();
  node.buffer.hooks.state = () => opening.passed;
  peer.send(
    encodeSubscribe("c", { from: "earliest" }),
    encodeUnsubscribe("c"),
    encodeSubscribe("c", { from: "last", count: 1 }),
  );
  await peer.gets("unsubscribed");
  opening.open();
  const { position } = (await peer.gets("subscribed"))[0]!;
  assert.is(position.offset, 2, "the later one");
  await publisher.published("c", ["m/4"]);
  await peer.hears("c", 2);
  // A round trip, so that anything that is to come has come.
  await peer.published("c", ["m/5"]);
  await peer.hears("c", 3);
  assert.equal(textsOf(peer.heard("c")), ["m/3", "m/4", "m/5"]);
  assert.is(peer.all("subscribed").length, 1);
  peer.unsubscribe("c");
  await peer.gets("unsubscribed", 2);
  await publisher.published("c", ["m/6"]);
  await peer.published("d", ["x"]);
  assert.is(peer.heard("c").length, 3);
});

test("a subscription that fails to open may be tried again", async (t) => {
  const { node, peer } = await withHistory(t, 3);
  node.buffer.hooks.state = async () => {
    throw new Error("the store is away");
  };
  peer.send(encodeSubscribe("c", { from: "earliest" }));
  assert.equal(pick(await peer.refused()), ["internal", "c"]);
  node.buffer.hooks = {};
  await peer.subscribe("c", { from: "earliest" });
  await peer.hears("c", 3);
});

test("a channel that cannot be followed is refused to all who asked, and can be asked for again", async (t) => {
  const { node, peer } = await withHistory(t, 3);
  const other = await connectPeer(t, node.address);
  const watch = node.buffer.watch.bind(node.buffer);
  const failing = gate();
  let asked = 0;
  node.buffer.watch = async () => {
    asked++;
    await failing.passed;
    throw new RepriseError("buffer_unavailable", "away");
  };
  for (const each of [peer, other]) each.send(encodeSubscribe("c", { from: "earliest" }));
  await until(() => asked === 1, "the first asks");
  await node.admin.sessions();
  failing.open();
  for (const each of [peer, other]) assert.equal(pick(await each.refused()), ["buffer_unavailable", "c"]);
  node.buffer.watch = watch;
  await peer.subscribe("c", { from: "earliest" });
  await peer.hears("c", 3);
});

test("P-19 beyond max_subscriptions the answer is an error, until one is given up", async (t) => {
  const node = await startNode(t, { limits: { maxSubscriptions: 3 } });
  const peer = await connectPeer(t, node.address);
  for (const channel of ["a", "b", "c"]) await peer.subscribe(channel);
  peer.send(encodeSubscribe("d", { from: "new" }));
  assert.equal(pick(await peer.refused()), ["too_many_subscriptions", "d"]);
  peer.unsubscribe("a");
  await peer.subscribe("d");
  assert.is(peer.all("welcome")[0]!.limits.maxSubscriptions, 3);
});

test.run();
