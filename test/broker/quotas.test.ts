// Limits of a node: what becomes of those who would pass one, and that nobody else notices.

import { connect as connectTcp, type Socket } from "node:net";
import type { ServiceError } from "@grpc/grpc-js";
import { networkOf } from "../../src/broker/gate.js";
import { defaultQuotas, nameOf, type Quota } from "../../src/broker/quotas.js";
import { Rate } from "../../src/broker/rate.js";
import { startShedding } from "../../src/broker/shedding.js";
import { connect } from "../../src/client/index.js";
import { encodeHello, encodePublish } from "../../src/wire/client-frame.js";
import { retryAfterKey } from "../../src/wire/errors.js";
import { MiB } from "../../src/wire/limits.js";
import { testGuard } from "../auth/guard.js";
import { makeCertificates } from "../certificates.js";
import { scrape, startGateway } from "../gateway/scrape.js";
import { assert, suite, type T, until } from "../harness.js";
import { collect } from "../log.js";
import { open, startTls, trusting, works } from "../tls/node.js";
import { embedded } from "./buffers.js";
import { callHistory, callPublish, openImport, publishRequest, Refused } from "./calls.js";
import { startNode, type TestNode } from "./node.js";
import {
  clientOf,
  connectPeer,
  encodeTexts,
  endedOf,
  openStream,
  type Peer,
  subscribeCall,
  texts,
  textsOf,
} from "./peer.js";
import { testBroker, testSink } from "./sink.js";

const test = suite("quotas");

const policy = `
  ada: { rules: [{ allow: all, channels: "*" }] }
  bob: { rules: [{ allow: all, channels: "*" }] }
`;

/** A connection that says nothing. */
async function silent(t: T, { address }: { address: string }): Promise<{ socket: Socket; closed: boolean }> {
  const [host, port] = address.split(":");
  const socket = connectTcp(Number(port), host);
  const connection = { socket, closed: false };
  socket
    .on("error", () => {})
    .on("close", () => {
      connection.closed = true;
    });
  socket.resume();
  t.after(() => socket.destroy());
  await until(() => !socket.connecting, "it is connected");
  return connection;
}

/** Somebody who publishes and hears, one message after the other, until it is stopped. */
async function others(t: T, node: TestNode, token?: string) {
  const [from, to] = await Promise.all([1, 2].map(() => connectPeer(t, node.address, token ? { token } : {})));
  await to!.subscribe("others");
  let count = 0;
  let stopped = false;
  const going = (async () => {
    while (!stopped) {
      await from!.published("others", [`${++count}`]);
      await to!.hears("others", count);
    }
  })();
  return async () => {
    const before = count;
    await until(() => count >= before + 20, "the others go on");
    stopped = true;
    await going;
    assert.equal(
      textsOf(to!.heard("others")),
      Array.from({ length: count }, (_, i) => `${i + 1}`),
    );
  };
}

async function limited(url: string, limit: Quota): Promise<number> {
  return (await scrape(url)).value("reprise_limited_total", { limit: nameOf(limit) })!;
}

for (const quota of ["connections", "connectionsPerAddress"] as const) {
  test(`P-47 ${quota}: one more is closed at once, the log says it once, the others go on; one that leaves makes room`, async (t) => {
    const { node, url } = await startGateway(t, { quotas: { [quota]: 8 } });
    // It has a connection from now on, and the others two.
    await node.admin.channels();
    const goOn = await others(t, node);
    const held = await Promise.all([1, 2, 3].map(() => silent(t, node)));
    const flood = await Promise.all(Array.from({ length: 50 }, () => silent(t, node)));
    await until(() => flood.filter(({ closed }) => closed).length >= 47, "they are turned away");
    await goOn();
    assert.ok(held.every(({ closed }) => !closed));
    assert.ok((await limited(url, quota)) >= 47);
    assert.is(
      node.lines.filter((line) => line.startsWith(`limit reached: ${nameOf(quota)} peer=127.0.0.1 `)).length,
      1,
    );
    for (const { socket } of [...held, ...flood]) socket.destroy();
    await until(async () => !(await connectable(t, node)).closed, "there is room again");
  });
}

