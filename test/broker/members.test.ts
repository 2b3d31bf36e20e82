// Rules P-32 to P-35, frame by frame.

import { memoryMembers } from "../../src/presence/memory.js";
import {
  encodeEnter,
  encodeHello,
  encodeLeave,
  encodeUnwatchMembers,
  encodeWatchMembers,
  requestNumbers,
} from "../../src/wire/client-frame.js";
import type { Metadata } from "../../src/wire/members.js";
import { assert, suite, type T, until } from "../harness.js";
import { embedded } from "./buffers.js";
import { startNode, type TestNodeOptions } from "./node.js";
import { connectPeer, openStream, type Peer } from "./peer.js";
import { testBroker, testSink } from "./sink.js";

const test = suite("members");

function start(t: T, options: TestNodeOptions = {}) {
  const members = memoryMembers();
  t.after(() => members.close());
  return startNode(t, { members, presenceGraceMs: 200, ...options });
}

/** A peer with a member id. */
async function connectMember(t: T, address: string, member: string, name = ""): Promise<Peer> {
  const peer = openStream(t, address);
  peer.send(encodeHello(name, Buffer.alloc(0), false, member));
  await peer.gets("welcome");
  return peer;
}

async function enter(peer: Peer, channel: string, metadata: Metadata[] = []): Promise<void> {
  const before = peer.all("entered", channel).length;
  peer.send(encodeEnter(channel, metadata));
  await peer.gets("entered", before + 1, channel);
}

async function watch(peer: Peer, channel: string) {
  peer.send(encodeWatchMembers(channel));
  return (await peer.gets("members", 1, channel))[0]!;
}

/** What was told after the first list, as "+id", "*id", "-id". */
const changesIn = (peer: Peer) =>
  peer
    .all("members")
    .filter(({ complete }) => !complete)
    .flatMap(({ joined, changed, left }) => [
      ...joined.map(({ id }) => `+${id}`),
      ...changed.map(({ id }) => `*${id}`),
      ...left.map((id) => `-${id}`),
    ]);

test("P-32 P-34 a watcher gets the list, then who joins, changes and leaves; entering needs no channel", async (t) => {
  const node = await start(t, { node: "n1" });
  const ada = await connectMember(t, node.address, "ada-00001", "ada");
  const bob = await connectMember(t, node.address, "", "bob");
  await enter(ada, "c", [{ key: "role", value: "cook" }]);
  const list = await watch(bob, "c");
  const since = list.joined[0]!.sinceMs;
  assert.ok(Math.abs(Date.now() - since) < 10_000);
  const member = {
    id: "ada-00001",
    name: "ada",
    metadata: [{ key: "role", value: "cook" }],
    node: "n1",
    sinceMs: since,
  };
  assert.equal(list, {
    ...{ kind: "members", channel: "c", complete: true, more: false },
    ...{ joined: [member], changed: [], left: [] },
  });
  await enter(bob, "c");
  await enter(ada, "c");
  ada.send(encodeLeave("c"), encodeLeave("c"), encodeLeave("never entered"));
  await ada.gets("left", 3);
  await until(() => changesIn(bob).length === 3, "it is told");
  assert.equal(changesIn(bob), [`+${bob.session}`, "*ada-00001", "-ada-00001"]);
  bob.send(encodeUnwatchMembers("c"));
  await bob.gets("membersUnwatched", 1, "c");
  await enter(ada, "c");
  assert.is(bob.items.at(-1)!.kind, "membersUnwatched");
  assert.equal(await node.admin.channels(), { channelsList: [], nextPageToken: "" });
  ada.cancel();
  bob.cancel();
});

test("P-33 a member is there for the grace time after its stream, and was never away if it comes back", async (t) => {
  const node = await start(t, { presenceGraceMs: 700 });
  const watcher = await connectPeer(t, node.address);
  await watch(watcher, "c");
  const first = await connectMember(t, node.address, "ada-00001");
  await enter(first, "c");
  first.cancel();
  const second = await connectMember(t, node.address, "ada-00001");
  await enter(second, "c");
  const third = await connectMember(t, node.address, "ada-00001");
  await enter(third, "c");
  second.send(encodeLeave("c"));
  await second.gets("left");
  const before = performance.now();
  third.halfClose();
  await until(() => changesIn(watcher).length === 2, "it is gone");
  assert.ok(performance.now() - before > 600);
  assert.equal(changesIn(watcher), ["+ada-00001", "-ada-00001"]);
});

