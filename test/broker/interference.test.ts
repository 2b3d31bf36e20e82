// What an operator does to sessions and channels of a node that runs, and what subscribers make of it.
import { type Bus, connect, type RepriseError } from "../../src/client/index.js";
import { assert, suite, type T, until } from "../harness.js";
import { collect } from "../log.js";
import { kinds } from "./buffers.js";
import { callHistory } from "./calls.js";
import { startNode } from "./node.js";
import { connectPeer, texts, textsOf } from "./peer.js";

const test = suite("interference");

async function operator(t: T, address: string): Promise<Bus> {
  const bus = await connect(address, { name: "op" });
  t.after(() => bus.close({ timeoutMs: 0 }));
  return bus;
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const thrown = await promise.then(
    () => undefined,
    (error: RepriseError) => error,
  );
  return thrown?.code ?? "";
};

const gapsOf = (peer: Awaited<ReturnType<typeof connectPeer>>) =>
  peer.all("gap").map(({ gap: { reason, from, to } }) => [reason, from, to]);

test("P-53 a session that is disconnected ends, may come back, and no other is touched", async (t) => {
  const lines: string[] = [];
  const node = await startNode(t, { log: collect(lines) });
  const { admin } = await operator(t, node.address);
  const [gone, stays] = [await connectPeer(t, node.address, { name: "ann" }), await connectPeer(t, node.address)];
  await gone.subscribe("c");
  await stays.subscribe("c");
  await stays.published("c", ["1"]);
  await gone.hears("c", 1);
  const entry = (await admin.sessions()).find(({ session }) => session === gone.session)!;
  assert.equal([entry.name, entry.subscriptions], ["ann", [{ channel: "c", next: 2 }]]);
  await admin.disconnect(gone.session);
  const { status, code } = await gone.end();
  assert.equal([status, code], [14, "disconnected"]);
  assert.is(await codeOf(admin.disconnect(gone.session)), "session_not_found");
  await stays.published("c", ["2"]);
  assert.equal(textsOf(await stays.hears("c", 2)), ["1", "2"]);
  assert.is(stays.ended, undefined);
  const told = lines.filter((line) => line.endsWith(` what=disconnected session ${gone.session}`));
  assert.is(told.length, 1, lines.join("\n"));
  assert.match(told[0]!, /^an operator has acted peer=127\.0\.0\.1:\d+/);
});

test("P-53 a client that was disconnected connects again and misses nothing", async (t) => {
  const node = await startNode(t);
  const [{ admin }, other] = [await operator(t, node.address), await operator(t, node.address)];
  const received: string[] = [];
  const subscription = other.subscribe("c");
  const reading = (async () => {
    for await (const message of subscription) received.push(message.text);
  })();
  await subscription.ready;
  const { state } = other;
  if (state.kind !== "connected") throw new Error(state.kind);
  await admin.disconnect(state.session);
  await other.publish("c", "after");
  await until(() => received.length === 1, "the subscription goes on", 20_000);
  await subscription.close();
  await reading;
});

for (const [kind, open] of Object.entries(kinds)) {
  test(`P-54 ${kind}: after a trim nobody is sent what was trimmed, also not from memory`, async (t) => {
    const node = await startNode(t, { buffer: await open(t) });
    const { admin } = await operator(t, node.address);
    assert.is(await codeOf(admin.trim("c", 1)), "channel_not_found");
    const live = await connectPeer(t, node.address);
    await live.subscribe("c");
    for (let i = 0; i < 10; i++) await live.published("c", texts("m", 5, 1 + 5 * i));
    await live.hears("c", 50);
    const { epoch } = live.heard("c")[0]!;
    assert.is(await codeOf(admin.trim("c", 0)), "invalid_argument");
    const { first, next } = await admin.trim("c", 31);
    assert.equal([first, next], [31, 51]);
    // The node may hear of it a moment after the answer.
    await until(async () => {
      const { events } = await admin.events({ channel: "c" });
      return events.some(({ kind, reason }) => kind === "changed" && reason === "trimmed before 31");
    }, "the node knows");
    const late = await connectPeer(t, node.address);
    await late.subscribe("c", { from: "position", position: { epoch, offset: 10 } });
    assert.equal(textsOf(await late.hears("c", 20)), texts("m", 20, 31));
    assert.equal(gapsOf(late), [["trimmed", 11, 30]]);
    const page = await callHistory(t, node.address, "c", { from: "position", position: { epoch, offset: 0 } });
    assert.equal([page.gaps, page.texts[0]], [[{ reason: "trimmed", from: 1, to: 30 }], "m/31"]);
    await live.published("c", ["m/51"]);
    assert.equal(textsOf(await live.hears("c", 51)), texts("m", 51));
    assert.equal(gapsOf(live), [], "who had it all already is told nothing");
  });

  test(`P-55 ${kind}: subscribers of a channel that is deleted hear of it, and go on with the new one`, async (t) => {
    const node = await startNode(t, { buffer: await open(t) });
    const { admin } = await operator(t, node.address);
    assert.is(await codeOf(admin.delete("c")), "channel_not_found");
    const live = await connectPeer(t, node.address);
    await live.subscribe("c");
    await live.published("c", texts("old", 20));
    const old = (await live.hears("c", 20)).at(-1)!;
    await admin.delete("c");
    await live.gets("gap");
    assert.equal(gapsOf(live), [["reset", 0, 0]]);
    const publisher = await connectPeer(t, node.address);
    // As many as before: the offsets are the same ones, of other messages.
    await publisher.published("c", texts("new", 20));
    const heard = (await live.hears("c", 40)).slice(20);
    assert.equal(textsOf(heard), texts("new", 20));
    assert.equal([heard[0]!.offset, heard[0]!.epoch > old.epoch], [1, true]);
    const late = await connectPeer(t, node.address);
    await late.subscribe("c", { from: "position", position: { epoch: old.epoch, offset: 10 } });
    assert.equal(textsOf(await late.hears("c", 20)), texts("new", 20));
    assert.equal(gapsOf(late), [["reset", 0, 0]]);
  });
}