/** Whether it lives for as long as another call takes. */
async function connectable(t: T, node: TestNode) {
  const connection = await silent(t, node);
  await node.admin.channels();
  return connection;
}

test("P-47 with TLS too: who is turned away is so before the handshake, and who leaves makes room", async (t) => {
  const certificates = await makeCertificates(t);
  const node = await startTls(t, certificates.server, { quotas: { connections: 2 } });
  const [first, second] = await Promise.all([1, 2].map(() => open(t, node.address, trusting(certificates))));
  const third = await silent(t, node);
  await until(() => third.closed, "it is turned away");
  assert.is((await node.vitals()).limited.get("connections"), 1);
  await works(first!);
  await second!.close();
  await works(await open(t, node.address, trusting(certificates), { timeoutMs: 20_000 }));
});

test("P-47 with TLS too: an unused connection is closed, a used one is not", async (t) => {
  const certificates = await makeCertificates(t);
  const node = await startTls(t, certificates.server, { quotas: { unusedMs: 300 } });
  const bus = await open(t, node.address, trusting(certificates));
  const before = bus.state;
  for (let i = 0; i < 2; i++) {
    const unused = await silent(t, node);
    await until(() => unused.closed, "it is closed");
  }
  await works(bus);
  assert.equal(bus.state, before, "it is the same connection");
});

for (const quota of ["handshakes", "handshakesPerAddress"] as const) {
  test(`P-47 ${quota}: so many in a second, and then again`, async (t) => {
    const { node, url } = await startGateway(t, { quotas: { [quota]: 20 } });
    await node.admin.channels();
    const goOn = await others(t, node);
    const flood = await Promise.all(Array.from({ length: 60 }, () => silent(t, node)));
    await until(() => flood.filter(({ closed }) => closed).length >= 30, "some are turned away");
    await goOn();
    assert.ok((await limited(url, quota)) >= 30);
    await until(async () => !(await connectable(t, node)).closed, "it passes");
  });
}

test("P-47 a connection without a call is closed after its time, one with a refused call too; used ones stay", async (t) => {
  const guard = testGuard(t, policy);
  const node = await startNode(t, { guard: guard.guard, token: guard.root, quotas: { unusedMs: 500 } });
  const idle = await silent(t, node);
  const used = await connectPeer(t, node.address, { token: guard.root });
  const stranger = openStream(t, node.address, "nobody");
  assert.is((await stranger.end()).code, "unauthenticated");
  await until(() => idle.closed, "it is closed");
  await until(async () => (await node.node.vitals()).limited.get("unused") === 2, "both are");
  await until(() => node.lines.some((line) => line.startsWith("limit reached: unused")), "it is logged");
  await used.published("c", ["still here"]);
});

test("P-45 sessions: one more is refused whichever way it comes, and told when to come again; the others go on", async (t) => {
  const { node, url } = await startGateway(t, { quotas: { sessions: 3 } });
  const goOn = await others(t, node);
  const third = await connectPeer(t, node.address);
  for (let i = 0; i < 20; i++) {
    const stream = openStream(t, node.address);
    stream.send(encodeHello("", Buffer.alloc(0)));
    const { code, retryAfterMs } = await stream.end();
    assert.equal([code, retryAfterMs], ["limit_reached", 2_000]);
  }
  assert.is((await subscribeCall(t, node.address, { c: { from: "new" } }).end()).code, "limit_reached");
  await goOn();
  assert.is(await limited(url, "sessions"), 21);
  third.cancel();
  await until(async () => (await node.admin.sessions()).length === 2, "it has gone");
  await connectPeer(t, node.address);
});

