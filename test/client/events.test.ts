// What a subscription tells besides messages: events, and gaps as errors.

import { Events, type SubscriptionEvent } from "../../src/client/events.js";
import { after, type Bus, type ChannelGap, connect, RepriseError } from "../../src/client/index.js";
import type { SubscribeOptions } from "../../src/client/subscription.js";
import { Subscriptions } from "../../src/client/subscriptions.js";
import { encodeMessage } from "../../src/wire/message.js";
import type { Position } from "../../src/wire/position.js";
import { assert, suite, type T, until } from "../harness.js";
import { startNode } from "./node.js";
import { startProxy } from "./proxy.js";

const test = suite("client events");

/** Everything that the iteration yields, and what it throws. */
async function drain<E>(iteration: AsyncIterable<E>): Promise<{ all: E[]; error: unknown }> {
  const all: E[] = [];
  try {
    for await (const one of iteration) all.push(one);
  } catch (error) {
    return { all, error };
  }
  return { all, error: undefined };
}

async function open(t: T, address: string): Promise<Bus> {
  const bus = await connect(address, { backoff: { baseMs: 1, capMs: 10 } });
  t.after(() => bus.close({ timeoutMs: 0 }));
  return bus;
}

function warnings(t: T): Error[] {
  const seen: Error[] = [];
  const listener = (warning: Error) => seen.push(warning);
  process.on("warning", listener);
  t.after(() => process.off("warning", listener));
  return seen;
}

/** A subscription to "c" that is told what a node would tell. */
function scripted(options: SubscribeOptions = {}) {
  const subscriptions = new Subscriptions(1_000_000, undefined);
  const outlet = (node: string) => ({ node, send: () => {} });
  subscriptions.connected(outlet("one"));
  const subscription = subscriptions.open("c", { from: "earliest", ...options }, (message) => message);
  const position = (offset: number): Position => ({ epoch: 1, offset });
  return {
    subscriptions,
    subscription,
    subscribed: (from: number, head: number) =>
      subscriptions.item({ kind: "subscribed", channel: "c", position: position(from), head: position(head) }),
    messages(first: number, count: number) {
      const message = encodeMessage(Buffer.from("x"));
      const one = Buffer.concat([Buffer.from([0x7a, message.length]), message]);
      const messages = Buffer.concat(Array(count).fill(one));
      subscriptions.item({ kind: "batch", batch: { channel: "c", epoch: 1, first, count, storedAt: 0, messages } });
    },
    caughtUp: (offset: number) => subscriptions.item({ kind: "caughtUp", channel: "c", position: position(offset) }),
    gap: (from: number, to: number) =>
      subscriptions.item({
        kind: "gap",
        channel: "c",
        gap: { reason: "trimmed", from, to },
        position: position(to),
      }),
    heartbeat: (head?: number) =>
      void subscriptions.heartbeat(head === undefined ? [] : [{ channel: "c", position: position(head) }]),
    reconnect(node: string) {
      subscriptions.lost();
      subscriptions.connected(outlet(node));
    },
  };
}

test("every stream gets the events of its time, in their place between the messages", async () => {
  const { subscription, subscribed, messages, caughtUp, gap } = scripted();
  const first = subscription.events();
  subscribed(0, 4);
  messages(1, 1);
  gap(2, 3);
  messages(4, 1);
  caughtUp(4);
  const iterator = subscription[Symbol.asyncIterator]();
  await iterator.next();
  const second = subscription.events();
  await iterator.next();
  const third = subscription.events();
  setImmediate(() => subscription.close());
  assert.is((await iterator.next()).done, true);
  const kinds = async (events: AsyncIterable<SubscriptionEvent>) => (await drain(events)).all.map(({ kind }) => kind);
  assert.equal(await kinds(first), ["gap", "caughtUp", "ended"]);
  assert.equal(await kinds(second), ["gap", "caughtUp", "ended"]);
  assert.equal(await kinds(third), ["caughtUp", "ended"]);
  assert.equal(await kinds(subscription.events()), [], "it is over");
});

