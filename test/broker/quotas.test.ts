// Limits of a node beside the floods against them (floods.test.ts): with TLS, with our client, and what they are made of.

import type { ServiceError } from "@grpc/grpc-js";
import { networkOf } from "../../src/broker/gate.js";
import { defaultQuotas } from "../../src/broker/quotas.js";
import { Rate } from "../../src/broker/rate.js";
import { startShedding } from "../../src/broker/shedding.js";
import { connect } from "../../src/client/index.js";
import { retryAfterKey } from "../../src/wire/errors.js";
import { makeCertificates } from "../certificates.js";
import { assert, suite, until } from "../harness.js";
import { collect } from "../log.js";
import { open, startTls, trusting, works } from "../tls/node.js";
import { embedded } from "./buffers.js";
import { callHistory, openImport, publishRequest } from "./calls.js";
import { silent } from "./connections.js";
import { startNode } from "./node.js";
import { clientOf, connectPeer, endedOf, texts } from "./peer.js";
import { testBroker, testSink } from "./sink.js";

const test = suite("quotas");

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