test("P-45 our client waits as long as the node says, and then it is in", async (t) => {
  const node = await startNode(t, { quotas: { sessions: 1 } });
  const first = await connectPeer(t, node.address);
  const began = performance.now();
  const connecting = connect(node.address, { timeoutMs: 20_000 });
  await until(async () => (await node.node.vitals()).limited.get("sessions") === 1, "it was refused");
  first.cancel();
  const bus = await connecting;
  t.after(() => bus.close({ timeoutMs: 0 }));
  assert.ok(performance.now() - began >= 1_900, "not before");
  assert.is((await node.node.vitals()).limited.get("sessions"), 1);
});

test("P-45 sessions and connections of one identity are limited, and those of another are not", async (t) => {
  const guard = testGuard(t, policy);
  const quotas = { sessionsPerIdentity: 2, connectionsPerIdentity: 4 };
  const node = await startNode(t, { guard: guard.guard, token: guard.root, quotas });
  const [ada, bob] = [guard.tokenOf("ada"), guard.tokenOf("bob")];
  await guard.changed();
  const own = await Promise.all([1, 2].map(() => connectPeer(t, node.address, { token: ada })));
  const refused = async (what: string) => {
    const stream = openStream(t, node.address, ada);
    stream.send(encodeHello("", Buffer.alloc(0)));
    const ended = await stream.end();
    assert.equal([ended.code, ended.retryAfterMs], ["limit_reached", 2_000]);
    assert.match(ended.details, what);
  };
  await refused("ada has 2 sessions");
  await refused("ada has 2 sessions");
  await refused("ada has 4 connections");
  const other = await connectPeer(t, node.address, { token: bob });
  await other.published("c", ["x"]);
  own[0]!.cancel();
  await until(async () => (await node.admin.sessions()).length === 2, "one has gone");
});

/** Publishes all at once. */
const flood = (peer: Peer, count: number, size: number) =>
  peer.send(...texts("m", count).map((text) => encodePublish("c", 0, encodeTexts([text.padEnd(size, ".")]))));

const answered = (peer: Peer) => peer.all("published", "c").reduce((sum, { count }) => sum + count, 0);

for (const [quota, quotas, size] of [
  ["messages", { messages: 100 }, 10],
  ["bytes", { bytes: 100_000 }, 990],
] as const) {
  test(`P-46 ${quota} a second: a flood is not read so fast, nothing of it is lost, the others go on`, async (t) => {
    const { node, url } = await startGateway(t, { quotas });
    // They keep within it.
    const peer = await connectPeer(t, node.address);
    const began = performance.now();
    flood(peer, 200, size);
    const other = await connectPeer(t, node.address);
    await other.subscribe("d");
    for (let i = 1; i <= 20; i++) {
      await other.published("d", [`${i}`]);
      await other.hears("d", i);
    }
    assert.ok(answered(peer) < 200, "the others did not wait for it");
    await until(() => answered(peer) === 200, "all are stored", 20_000);
    // The first second's worth came at once.
    assert.ok(performance.now() - began >= 800, `${performance.now() - began} ms`);
    assert.equal(peer.all("error"), []);
    assert.ok((await limited(url, quota)) >= 1);
  });
}

test("P-46 our client loses nothing by it, repeats nothing, and keeps the order", async (t) => {
  const node = await startNode(t, { quotas: { messages: 100 } });
  const bus = await connect(node.address);
  t.after(() => bus.close({ timeoutMs: 0 }));
  const contents = texts("m", 250);
  const began = performance.now();
  const publishes: ReturnType<typeof bus.publish>[] = [];
  for (const text of contents) {
    publishes.push(bus.publish("c", text));
    // Each its own frame.
    await new Promise(setImmediate);
  }
  const results = await Promise.all(publishes);
  assert.ok(performance.now() - began >= 800);
  assert.equal(
    results.map(({ position }) => position.offset),
    contents.map((_, i) => i + 1),
  );
  assert.equal((await callHistory(t, node.address, "c", { from: "earliest" }, 1_000)).texts, contents);
});