test("P-32 what is asked while an answer is under way is answered in its order", async (t) => {
  const node = await start(t);
  const ada = await connectMember(t, node.address, "ada-00001");
  const watcher = await connectPeer(t, node.address);
  await watch(watcher, "c");
  const rounds = 50;
  for (let i = 0; i < rounds; i++) ada.send(encodeEnter("c", []), encodeLeave("c"));
  await ada.gets("left", rounds);
  assert.equal(
    ada.items.slice(1).map(({ kind }) => kind),
    Array.from({ length: 2 * rounds }, (_, i) => (i % 2 === 0 ? "entered" : "left")),
  );
  ada.send(encodeEnter("c", []));
  // Its stream ends while it is entering.
  ada.cancel();
  await until(() => changesIn(watcher).at(-1) === "-ada-00001", "nothing of it stays");
});

test("P-3 what is refused names the channel and the request, and changes nothing", async (t) => {
  const node = await start(t, { limits: { maxSubscriptions: 3 } });
  const peer = await connectPeer(t, node.address);
  const refused = async (frame: Buffer, code: string, channel: string, request: keyof typeof requestNumbers) => {
    peer.send(frame);
    const refusal = await peer.refused();
    assert.equal([refusal.code, refusal.channel, refusal.request], [code, channel, requestNumbers[request]]);
  };
  const large = [{ key: "k", value: "x".repeat(1_100) }];
  await refused(encodeEnter("c", large), "invalid_argument", "c", "enter");
  const many = Array.from({ length: 300 }, () => ({ key: "", value: "" }));
  await refused(encodeEnter("c", [...many, ...many]), "invalid_argument", "c", "enter");
  await refused(encodeEnter("a b", []), "invalid_channel", "a b", "enter");
  await refused(encodeWatchMembers("{c}"), "invalid_channel", "{c}", "watchMembers");
  await refused(encodeUnwatchMembers("c"), "not_subscribed", "c", "unwatchMembers");
  await enter(peer, "c");
  await watch(peer, "c");
  await refused(encodeWatchMembers("c"), "already_subscribed", "c", "watchMembers");
  await peer.subscribe("c");
  await refused(encodeEnter("d", []), "too_many_subscriptions", "d", "enter");
  await refused(encodeWatchMembers("d"), "too_many_subscriptions", "d", "watchMembers");
  await enter(peer, "c", [{ key: "the same", value: "channel" }]);
  peer.send(encodeUnwatchMembers("c"));
  await peer.gets("membersUnwatched");
  await enter(peer, "d");
  for (const member of ["short", "x".repeat(65), "not an id", "ümlaut-id"]) {
    const stranger = openStream(t, node.address);
    stranger.send(encodeHello("", Buffer.alloc(0), false, member));
    assert.is((await stranger.end()).code, "invalid_argument");
  }
  peer.cancel();
});

test("a node without a member store says so", async (t) => {
  const node = await startNode(t);
  const peer = await connectPeer(t, node.address);
  peer.send(encodeEnter("c", []), encodeWatchMembers("c"));
  assert.is((await peer.refused()).code, "invalid_argument");
  assert.is((await peer.refused()).code, "invalid_argument");
  peer.cancel();
});

test("P-34 a list comes in parts, and what changes meanwhile after it", async (t) => {
  const store = memoryMembers();
  const { open } = testBroker(t, await embedded(t), { members: store });
  const metadata = [{ key: "k", value: "x".repeat(900) }];
  const ids = Array.from({ length: 500 }, (_, i) => `member-${i}`);
  for (const id of ids) await store.enter("c", { id, name: "", metadata, node: "n" }, "s");
  const sink = testSink(false);
  const session = open(sink);
  await session.attendance.watch("c");
  await until(() => sink.frames.length === 1, "the first part");
  await store.leave("c", { id: "member-0", session: "s" });
  await store.enter("c", { id: "late-comer", name: "", metadata, node: "n" }, "s");
  sink.flowing = true;
  sink.take();
  await until(() => sink.items().at(-1)?.kind === "members" && !itemAt(sink, -1).more, "the list is over");
  await until(() => itemAt(sink, -1).joined.some(({ id }) => id === "late-comer"), "what came is told");
  const items = sink.items().filter((item) => item.kind === "members");
  assert.ok(items.length > 5);
  for (const frame of sink.frames) assert.ok(frame.length < 80_000, `${frame.length}`);
  const present = new Set<string>();
  for (const { complete, joined, left } of items) {
    if (complete) present.clear();
    for (const { id } of joined) present.add(id);
    for (const id of left) present.delete(id);
  }
  assert.equal([...present].sort(), [...ids.slice(1), "late-comer"].sort());
  assert.equal(items.filter(({ complete }) => complete).length, 1);
});