test("what nobody reads is dropped, the oldest first, and counted", async () => {
  const events = new Events();
  const unread = events.open();
  const caughtUp = (offset: number): SubscriptionEvent => ({ kind: "caughtUp", position: { epoch: 1, offset } });
  for (let i = 1; i <= 1_500; i++) events.emit(caughtUp(i));
  assert.equal((await unread.next()).value, { kind: "dropped", count: 500 });
  for (let i = 501; i <= 1_000; i++) assert.equal((await unread.next()).value, caughtUp(i));
  events.end(undefined);
  const { all } = await drain(unread);
  assert.equal(all.slice(-2), [caughtUp(1_500), { kind: "ended", error: undefined }]);
  assert.is(all.length, 501);
});

test("a stream that is left takes no more, and whoever waits for it is let go", async () => {
  const events = new Events();
  const stream = events.open();
  const waiting = stream.next();
  await stream.return!();
  assert.is((await waiting).done, true);
  assert.is(events.emit({ kind: "dropped", count: 1 }), false);
  assert.is((await stream.next()).done, true);
});

test("a gap as an event: no warning while somebody has the events open", async (t) => {
  const seen = warnings(t);
  const { subscription, subscribed, gap } = scripted({ onGap: "event" });
  const events = subscription.events();
  subscribed(0, 4);
  gap(1, 2);
  const iterator = subscription[Symbol.asyncIterator]();
  const message = iterator.next();
  const told = (await events.next()).value;
  assert.equal(told, {
    kind: "gap",
    gap: { channel: "c", reason: "trimmed", from: 1, to: 2, position: { epoch: 1, offset: 2 } },
  });
  assert.equal(seen, []);
  await events.return!();
  gap(3, 4);
  await until(() => seen.length > 0, "the warning");
  assert.match(seen[0]!.message, "messages 3 to 4");
  await subscription.close();
  assert.is((await message).done, true);
});

test("a gap as an error: after everything before it, and the position stays there", async (t) => {
  const node = await startNode(t, { retain: ["messages=10"] });
  const bus = await open(t, node.address);
  const data = "x".repeat(50);
  for (let i = 0; i < 40; i++) await Promise.all(Array.from({ length: 100 }, () => bus.publish("c", data)));
  const { first, epochs } = await bus.channel("c");
  const start = { epoch: epochs[0]!.epoch, offset: 5 };
  const strict = bus.subscribe("c", { from: after(start), onGap: "throw" });
  const events = strict.events();
  const { all, error } = await drain(strict);
  assert.is(all.length, 0);
  assert.ok(error instanceof RepriseError && error.code === "gap");
  const gap = error.cause as ChannelGap;
  assert.equal([gap.reason, gap.from, gap.to], ["trimmed", 6, first - 1]);
  assert.equal(strict.position, start);
  assert.equal(
    (await drain(events)).all.map(({ kind }) => kind),
    ["gap", "ended"],
  );
  for await (const message of bus.subscribe("c", { from: after(gap.position), onGap: "throw" })) {
    assert.is(message.offset, first);
    break;
  }

  const { subscription, subscribed, messages, gap: tellGap } = scripted({ onGap: "throw" });
  subscribed(0, 9);
  messages(1, 3);
  tellGap(4, 6);
  messages(7, 3);
  const delivered = await drain(subscription);
  assert.equal(
    delivered.all.map(({ offset }) => offset),
    [1, 2, 3],
  );
  assert.is((delivered.error as RepriseError).code, "gap");
});

test("lagging: what was there at one heartbeat is not processed at the next; then caught up again", async () => {
  const { subscription, subscribed, messages, caughtUp, heartbeat } = scripted();
  const events = subscription.events();
  const next = async () => (await events.next()).value!;
  subscribed(0, 0);
  caughtUp(0);
  const iterator = subscription[Symbol.asyncIterator]();
  const take = async (count: number) => {
    for (let i = 0; i < count; i++) await iterator.next();
  };
  messages(1, 5);
  await take(1);
  assert.is((await next()).kind, "caughtUp");
  heartbeat(5);
  await take(5 - 1);
  messages(6, 10);
  await take(2);
  heartbeat(15);
  await take(1);
  // Beyond 5, which was due; 15 is due next.
  heartbeat();
  const position = { epoch: 1, offset: 7 };
  const head = { epoch: 1, offset: 15 };
  assert.equal(await next(), { kind: "lagging", behind: 8, position, head, letGo: false });
  await take(8 - 1);
  const waiting = iterator.next();
  assert.equal(await next(), { kind: "caughtUp", position: head });
  heartbeat();
  messages(16, 1);
  await waiting;
  await subscription.close();
  assert.is((await next()).kind, "ended");
});