test("P-56 a rule of retention counts at once, and is seen at the channel", async (t) => {
  const node = await startNode(t);
  const { admin } = await operator(t, node.address);
  const peer = await connectPeer(t, node.address);
  await peer.published("c", ["1"]);
  assert.is((await node.admin.channel("c")).retention!.messages, 1_000_000);
  assert.equal(await admin.setRetention("c", "messages=10 bytes=none"), [
    { pattern: "c", limits: "messages=10 bytes=none" },
  ]);
  assert.equal((await node.admin.channel("c")).retention, { messages: 10, bytes: 0, ageMs: 7 * 86_400_000 });
  for (let i = 0; i < 20; i++) await peer.published("c", texts("m", 5));
  await until(async () => (await node.admin.channel("c")).firstOffset > 50, "it is trimmed", 20_000);
  assert.is(await codeOf(admin.setRetention("c", "messages=none age=soon")), "invalid_argument");
  assert.equal(await admin.setRetention("c", ""), []);
  assert.is((await node.admin.channel("c")).retention!.messages, 1_000_000);
});

test(
  "who is behind is listed, the worst first; activity counts",
  async (t) => {
    const node = await startNode(t);
    const { admin } = await operator(t, node.address);
    const [publisher, slow] = [await connectPeer(t, node.address), await connectPeer(t, node.address, { name: "bob" })];
    await slow.subscribe("c");
    await publisher.published("c", ["first"]);
    await slow.hears("c", 1);
    slow.pause();
    // More than the windows of HTTP/2 and the frames on the way hold.
    for (let i = 0; i < 12; i++) await publisher.published("c", Array(10).fill("x".repeat(40_000)));
    assert.equal(await admin.slow(), [], "not for so long that it counts");
    let found: Awaited<ReturnType<typeof admin.slow>> = [];
    await until(
      async () => {
        found = await admin.slow();
        return found.length > 0;
      },
      "it is behind",
      25_000,
    );
    assert.equal([found.length, found[0]!.session, found[0]!.name, found[0]!.channel], [1, slow.session, "bob", "c"]);
    assert.ok(found[0]!.lagMs >= 5_000 && found[0]!.lagMessages >= 1 && found[0]!.next > 1);
    assert.equal(await admin.slow({ channel: "other" }), []);
    const activity = await admin.activity();
    assert.equal([activity.publishedMessages, activity.slowCount, activity.slow[0]!.session], [121, 1, slow.session]);
    assert.equal(
      activity.channels.map(({ channel, next, subscribers, receivedMessages }) => [
        channel,
        next,
        subscribers,
        receivedMessages,
      ]),
      [["c", 122, 1, 121]],
    );
    assert.ok(activity.ready && activity.sessions === 3 && activity.subscriptions === 1);
    slow.resume();
    await slow.hears("c", 121);
  },
  { timeoutMs: 60_000 },
);

test("P-57 the node remembers what happened to a session, and what became of a message", async (t) => {
  const node = await startNode(t);
  const { admin } = await operator(t, node.address);
  const ann = await connectPeer(t, node.address, { name: "ann" });
  await ann.published("c", texts("m", 10));
  const bob = await connectPeer(t, node.address, { name: "bob" });
  await bob.subscribe("c", { from: "offset", offset: 4 });
  await bob.hears("c", 7);
  bob.unsubscribe("none");
  await bob.refused();
  const own = async () => (await admin.events({ session: bob.session })).events;
  await until(async () => (await own()).some(({ kind, offset }) => kind === "progress" && offset === 10), "it is seen");
  const told = (await own()).filter(({ session }) => session === bob.session);
  const seldom = told.filter(({ kind }) => kind !== "progress");
  assert.equal(
    seldom.map(({ kind, name, channel, offset, to }) => [kind, name, channel, offset, to]),
    [
      ["opened", "bob", "", 0, 0],
      ["subscribed", "bob", "c", 3, 10],
      ["refused", "bob", "none", 0, 0],
    ],
  );
  assert.match(seldom[2]!.reason, "not_subscribed");
  bob.cancel();
  await until(async () => (await own()).some(({ kind }) => kind === "closed"), "it has gone");
  const { events, node: name, sinceMs } = await admin.events({ channel: "c", offset: 5 });
  assert.is(name, node.node.node);
  assert.ok(sinceMs <= Date.now());
  const ended = events.filter(({ session }) => session === bob.session).slice(-2);
  assert.equal(
    ended.map(({ kind, offset }) => [kind, offset]),
    [
      ["unsubscribed", 10],
      ["closed", 0],
    ],
  );
  const stored = events.at(-1)!;
  assert.equal([stored.kind, stored.offset, stored.session, stored.name], ["stored", 5, ann.session, "ann"]);
  assert.ok(stored.from <= 5 && stored.to >= 5 && stored.atMs <= Date.now() + 1_000);
  assert.not.ok(
    events.some(({ session, kind }) => session === ann.session && kind === "opened"),
    "it never listened",
  );
  assert.equal((await admin.events({ session: "1" })).events, []);
  assert.is(await codeOf(admin.events({ offset: 5 })), "invalid_argument");
});

test.run();