test("P-34 what waits for a watcher that does not read is bounded; then it gets a complete list again", async (t) => {
  const store = memoryMembers();
  const { open } = testBroker(t, await embedded(t), { members: store });
  const metadata = (n: number) => [{ key: `${n}`, value: "x".repeat(900) }];
  const say = (id: string, n: number) => store.enter("c", { id, name: "", metadata: metadata(n), node: "n" }, "s");
  const sink = testSink(false);
  const session = open(sink);
  await session.attendance.watch("c");
  await until(() => sink.frames.length === 1, "the list");
  const changes = 5_000;
  for (let n = 0; n < changes; n++) await say(`member-${n % 10}`, n);
  sink.flowing = true;
  sink.take();
  const last = () => sink.items().at(-1);
  await until(() => {
    const item = last();
    return item?.kind === "members" && !item.more && (item.complete || item.changed.length > 0);
  }, "it reads again");
  await until(() => {
    const seen = new Map(
      sink
        .items()
        .flatMap((item) => (item.kind === "members" ? [...item.joined, ...item.changed] : []))
        .map(({ id, metadata }) => [id, metadata[0]!.key]),
    );
    return [...seen.values()].every((key) => Number(key) >= changes - 10) && seen.size === 10;
  }, "it knows what is true now");
  const items = sink.items().filter((item) => item.kind === "members");
  assert.is(items.filter(({ complete }) => complete).length, 2);
  assert.ok(sink.frames.reduce((sum, frame) => sum + frame.length, 0) < 200_000, "and nothing of what it missed");
});

function itemAt(sink: ReturnType<typeof testSink>, index: number) {
  const item = sink.items().at(index);
  if (item?.kind !== "members") throw new Error(`not members: ${item?.kind}`);
  return item;
}

test("many sessions that watch a channel share one watch of the store, and its end", async (t) => {
  const store = memoryMembers();
  let watches = 0;
  const counted: typeof store = {
    ...store,
    async watch(channel, watcher) {
      watches++;
      const watch = await store.watch(channel, watcher);
      return {
        ...watch,
        close: () => {
          watches--;
          watch.close();
        },
      };
    },
  };
  const node = await start(t, { members: counted });
  const peers = await Promise.all(Array.from({ length: 20 }, () => connectPeer(t, node.address)));
  await Promise.all(peers.map((peer) => watch(peer, "c")));
  assert.is(watches, 1);
  await enter(peers[0]!, "c");
  await Promise.all(peers.map((peer) => until(() => changesIn(peer).length === 1, "each is told")));
  for (const [i, peer] of peers.entries()) {
    if (i % 2 === 0) peer.cancel();
    else peer.send(encodeUnwatchMembers("c"));
  }
  await until(() => watches === 0, "nobody watches");
  for (const peer of peers) peer.cancel();
});

test("P-32 Admin.ListMembers lists them in pages", async (t) => {
  const node = await start(t);
  const peers = await Promise.all(
    Array.from({ length: 7 }, (_, i) => connectMember(t, node.address, `member-${i}`, `name ${i}`)),
  );
  await Promise.all(peers.map((peer) => enter(peer, "c")));
  const ids: string[] = [];
  let token = "";
  let pages = 0;
  do {
    const page = await node.admin.members("c", token, 3);
    ids.push(...page.membersList.map(({ id }) => id));
    token = page.nextPageToken;
    pages++;
  } while (token !== "");
  assert.equal([pages, ids], [3, peers.map((_, i) => `member-${i}`)]);
  assert.equal((await node.admin.members("nobody")).membersList, []);
  for (const peer of peers) peer.cancel();
});

test("P-46 entering counts as publishing: whoever watches hears of it no faster than so many in a second", async (t) => {
  const node = await start(t, { quotas: { messages: 50 } });
  const [busy, watcher] = [await connectPeer(t, node.address), await connectPeer(t, node.address)];
  await watch(watcher, "c");
  const began = performance.now();
  for (let i = 0; i < 150; i++) busy.send(encodeEnter("c", [{ key: "n", value: `${i}` }]));
  await until(() => busy.all("entered", "c").length === 150, "all are answered", 30_000);
  // The first second's worth came at once.
  assert.ok(performance.now() - began >= 1_500, `${performance.now() - began} ms`);
  assert.equal(busy.all("error"), []);
});

test.run();
