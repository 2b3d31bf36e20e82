// Quotas that are set while a node runs hold for those who are connected, and end nothing that there is.
import { connect as connectTcp } from "node:net";
import { encodeHello, encodePublish } from "../../src/wire/client-frame.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite, type T, until } from "../harness.js";
import { callPublish, publishRequest, refusalOf } from "./calls.js";
import { startNode, type TestNode } from "./node.js";
import { clientOf, connectPeer, encodeTexts, endedOf, openStream, type Peer, texts } from "./peer.js";

const busy = { timeoutMs: 120_000 };

const test = suite("quotas that change");

const answered = (peer: Peer) => peer.all("published", "c").reduce((sum, { count }) => sum + count, 0);

async function helloRefused(t: T, { address }: TestNode): Promise<string> {
  const stream = openStream(t, address);
  stream.send(encodeHello("", Buffer.alloc(0)));
  return (await stream.end()).code;
}

test(
  "rates: a session without a bound gets one; one that owes minutes by it is read again when there is none",
  async (t) => {
    const node = await startNode(t);
    const peer = await connectPeer(t, node.address);
    await peer.published("c", ["before"]);
    node.node.setQuotas({ messages: 1 });
    const { limited } = await node.node.vitals();
    assert.is(limited.get("messages"), 0);
    peer.send(...texts("m", 300).map((text) => encodePublish("c", 0, encodeTexts([text]))));
    await until(async () => (await node.node.vitals()).limited.get("messages") === 1, "it is held up");
    assert.ok(answered(peer) < 300);
    node.node.setQuotas({});
    await until(() => answered(peer) === 301, "all are stored");
    // Calls go by the same, those of a connection together.
    const client = clientOf(t, node.address);
    const request = Buffer.from(publishRequest("d", texts("m", 5)).serializeBinary());
    const call = () =>
      new Promise<string>((resolve) => {
        const same = (bytes: Buffer) => bytes;
        client.makeUnaryRequest("/reprise.v1.Broker/Publish", same, same, request, (error) =>
          resolve(error === null ? "" : endedOf(error).code),
        );
      });
    assert.is(await call(), "");
    node.node.setQuotas({ messages: 1 });
    assert.equal([await call(), await call()], ["", "limit_reached"]);
    node.node.setQuotas({});
    assert.is(await call(), "");
  },
  busy,
);

test(
  "counts: nothing that there is too much of is ended, and nothing is added",
  async (t) => {
    const node = await startNode(t);
    const peers = await Promise.all([1, 2, 3].map(() => connectPeer(t, node.address)));
    for (const [i, peer] of peers.entries()) await peer.published(`c${i}`, ["1"]);
    node.node.setQuotas({ sessions: 2, channels: 2 });
    assert.is(await helloRefused(t, node), "limit_reached");
    for (const [i, peer] of peers.entries()) await peer.published(`c${i}`, ["2"]);
    peers[0]!.publish("d", ["1"]);
    assert.is((await peers[0]!.refused()).code, "limit_reached");
    node.node.setQuotas({ sessions: 4, channels: 4 });
    const fourth = await connectPeer(t, node.address);
    await fourth.published("d", ["1"]);
    fourth.publish("e", ["1"]);
    assert.is((await fourth.refused()).code, "limit_reached");

    node.node.setQuotas({ connectionsPerAddress: 1 });
    const [host, port] = node.address.split(":");
    const socket = connectTcp(Number(port), host).on("error", () => {});
    t.after(() => socket.destroy());
    await until(() => socket.closed, "another connection is turned away");
    assert.throws(
      () => node.node.setQuotas({ sessions: 0 }),
      (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "invalid_argument",
    );
    node.node.setQuotas({});
    const fifth = await connectPeer(t, node.address);
    await fifth.published("e", ["1"]);
  },
  busy,
);

test(
  "memory: a node sheds load as soon as it is told how much it may use, and stops when it may use more",
  async (t) => {
    const node = await startNode(t);
    const publish = () => callPublish(t, node.address, "c", ["x"]);
    const works = () =>
      publish().then(
        () => true,
        () => false,
      );
    await publish();
    node.node.setQuotas({ memory: 1 });
    await until(async () => !(await works()), "it is short of memory");
    assert.match((await refusalOf(publish())).message, "short of memory");
    node.node.setQuotas({});
    await until(works, "it is not any more");
  },
  busy,
);

test.run();
