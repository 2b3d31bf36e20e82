// Admin: what an operator hears of channels and sessions.
import { status } from "@grpc/grpc-js";
import { assert, suite } from "../harness.js";
import { embedded, gate, kinds } from "./buffers.js";
import { callPublish } from "./calls.js";
import { connectLines } from "./line-peer.js";
import { startNode } from "./node.js";
import { connectPeer, subscribeCall, texts } from "./peer.js";

const test = suite("admin");

for (const [kind, open] of Object.entries(kinds)) {
  test(`${kind}: channels come in pages, each once, and by prefix`, async (t) => {
    const node = await startNode(t, { buffer: await open(t) });
    assert.equal(await node.admin.channels(), { channelsList: [], nextPageToken: "" });
    const names = Array.from({ length: 25 }, (_, i) => `${i % 2 === 0 ? "even" : "odd"}.${i}`);
    for (const name of names) await callPublish(t, node.address, name, ["x"]);
    const list = async (prefix: string, size: number) => {
      const found: string[] = [];
      let token = "";
      let pages = 0;
      do {
        const page = await node.admin.channels(prefix, token, size);
        found.push(...page.channelsList.map((info) => info.channel));
        token = page.nextPageToken;
        pages++;
      } while (token !== "" && pages < 100);
      return [...new Set(found)].sort();
    };
    assert.equal(await list("", 4), [...names].sort());
    assert.equal(await list("", 0), [...names].sort());
    assert.equal(await list("odd.", 3), names.filter((name) => name.startsWith("odd.")).sort());
    assert.equal(await list("none", 3), []);
  });
}

test("a channel as it is: epoch, offsets, bytes, subscribers, epochs", async (t) => {
  const node = await startNode(t, { buffer: await embedded(t, ["messages=20"]) });
  for (let i = 0; i < 20; i++) await callPublish(t, node.address, "c", texts("m", 5, 5 * i + 1));
  const peers = [await connectPeer(t, node.address), await connectPeer(t, node.address)];
  for (const peer of peers) await peer.subscribe("c");
  const state = (await node.buffer.state("c"))!;
  assert.ok(state.first > 1);
  const epoch = state.epochs[0]!.epoch;
  assert.equal(await node.admin.channel("c"), {
    channel: "c",
    epoch,
    firstOffset: state.first,
    nextOffset: 101,
    bytes: state.bytes,
    subscribers: 2,
    epochsList: [{ epoch, firstOffset: 1 }],
    retention: { messages: 20, bytes: 256 * 1024 * 1024, ageMs: 7 * 86_400_000 },
  });
  peers[0]!.unsubscribe("c");
  await peers[0]!.gets("unsubscribed");
  assert.is((await node.admin.channel("c")).subscribers, 1);
});

test("a channel that does not exist is NOT_FOUND, also while somebody waits for it, and is not created", async (t) => {
  const node = await startNode(t);
  const peer = await connectPeer(t, node.address);
  await peer.subscribe("c");
  for (const [name, code] of [
    ["c", status.NOT_FOUND],
    ["a b", status.INVALID_ARGUMENT],
  ] as const) {
    const error = await node.admin.channel(name).catch((thrown: unknown) => thrown);
    assert.is((error as { code?: number }).code, code);
  }
  assert.equal((await node.admin.channels()).channelsList, []);
});

test("sessions of every kind, with what they are subscribed to and what is not yet answered", async (t) => {
  const node = await startNode(t);
  assert.equal(await node.admin.sessions(), []);
  await callPublish(t, node.address, "c", texts("m", 3));
  const before = Date.now();
  const peer = await connectPeer(t, node.address, { name: "ann" });
  await peer.subscribe("c", { from: "last", count: 1 });
  await peer.hears("c", 1);
  const lines = await connectLines(t, node.address, { channel: "room", name: "bob" });
  const simple = subscribeCall(t, node.address, { c: { from: "new" }, d: { from: "new" } });
  await simple.gets("subscribed", 2);
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  peer.publish("c", ["x", "y"]);
  lines.say("z");
  // A round trip on each stream: requests are taken in order.
  peer.unsubscribe("none");
  await peer.refused();
  const sessions = await node.admin.sessions();
  const by = (method: string) => sessions.find((info) => info.method === method)!;
  const { session, peer: address, connectedAtMs, ...rest } = by("Connect");
  assert.equal(rest, {
    name: "ann",
    method: "Connect",
    subscriptionsList: [{ channel: "c", nextOffset: 4 }],
    unansweredMessages: 2,
  });
  assert.is(session, peer.session);
  assert.match(address, /^127\.0\.0\.1:\d+$/);
  assert.ok(connectedAtMs >= before - 1 && connectedAtMs <= Date.now());
  assert.equal([by("BiStream").name, by("BiStream").subscriptionsList], ["bob", [{ channel: "room", nextOffset: 1 }]]);
  assert.equal(
    by("Subscribe")
      .subscriptionsList.map((info) => info.channel)
      .sort(),
    ["c", "d"],
  );
  assert.is(sessions.length, 3);
  held.open();
  await peer.gets("published");
  assert.is((await node.admin.sessions()).find((info) => info.session === session)!.unansweredMessages, 0);
});

test.run();