for (const [what, quotas, size] of [
  ["messages", { messagesPerIdentity: 100 }, 10],
  ["bytes", { bytesPerIdentity: 100_000 }, 980],
] as const) {
  test(`P-46 sessions of one identity share its rate of ${what}; another identity has its own`, async (t) => {
    const guard = testGuard(t, policy);
    const node = await startNode(t, { guard: guard.guard, token: guard.root, quotas });
    const [ada, bob] = [guard.tokenOf("ada"), guard.tokenOf("bob")];
    await guard.changed();
    const peers = await Promise.all([1, 2].map(() => connectPeer(t, node.address, { token: ada })));
    const began = performance.now();
    for (const peer of peers) flood(peer, 100, size);
    const other = await connectPeer(t, node.address, { token: bob });
    for (let i = 0; i < 20; i++) await other.published("d", [`${i}`]);
    await until(() => peers.every((peer) => answered(peer) === 100), "all are stored", 20_000);
    assert.ok(performance.now() - began >= 800);
  });
}

test("P-45 a Publish too fast is refused with the time to come again, and stored then; a PublishStream waits", async (t) => {
  const node = await startNode(t, { quotas: { messages: 50 } });
  const began = performance.now();
  const imported = openImport(t, node.address);
  for (let i = 0; i < 100; i++) imported.send("c", [`${i}`]);
  assert.is((await imported.finish()).messages, 100);
  assert.ok(performance.now() - began >= 800);
  const client = clientOf(t, node.address);
  const publish = (...texts: string[]) =>
    new Promise<Pick<ServiceError, "code" | "details" | "metadata"> | null>((resolve) => {
      const request = Buffer.from(publishRequest("d", texts).serializeBinary());
      const same = (bytes: Buffer) => bytes;
      client.makeUnaryRequest("/reprise.v1.Broker/Publish", same, same, request, (error) => resolve(error));
    });
  assert.is(await publish(...texts("m", 60)), null);
  const refused = await publish("refused");
  assert.is(endedOf(refused!).code, "limit_reached");
  const waitMs = Number(refused!.metadata.get(retryAfterKey)[0]);
  assert.ok(waitMs > 0 && waitMs <= 200, `${waitMs} ms`);
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  assert.is(await publish("again"), null);
  assert.is((await node.buffer.state("d"))!.next, 62);
});

test("P-46 more PublishStreams of one connection are allowed no more than one", async (t) => {
  const node = await startNode(t, { quotas: { messages: 100 } });
  const client = clientOf(t, node.address);
  const began = performance.now();
  const publishAll = () =>
    new Promise<void>((resolve, reject) => {
      const same = (bytes: Buffer) => bytes;
      const call = client.makeClientStreamRequest("/reprise.v1.Broker/PublishStream", same, same, (error) =>
        error === null ? resolve() : reject(error),
      );
      for (let i = 0; i < 30; i++) call.write(Buffer.from(publishRequest("c", [`${i}`]).serializeBinary()));
      call.end();
    });
  await Promise.all(Array.from({ length: 10 }, publishAll));
  assert.is((await node.buffer.state("c"))!.next, 301);
  // The first second's worth came at once; each of its own allowance, they would all have.
  assert.ok(performance.now() - began >= 1_500, `${performance.now() - began} ms`);
});

test("P-45 channels: one too many is refused, and those that there are go on", async (t) => {
  const { node, url } = await startGateway(t, { quotas: { channels: 3 } });
  const peer = await connectPeer(t, node.address);
  for (const channel of ["a", "b", "c"]) await peer.published(channel, ["1"]);
  for (let i = 0; i < 20; i++) {
    peer.publish(`d${i}`, ["1"]);
    const { code, retryable, channel, retryAfterMs } = await peer.refused();
    assert.equal([code, retryable, channel], ["limit_reached", true, `d${i}`]);
    assert.ok(retryAfterMs > 0 && retryAfterMs <= 60_000, `to be tried again in ${retryAfterMs} ms`);
  }
  const after = await connectPeer(t, node.address);
  for (const channel of ["a", "b", "c"]) await after.published(channel, ["2"]);
  assert.is((await node.admin.channels()).channelsList.length, 3);
  assert.is(await limited(url, "channels"), 20);
});

