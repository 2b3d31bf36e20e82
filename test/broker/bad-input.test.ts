// Input that nobody should send: an error for whoever sends it, nothing for the others, and nothing left of it.
import { randomBytes } from "node:crypto";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { status } from "@grpc/grpc-js";
import { encodeHello, encodePublish, encodeSubscribe, encodeUnsubscribe } from "../../src/wire/client-frame.js";
import { MiB } from "../../src/wire/limits.js";
import { assert, suite, type T, until } from "../harness.js";
import { frame, lenField, varintField } from "../wire/encoding.js";
import { callPublish } from "./calls.js";
import { startNode, type TestNode } from "./node.js";
import { clientOf, connectPeer, encodeTexts, newProducer, openStream, type Peer, texts, textsOf } from "./peer.js";

const test = suite("bad input");

/** A node with two peers that talk to each other and must notice nothing. */
async function withOthers(t: T, options: Parameters<typeof startNode>[1] = {}) {
  const node = await startNode(t, options);
  const [speaker, hearer] = [await connectPeer(t, node.address), await connectPeer(t, node.address)];
  await hearer.subscribe("others");
  let said = 0;
  const undisturbed = async () => {
    const before = performance.now();
    speaker.publish("others", [`m/${++said}`]);
    assert.equal(textsOf(await hearer.hears("others", said)), texts("m", said));
    assert.ok(performance.now() - before < 10_000, "without delay");
    assert.equal(
      [hearer.all("error"), speaker.all("error"), hearer.ended, speaker.ended],
      [[], [], undefined, undefined],
    );
  };
  /** Nothing is left but the two. */
  const alone = async () => {
    await until(async () => (await node.admin.sessions()).length === 2, "the guilty have gone");
    await until(() => node.buffer.watchers.size === 1, "their channels have gone");
  };
  return { node, undisturbed, alone };
}

const hello = (version: number, name: string | Buffer, producer: Buffer) =>
  frame([{ field: 1, content: Buffer.concat([varintField(1, version), lenField(2, name), lenField(3, producer)]) }]);

test("P-1 a stream that does not begin with a good hello is ended, with the reason", async (t) => {
  const { node, undisturbed, alone } = await withOthers(t);
  const none = Buffer.alloc(0);
  const cases: [what: string, frames: Buffer[], code: string, status: status][] = [
    ["garbage", [Buffer.from("GET / HTTP/1.1\r\n\r\n")], "malformed", status.INVALID_ARGUMENT],
    ["random bytes", [Buffer.from("c3a5b7f1e4d2908f7e6d5c4b", "hex")], "malformed", status.INVALID_ARGUMENT],
    ["another item first", [encodeSubscribe("c", { from: "new" })], "protocol_violation", status.FAILED_PRECONDITION],
    ["version 0", [hello(0, "", none)], "unsupported_version", status.FAILED_PRECONDITION],
    ["version 2", [hello(2, "", none)], "unsupported_version", status.FAILED_PRECONDITION],
    ["a long name", [hello(1, "n".repeat(65), none)], "invalid_argument", status.INVALID_ARGUMENT],
    ["a name of control characters", [hello(1, "a\u0007b", none)], "invalid_argument", status.INVALID_ARGUMENT],
    ["a name that is no text", [hello(1, Buffer.from([0x61, 0xff]), none)], "malformed", status.INVALID_ARGUMENT],
    ["a short producer", [hello(1, "", randomBytes(7))], "invalid_argument", status.INVALID_ARGUMENT],
    ["a long producer", [hello(1, "", randomBytes(65))], "invalid_argument", status.INVALID_ARGUMENT],
    [
      "a name of 4 GiB, as it says",
      [frame([{ field: 1, content: Buffer.from("12ffffffff0f6161", "hex") }])],
      "malformed",
      status.INVALID_ARGUMENT,
    ],
    [
      "garbage, then a good hello",
      [Buffer.from([0xff]), encodeHello("late", none)],
      "malformed",
      status.INVALID_ARGUMENT,
    ],
  ];
  for (const [what, frames, code, number] of cases) {
    const peer = openStream(t, node.address);
    peer.send(...frames);
    const ended = await peer.end();
    assert.equal([ended.code, ended.status], [code, number], `${what}: ${ended.details}`);
    assert.equal(peer.items, [], what);
  }
  const silent = openStream(t, node.address);
  silent.halfClose();
  assert.is((await silent.end()).code, "protocol_violation");
  await undisturbed();
  await alone();
});

