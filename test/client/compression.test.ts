// The client's `compression`: what it saves on the line, nodes that do not know of it, and nodes that mean ill.
import { randomBytes } from "node:crypto";
import { type Bus, type ConnectOptions, connect, RepriseError } from "../../src/client/index.js";
import { encodeBatch } from "../../src/wire/batch.js";
import { readClientFrame } from "../../src/wire/client-frame.js";
import { encodeCompressed, maxInflatedBytes } from "../../src/wire/compressed.js";
import { MiB } from "../../src/wire/limits.js";
import { encodeSubscribed } from "../../src/wire/server-item.js";
import { bomb, peakMemory } from "../bomb.js";
import { assert, suite, type T } from "../harness.js";
import { elements, frame, lenField, varintField } from "../wire/encoding.js";
import { startNode } from "./node.js";
import { startProxy } from "./proxy.js";
import { startScripted, welcome } from "./scripted.js";

const test = suite("client compression");

async function open(t: T, address: string, options: ConnectOptions = {}): Promise<Bus> {
  const bus = await connect(address, { ...options, discover: false });
  t.after(() => bus.close({ timeoutMs: 0 }));
  return bus;
}

const line = (i: number) => `${i} a line of a log, which is much like the lines before it and after it`;
const count = 3_000;

/** Publishes and hears the lines by way of a proxy, and tells what passed it. */
async function roundTrip(t: T, compression: ConnectOptions["compression"]) {
  const node = await startNode(t);
  const proxy = await startProxy(t, node.address);
  const bus = await open(t, proxy.address, { compression });
  const subscription = bus.subscribe("c");
  await subscription.ready;
  void Promise.all(Array.from({ length: count }, (_, i) => bus.publish("c", line(i + 1))));
  let next = 1;
  for await (const message of subscription) {
    assert.equal([message.offset, message.text], [next, line(next)]);
    if (next++ === count) break;
  }
  return { sent: proxy.sent, received: proxy.received };
}

test("each direction by itself, or both", async (t) => {
  const plain = await roundTrip(t, false);
  const both = await roundTrip(t, true);
  const publish = await roundTrip(t, "publish");
  const subscribe = await roundTrip(t, "subscribe");
  const text = JSON.stringify({ plain, both, publish, subscribe });
  for (const { sent } of [both, publish]) assert.ok(sent < plain.sent / 3, text);
  for (const { received } of [both, subscribe]) assert.ok(received < plain.received / 2, text);
  assert.ok(publish.received > plain.received / 2 && subscribe.sent > plain.sent / 2, text);
});

test("goes on over disconnections, in the middle of what is compressed", async (t) => {
  const node = await startNode(t);
  const proxy = await startProxy(t, node.address);
  const bus = await open(t, proxy.address, { compression: true, backoff: { baseMs: 1, capMs: 20 } });
  const iterator = bus.subscribe("c", { from: "earliest" })[Symbol.asyncIterator]();
  let next = 1;
  for (let round = 0; round < 20; round++) {
    const published = Array.from({ length: 100 }, (_, i) => bus.publish("c", line(next + i)));
    if (round % 4 === 3) proxy.cut();
    for (let i = 0; i < 100; i++, next++) {
      const { value } = await iterator.next();
      assert.equal([value!.offset, value!.text], [next, line(next)]);
      if (i === 50 && round % 4 === 1) proxy.cut();
    }
    await Promise.all(published);
  }
  assert.ok(proxy.connections > 2);
});

const batch = encodeBatch(
  "c",
  { epoch: 1, first: 1, count: 100, storedAt: 5 },
  elements(Array.from({ length: 100 }, (_, i) => lenField(1, line(i + 1)))),
);

test("P-36 a node that does not know of it sends batches, and nothing is missed", async (t) => {
  let asked: unknown;
  const address = await startScripted(t, (call) => {
    call.on("data", (bytes: Buffer) => {
      asked ??= [...readClientFrame(bytes)].find((item) => item.kind === "subscribe");
      call.write(encodeSubscribed("c", { epoch: 1, offset: 0 }, { epoch: 1, offset: 100 }));
      call.write(batch);
    });
    call.write(welcome());
  });
  const bus = await open(t, address, { compression: "subscribe" });
  const heard: string[] = [];
  for await (const message of bus.subscribe("c")) if (heard.push(message.text) === 100) break;
  assert.equal(heard[99], line(100));
  assert.equal(asked, { kind: "subscribe", channel: "c", start: { from: "new" }, compressed: true });
});

test("P-37 what a node sends as compressed, and is not, ends the connection as malformed", async (t) => {
  const item = (compression: number, size: number, deflated: Uint8Array) =>
    frame([
      { field: 16, content: Buffer.concat([varintField(1, compression), varintField(2, size), lenField(3, deflated)]) },
    ]);
  const zeros = await bomb("raw", 512);
  const compressed = encodeCompressed(batch)!;
  const cases: [string, Buffer][] = [
    ["a bomb", item(1, maxInflatedBytes, zeros)],
    ["a bomb that says so", item(1, 512 * MiB, zeros)],
    ["another algorithm", item(7, 100, randomBytes(100))],
    ["not compressed", item(1, 100, randomBytes(100))],
    // The item ends where the frame ends; what is cut off was never there.
    ["truncated", item(1, batch.length, compressed.subarray(20, compressed.length - 5))],
  ];
  for (const [what, bytes] of cases) {
    const address = await startScripted(t, (call) => {
      call.on("data", () => {
        call.write(encodeSubscribed("c", { epoch: 1, offset: 0 }, { epoch: 1, offset: 100 }));
        call.write(batch);
        call.write(bytes);
      });
      call.write(welcome());
    });
    const bus = await open(t, address, { compression: true });
    const before = peakMemory();
    const heard: string[] = [];
    let error: unknown;
    try {
      for await (const message of bus.subscribe("c")) heard.push(message.text);
    } catch (thrown) {
      error = thrown;
    }
    assert.ok(error instanceof RepriseError && error.code === "malformed", `${what}: ${error}`);
    assert.is(heard.length, 100, `${what}: what came before it is delivered`);
    assert.ok(peakMemory() - before < 32 * MiB, what);
  }
});

test("windowBytes has to be a window", async () => {
  for (const windowBytes of [0, 1_000, 2 ** 31, 1.5, Number.NaN]) {
    const error = await connect("127.0.0.1:1", { windowBytes }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof RepriseError && error.code === "invalid_argument", `${windowBytes}`);
  }
});

test.run();
