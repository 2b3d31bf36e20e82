// A consumer that does not consume: bounded memory here, nothing lost, and nobody else waits for it.
import { type Bus, connect } from "../../src/client/index.js";
import { KiB, MiB } from "../../src/wire/limits.js";
import { assert, suite, type T, until } from "../harness.js";
import { startNode } from "./node.js";
import { startProxy } from "./proxy.js";

const test = suite("client back-pressure");

const messages = 40_000;
const messageBytes = 1 * KiB;
const bufferBytes = 512 * KiB;

/** What may have left the node before it learns that nobody wants it: the HTTP/2 window and its own queue. */
const onTheWay = 3 * MiB;

async function open(t: T, address: string): Promise<Bus> {
  const bus = await connect(address, { bufferBytes });
  t.after(() => bus.close({ timeoutMs: 0 }));
  return bus;
}

/** Fills a channel with 40 MiB. */
async function flood(bus: Bus, channel: string): Promise<void> {
  const data = Buffer.alloc(messageBytes, "x");
  for (let i = 0; i < messages; i += 2_000) {
    await Promise.all(Array.from({ length: 2_000 }, () => bus.publish(channel, data)));
  }
}

test(
  "a consumer that stands still receives no more than it may keep, and all of it later",
  async (t) => {
    const node = await startNode(t);
    const proxy = await startProxy(t, node.address);
    await flood(await open(t, node.address), "big");
    const bus = await open(t, proxy.address);
    const subscription = bus.subscribe("big", { from: "earliest" });
    const iterator = subscription[Symbol.asyncIterator]();
    assert.is((await iterator.next()).value!.offset, 1);

    // Others go on meanwhile: acknowledgements and other channels on the same stream.
    const other = bus.subscribe("other", { from: "earliest" });
    await bus.publish("other", "still alive");
    for await (const message of other) {
      assert.is(message.text, "still alive");
      break;
    }
    await until(async () => (await bus.channel("big")).subscribers === 0, "the node was told to wait");
    const { received } = proxy;
    assert.ok(received < bufferBytes + onTheWay, `received ${received} bytes`);

    let next = 2;
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
      assert.is(step.value.offset, next++);
      if (step.value.offset === messages) break;
    }
    assert.ok(proxy.received > messages * messageBytes);
  },
  { timeoutMs: 60_000 },
);

test(
  "many slow consumers share the bound",
  async (t) => {
    const node = await startNode(t);
    const proxy = await startProxy(t, node.address);
    const publisher = await open(t, node.address);
    const channels = ["a", "b", "c", "d"];
    for (const channel of channels) await flood(publisher, channel);
    const bus = await open(t, proxy.address);
    for (const channel of channels) await bus.subscribe(channel, { from: "earliest" }).ready;
    const isLetGo = async (channel: string) => (await bus.channel(channel)).subscribers === 0;
    await until(async () => (await Promise.all(channels.map(isLetGo))).every(Boolean), "the node was told to wait");
    assert.ok(proxy.received < bufferBytes + channels.length * onTheWay, `received ${proxy.received} bytes`);
  },
  { timeoutMs: 60_000 },
);

test.run();
