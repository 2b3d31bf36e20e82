// The first promise: every peer of a channel hears everything, in one order, each message once, whenever it came and
// whichever of the two services it speaks.
import { assert, suite, type T } from "../harness.js";
import { kinds } from "./buffers.js";
import { connectLines, type LinePeer } from "./line-peer.js";
import { startNode, type TestNode } from "./node.js";
import { connectPeer, type Heard, type Peer, texts, textsOf } from "./peer.js";

const test = suite("one order for all");

const each = 200;
const names = ["ann", "bob", "cem"];

/** Publishes `each` texts under every peer's name, in many small publishes at the same time. */
function publishAll(peers: readonly Peer[], channel: string): void {
  for (let from = 1; from <= each; from += 8) {
    for (const [i, peer] of peers.entries())
      peer.publish(channel, texts(names[i]!, Math.min(8, each - from + 1), from));
  }
}

const offsets = (heard: readonly Heard[]) => heard.map((message) => message.offset);
const dense = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

/** The lines that others sent, in the order heard; "Processed: …" answers the peer's own. */
const fromOthers = (peer: LinePeer) => peer.lines.filter((line) => !line.startsWith("Processed: "));
const processed = (peer: LinePeer) =>
  peer.lines.filter((line) => line.startsWith("Processed: ")).map((line) => line.slice("Processed: ".length));

/** The log of the channel as a late joiner reads it: the order that everybody else must have heard. */
async function lateJoiner(t: T, node: TestNode, channel: string, count: number): Promise<string[]> {
  const late = await connectPeer(t, node.address);
  await late.subscribe(channel, { from: "earliest" });
  const heard = await late.hears(channel, count);
  assert.equal(offsets(heard), dense(count));
  const [caughtUp] = await late.gets("caughtUp");
  assert.is(caughtUp!.position.offset, count);
  return textsOf(heard);
}

for (const [kind, open] of Object.entries(kinds)) {
  test(`P-10 P-16 ${kind}: three peers that all publish, and one that joins late, hear one order, each message once`, async (t) => {
    const node = await startNode(t, { buffer: await open(t) });
    const peers = await Promise.all(names.map((name) => connectPeer(t, node.address, { name })));
    await Promise.all(peers.map((peer) => peer.subscribe("room")));
    publishAll(peers, "room");
    const total = names.length * each;
    const [first, ...others] = await Promise.all(peers.map((peer) => peer.hears("room", total)));
    assert.equal(offsets(first!), dense(total));
    for (const other of others) assert.equal(other, first);
    assert.equal(await lateJoiner(t, node, "room", total), textsOf(first!));
    for (const [i, name] of names.entries()) {
      const own = first!.filter((message) => message.publisher === name);
      assert.equal(textsOf(own), texts(name, each), "a peer's messages keep their order");
      for (const message of own) assert.is(message.session, peers[i]!.session);
    }
  });

  test(`P-24 ${kind}: three BiStream peers, and one that joins late, hear one order, each line once`, async (t) => {
    const node = await startNode(t, { buffer: await open(t) });
    const peers = await Promise.all(names.map((name) => connectLines(t, node.address, { channel: "room", name })));
    for (let n = 0; n < each; n++) for (const [i, peer] of peers.entries()) peer.say(`${names[i]}/${n + 1}`);
    const total = names.length * each;
    await Promise.all(peers.map((peer) => peer.hears(total)));
    const log = await lateJoiner(t, node, "room", total);
    for (const [i, peer] of peers.entries()) {
      assert.equal(processed(peer), texts(names[i]!, each));
      assert.equal(
        fromOthers(peer),
        log.filter((line) => !line.startsWith(`${names[i]}/`)),
      );
    }
    const late = await connectLines(t, node.address, { channel: "room", replay: "all" });
    await late.hears(total);
    assert.equal(late.lines, log);
  });

  test(`P-10 P-24 ${kind}: native and BiStream peers on one channel hear one order, early and late`, async (t) => {
    const node = await startNode(t, { buffer: await open(t) });
    const native = await connectPeer(t, node.address, { name: "ann" });
    await native.subscribe("room");
    const line = await connectLines(t, node.address, { channel: "room", name: "bob" });
    for (let n = 0; n < each; n++) {
      native.publish("room", [`ann/${n + 1}`]);
      line.say(`bob/${n + 1}`);
    }
    const heard = await native.hears("room", 2 * each);
    await line.hears(2 * each);
    const log = textsOf(heard);
    assert.equal(await lateJoiner(t, node, "room", 2 * each), log);
    assert.equal(
      fromOthers(line),
      log.filter((text) => text.startsWith("ann/")),
    );
    assert.equal(processed(line), texts("bob", each));
    assert.is(heard.find((message) => message.text === "bob/1")!.publisher, "bob");
    const late = await connectLines(t, node.address, { channel: "room", replay: "all" });
    await late.hears(2 * each);
    assert.equal(late.lines, log);
    native.publish("room", ["live"]);
    await late.hears(2 * each + 1);
    assert.is(late.lines.at(-1), "live");
  });
}

test.run();