test("lagging: when too much waits and the subscription is let go, once", async () => {
  const { subscription, subscribed, messages, caughtUp } = scripted();
  const events = subscription.events();
  subscribed(0, 1_000_000);
  let first = 1;
  for (; subscription.wanted; first += 1_000) messages(first, 1_000);
  const { value } = await events.next();
  assert.equal(value, {
    kind: "lagging",
    behind: 1_000_000,
    position: { epoch: 1, offset: 0 },
    head: { epoch: 1, offset: 1_000_000 },
    letGo: true,
  });
  for await (const message of subscription) if (message.offset === first - 1_000) break;
  caughtUp(1_000_000);
  const { value: last } = await events.next();
  assert.is(last!.kind, "ended", "coming back and going again is nothing new");
});

test("resumed: from where, on which node, how far behind", async (t) => {
  const { subscription, subscribed, messages, reconnect } = scripted();
  const events = subscription.events();
  reconnect("two");
  subscribed(0, 2);
  messages(1, 2);
  reconnect("three");
  subscribed(2, 7);
  const position = { epoch: 1, offset: 2 };
  assert.equal((await events.next()).value, { kind: "resumed", position, node: "three", behind: 7 });
  await subscription.close();

  const node = await startNode(t);
  const proxy = await startProxy(t, node.address);
  const bus = await open(t, proxy.address);
  const { position: stored } = await bus.publish("d", "1");
  const real = bus.subscribe("d", { from: "earliest" });
  const told = real.events();
  const iterator = real[Symbol.asyncIterator]();
  await iterator.next();
  proxy.cut();
  const kinds: string[] = [];
  for await (const event of told) {
    kinds.push(event.kind);
    if (event.kind !== "resumed") continue;
    assert.equal(event.position, stored);
    assert.ok(bus.state.kind === "connected" && bus.state.node === event.node);
    break;
  }
  assert.equal(kinds, ["resumed"]);
});

test("ended: with what the iteration throws", async (t) => {
  const node = await startNode(t);
  const bus = await open(t, node.address);
  await bus.publish("c", "1");
  const wrong = bus.subscribe("c", { from: 99 });
  const events = wrong.events();
  const { error } = await drain(wrong);
  assert.is((error as RepriseError).code, "offset_out_of_range");
  assert.equal((await drain(events)).all, [{ kind: "ended", error }]);
  const left = bus.subscribe("c");
  const told = left.events();
  await bus.close();
  assert.equal((await drain(told)).all, [{ kind: "ended", error: undefined }]);
});

test("arrays of messages: what arrived together, and the position moves with them", async (t) => {
  const node = await startNode(t);
  const bus = await open(t, node.address);
  await Promise.all(Array.from({ length: 5_000 }, (_, i) => bus.publish("c", `${i + 1}`)));
  const subscription = bus.subscribe("c", { from: "earliest" });
  let next = 1;
  let arrays = 0;
  for await (const batch of subscription.batches()) {
    assert.is(subscription.position!.offset, next - 1);
    assert.ok(batch.length > 0);
    for (const message of batch) assert.equal([message.offset, message.text], [next, `${next++}`]);
    arrays++;
    if (next > 5_000) break;
  }
  assert.ok(arrays < 200, `${arrays} arrays`);

  const { subscription: mixed, subscribed, messages, gap } = scripted({ onGap: () => {} });
  subscribed(0, 9);
  messages(1, 3);
  gap(4, 5);
  messages(6, 2);
  messages(8, 2);
  const batches = mixed.batches();
  const one = mixed[Symbol.asyncIterator]();
  const offsets = async () => (await batches.next()).value!.map(({ offset }) => offset);
  assert.is((await one.next()).value!.offset, 1);
  assert.equal(await offsets(), [2, 3], "not over a gap");
  assert.equal(await offsets(), [6, 7]);
  assert.equal(mixed.position, { epoch: 1, offset: 5 });
  assert.is((await one.next()).value!.offset, 8);
  assert.equal(mixed.position, { epoch: 1, offset: 7 });
  assert.equal(await offsets(), [9]);
  await mixed.close();
});

test.run();