test("P-1 P-3 after the hello bad frames are answered, and the stream goes on", async (t) => {
  const { node, undisturbed, alone } = await withOthers(t);
  const peer = await connectPeer(t, node.address, { producer: newProducer() });
  const bad: [what: string, frame: Buffer, code: string][] = [
    ["garbage", Buffer.from("\u0000garbage"), "malformed"],
    ["half a frame", encodePublish("c", 1, encodeTexts(["x"])).subarray(0, -1), "malformed"],
    ["an empty item", lenField(1, ""), "malformed"],
    ["an unknown item", frame([{ field: 12, content: Buffer.from("x") }]), "malformed"],
    [
      "a length of 4 GiB in a channel name",
      frame([{ field: 4, content: Buffer.from("0affffffff0f616263", "hex") }]),
      "malformed",
    ],
    ["a second hello", encodeHello("again", Buffer.alloc(0)), "protocol_violation"],
    [
      "a start beyond 2^53",
      frame([
        {
          field: 3,
          content: Buffer.concat([lenField(1, "c"), lenField(2, Buffer.from("18ffffffffffffffffff01", "hex"))]),
        },
      ]),
      "malformed",
    ],
  ];
  for (const [what, bytes, code] of bad) {
    peer.send(bytes);
    assert.is((await peer.refused()).code, code, what);
  }
  await peer.published("c", ["still here"], 1);
  assert.is(peer.all("welcome").length, 1);
  await undisturbed();
  peer.cancel();
  await alone();
});

test(
  "random frames by the hundred are answered or taken, and the node lives",
  async (t) => {
    const { node, undisturbed, alone } = await withOthers(t);
    const peer = await connectPeer(t, node.address);
    const valid = [
      encodePublish("c", 0, encodeTexts(["x", "y"])),
      encodeSubscribe("c", { from: "last", count: 1 }),
      encodeUnsubscribe("c"),
    ];
    for (let i = 0; i < 600; i++) {
      const bytes = i % 3 === 0 ? randomBytes(i % 50) : Buffer.from(valid[i % valid.length]!);
      if (i % 3 !== 0) bytes[i % bytes.length] = i % 256;
      peer.send(bytes);
    }
    await peer.published("c", ["still here"]);
    await undisturbed();
    peer.cancel();
    await alone();
  },
  { timeoutMs: 60_000 },
);

test("a frame larger than any that is allowed ends the stream of whoever sent it", async (t) => {
  const { node, undisturbed, alone } = await withOthers(t);
  const peer = await connectPeer(t, node.address);
  peer.send(Buffer.alloc(5 * MiB));
  assert.is((await peer.end()).status, status.RESOURCE_EXHAUSTED);
  await undisturbed();
  await alone();
});

test(
  "P-19 10,000 subscriptions on one stream: those beyond the limit are refused, each by its channel",
  async (t) => {
    const { node, undisturbed, alone } = await withOthers(t);
    const peer = await connectPeer(t, node.address);
    const channels = Array.from({ length: 10_000 }, (_, i) => `room.${i}`);
    for (let i = 0; i < channels.length; i += 500) {
      peer.send(Buffer.concat(channels.slice(i, i + 500).map((channel) => encodeSubscribe(channel, { from: "new" }))));
    }
    await undisturbed();
    await peer.gets("subscribed", 1_000);
    const errors = await peer.gets("error", 9_000);
    assert.equal(
      peer
        .all("subscribed")
        .map(({ channel }) => channel)
        .sort(),
      channels.slice(0, 1_000).sort(),
    );
    assert.equal(
      errors.map(({ channel }) => channel),
      channels.slice(1_000),
    );
    assert.ok(errors.every(({ code }) => code === "too_many_subscriptions"));
    assert.equal(
      (await node.admin.channels()).channelsList.map((info) => info.channel),
      ["others"],
    );
    await undisturbed();
    const others = await connectPeer(t, node.address);
    await others.subscribe("room.5000");
    others.cancel();
    peer.cancel();
    await alone();
  },
  { timeoutMs: 60_000 },
);

test(
  "a frame of very many small items does not hold up the others",
  async (t) => {
    const { node, undisturbed, alone } = await withOthers(t);
    const peer = await connectPeer(t, node.address);
    for (const item of [encodeUnsubscribe("c"), encodePublish("c", 0, encodeTexts([""])), encodePublish("c", 0, [])]) {
      peer.send(Buffer.alloc(2 * MiB, item).subarray(0, Math.floor((2 * MiB) / item.length) * item.length));
      await undisturbed();
    }
    await until(
      () => peer.all("error").filter(({ code }) => code === "protocol_violation").length === 3,
      "each frame is refused at some item",
    );
    peer.cancel();
    await undisturbed();
    await alone();
  },
  { timeoutMs: 60_000 },
);

/** Sends bytes to a method as one gRPC message, whatever the method expects. */
function callRaw(t: T, node: TestNode, path: string, bytes: Buffer): Promise<status> {
  const identity = (value: Buffer) => value;
  return new Promise((resolve) => {
    clientOf(t, node.address).makeUnaryRequest(path, identity, identity, bytes, (error) =>
      resolve(error?.code ?? status.OK),
    );
  });
}