test("memory: nothing begins above it, the heaviest sessions go until it is enough, the others stay", async (t) => {
  const {
    broker,
    open: openSession,
    lines,
  } = testBroker(t, await embedded(t), { quotas: { ...defaultQuotas, memory: 100 } });
  const sinks = [testSink(false), testSink(false), testSink()];
  const sessions = sinks.map((sink) => openSession(sink));
  // Nobody takes a frame from the first two.
  for (const [i, bytes] of [50_000, 10_000, 0].entries()) if (bytes > 0) sessions[i]!.send(Buffer.alloc(bytes));
  const used = () => (sessions[0]!.closed ? 89 : 101);
  t.after(startShedding(broker, collect(lines), used, 20)!);
  await until(() => broker.overloaded, "it is noticed");
  assert.throws(() => broker.checkMemory(""), /short of memory/);
  await until(() => sessions[0]!.closed, "the heaviest goes");
  await until(() => !broker.overloaded, "it is over");
  broker.checkMemory("");
  assert.equal(
    sessions.map(({ closed }) => closed),
    [true, false, false],
  );
  assert.is(lines.filter((line) => line.startsWith("short of memory")).length, 1);
});

test("P-45 memory: a node that uses too much refuses sessions and publishes; a session that holds nothing goes on", async (t) => {
  const { heapUsed, external } = process.memoryUsage();
  const { node, url } = await startGateway(t, { quotas: { memory: heapUsed + external + 256 * MiB } });
  const [from, to] = await Promise.all([1, 2].map(() => connectPeer(t, node.address)));
  await to!.subscribe("c");
  const ballast = Buffer.alloc(512 * MiB);
  const isRefused = () =>
    callPublish(t, node.address, "d", ["x"]).then(
      () => false,
      (thrown) => thrown instanceof Refused && thrown.ended.code === "limit_reached",
    );
  await until(isRefused, "it is noticed");
  const stream = openStream(t, node.address);
  stream.send(encodeHello("", Buffer.alloc(0)));
  assert.equal((await stream.end()).code, "limit_reached");
  await from!.published("c", ["y"]);
  await to!.hears("c", 1);
  assert.ok((await limited(url, "memory")) >= 2);
  assert.is(ballast.length, 512 * MiB);
});

test("a rate gives a second's worth at once, then its mean; what was taken too much is waited for", () => {
  const rate = new Rate(10);
  rate.take(10, 0);
  assert.is(rate.waitMs(0), 0);
  rate.take(5, 0);
  assert.is(rate.waitMs(0), 500);
  assert.is(rate.waitMs(400), 100);
  assert.is(rate.isFresh(1_400), false);
  assert.is(rate.isFresh(1_500), true);
  // Nothing is saved up.
  rate.take(20, 100_000);
  assert.is(rate.waitMs(100_000), 1_000);
  const boundless = new Rate(Number.POSITIVE_INFINITY);
  boundless.take(1e9, 0);
  assert.is(boundless.waitMs(0), 0);
});

test("an address of IPv6 counts with its network", () => {
  assert.is(networkOf("10.0.0.1"), "10.0.0.1");
  assert.is(networkOf("::ffff:10.0.0.1"), "::ffff:10.0.0.1");
  assert.is(networkOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2");
  assert.is(networkOf("2001:db8:1:2::6"), "2001:db8:1:2");
  assert.is(networkOf("2001:db8::6"), "2001:db8:0:0");
  assert.is(networkOf("::1"), "0:0:0:0");
});

test.run();