test("P-23 every call refuses garbage, and lengths that are only claimed, at once", async (t) => {
  const { node, undisturbed, alone } = await withOthers(t);
  const methods = ["Broker/Publish", "Broker/PublishStream", "Broker/Subscribe", "Broker/History"]
    .concat(["Admin/ListChannels", "Admin/GetChannel", "Admin/ListSessions"])
    .map((method) => `/reprise.v1.${method}`);
  const claims = ["0affffffff0f616263", "12ffffffff0f616263", "0a0a0affffffff0f616263", "120632ffffff7f61", "7fff"];
  for (const path of methods) {
    for (const claim of claims) {
      const before = performance.now();
      const code = await callRaw(t, node, path, Buffer.from(claim, "hex"));
      // What is garbage to one is an unknown field to another.
      assert.ok(code === status.INVALID_ARGUMENT || path.includes("Admin"), `${path} ${claim}: ${status[code]}`);
      assert.ok(code !== status.INTERNAL && code !== status.UNKNOWN, `${path} ${claim}: ${status[code]}`);
      assert.ok(performance.now() - before < 10_000, `${path} ${claim} took long`);
    }
    await undisturbed();
  }
  const lines = await callRaw(t, node, "/stream.StreamService/BiStream", Buffer.from(claims[0]!, "hex"));
  assert.ok(lines !== status.INTERNAL, status[lines]);
  await undisturbed();
  await alone();
});

/** Closes with the test. */
function socketTo(t: T, address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(address.split(":")[1]), "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
    socket.on("error", () => undefined);
    t.after(() => socket.destroy());
  });
}

test("200 connections that say nothing, and some that say something else, disturb nobody", async (t) => {
  const { node, undisturbed, alone } = await withOthers(t);
  const sockets = await Promise.all(Array.from({ length: 200 }, () => socketTo(t, node.address)));
  await undisturbed();
  for (const [i, socket] of sockets.entries()) {
    if (i % 4 === 0) socket.write(randomBytes(100));
    if (i % 4 === 1) socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    if (i % 4 === 2) socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  }
  await undisturbed();
  for (const [i, socket] of sockets.entries()) {
    if (i % 2 === 0) socket.resetAndDestroy();
    else socket.end();
  }
  await undisturbed();
  await alone();
});

/** An HTTP/2 connection to the node. */
async function http2To(t: T, address: string): Promise<ClientHttp2Session> {
  const session = connectHttp2(`http://${address}`);
  t.after(() => session.destroy());
  session.on("error", () => undefined);
  await new Promise<void>((resolve) => session.once("connect", () => resolve()));
  return session;
}

test("streams that are reset, cut off in a message, or ended in the middle leave nothing behind", async (t) => {
  const { node, undisturbed, alone } = await withOthers(t);
  const headers = {
    ":method": "POST",
    ":path": "/reprise.v1.Broker/Connect",
    "content-type": "application/grpc",
    te: "trailers",
  };
  const framed = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, 0, bytes.length]), bytes]);
  const greeting = framed(encodeHello("raw", Buffer.alloc(0)));
  for (let i = 0; i < 20; i++) {
    const session = await http2To(t, node.address);
    const stream = session.request(headers);
    stream.on("error", () => undefined);
    if (i % 5 > 0) stream.write(greeting);
    if (i % 5 === 2) stream.write(framed(encodeSubscribe("c", { from: "new" })));
    if (i % 5 === 3) stream.write(greeting.subarray(0, 7));
    if (i % 5 > 0) await new Promise((resolve) => stream.once("response", resolve));
    if (i % 2 === 0) session.destroy();
    else stream.close(8);
  }
  await undisturbed();
  await alone();
});

test("a peer that vanishes with its connection is forgotten, with what it was subscribed to and had under way", async (t) => {
  const { node, undisturbed, alone } = await withOthers(t);
  await callPublish(t, node.address, "c", ["x".repeat(100_000)]);
  const peers: Peer[] = [];
  for (let i = 0; i < 20; i++) {
    const peer = await connectPeer(t, node.address);
    peer.pause();
    for (const channel of ["c", "d", `own.${i}`]) peer.send(encodeSubscribe(channel, { from: "earliest" }));
    peers.push(peer);
  }
  const subscribed = async () =>
    (await node.admin.sessions()).filter((info) => info.subscriptionsList.length === 3).length;
  await until(async () => (await subscribed()) === peers.length, "they are subscribed");
  for (const peer of peers) {
    peer.publish("c", ["last words"]);
    peer.cancel();
  }
  await undisturbed();
  await alone();
});

test.run();
