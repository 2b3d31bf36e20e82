// The subscriptions of a stream against a scripted node: what is asked of it, and what is made of its mistakes.
import * as fc from "fast-check";
import { continuity } from "../../src/client/continuity.js";
import { last } from "../../src/client/index.js";
import type { SubscribeOptions } from "../../src/client/subscription.js";
import { Subscriptions } from "../../src/client/subscriptions.js";
import { type RequestKind, readClientFrame, requestNumbers } from "../../src/wire/client-frame.js";
import { encodeMessage, type Message } from "../../src/wire/message.js";
import type { Position } from "../../src/wire/position.js";
import type { ReceivedBatch } from "../../src/wire/server-frame.js";
import { assert, suite, until } from "../harness.js";

const test = suite("client subscriptions");

/** Subscriptions and what they say, in short: "+c earliest", "+c 1:5", "-c". */
function scripted(maxBytes = 1_000_000) {
  const said: string[] = [];
  const subscriptions = new Subscriptions(maxBytes, { baseMs: 1, capMs: 1 });
  const connect = () =>
    subscriptions.connected({
      node: "scripted",
      send(frame) {
        for (const item of readClientFrame(frame)) {
          if (item.kind === "unsubscribe") said.push(`-${item.channel}`);
          if (item.kind !== "subscribe") continue;
          const { start } = item;
          const from = start.from === "position" ? `${start.position.epoch}:${start.position.offset}` : start.from;
          said.push(`+${item.channel} ${from}`);
        }
      },
    });
  connect();
  const subscribed = (channel: string, position: Position) =>
    subscriptions.item({ kind: "subscribed", channel, position, head: position });
  const refuse = (channel: string, code: string, retryable: boolean, retryAfterMs: number, request: RequestKind) =>
    subscriptions.refused({
      ...{ channel, code, retryable, message: "" },
      ...{ sequence: 0, count: 0, expectedSequence: 0, request: requestNumbers[request], retryAfterMs },
    });
  const refused = (channel: string, code: string, retryable: boolean, retryAfterMs = 0) =>
    refuse(channel, code, retryable, retryAfterMs, "subscribe");
  /** The answer to an unsubscribe that came too late. */
  const notSubscribed = (channel: string) => refuse(channel, "not_subscribed", false, 0, "unsubscribe");
  const open = (options: SubscribeOptions) => subscriptions.open("c", options, (message) => message);
  return { said, subscriptions, connect, subscribed, refused, notSubscribed, open };
}

function batchOf(channel: string, epoch: number, first: number, texts: readonly string[]): ReceivedBatch {
  const encoded = texts.map((text) => {
    const message = encodeMessage(Buffer.from(text));
    return Buffer.concat([Buffer.from([0x7a, message.length]), message]);
  });
  return { channel, epoch, first, count: texts.length, storedAt: 0, messages: Buffer.concat(encoded) };
}

const earliest = { from: "earliest" } as const;

async function take(messages: AsyncIterable<Message>, count: number): Promise<string[]> {
  const taken: string[] = [];
  for await (const message of messages) if (taken.push(message.text) === count) break;
  return taken;
}

test("what was received before is not received again, and a part of it neither", async () => {
  const { subscriptions, subscribed, open } = scripted();
  const subscription = open(earliest);
  subscribed("c", { epoch: 1, offset: 0 });
  const batches = [
    batchOf("c", 1, 1, ["1", "2"]),
    batchOf("c", 1, 1, ["1", "2"]),
    batchOf("c", 1, 2, ["2", "3"]),
    batchOf("c", 2, 4, ["4"]),
    batchOf("c", 1, 4, ["old"]),
  ];
  for (const batch of batches) subscriptions.item({ kind: "batch", batch });
  assert.equal(await take(subscription, 4), ["1", "2", "3", "4"]);
});

test("P-17: a hole is asked for again once; a node that sends it twice ends the iteration", async () => {
  const { said, subscriptions, subscribed, open } = scripted();
  const subscription = open(earliest);
  subscribed("c", { epoch: 1, offset: 0 });
  const hole = { kind: "batch", batch: batchOf("c", 1, 3, ["3"]) } as const;
  subscriptions.item({ kind: "batch", batch: batchOf("c", 1, 1, ["1"]) });
  subscriptions.item(hole);
  subscriptions.item({ kind: "batch", batch: batchOf("c", 1, 4, ["4"]) });
  assert.equal(said, ["+c earliest", "-c"]);
  subscriptions.item({ kind: "unsubscribed", channel: "c" });
  assert.equal(said, ["+c earliest", "-c", "+c 1:1"]);
  subscribed("c", { epoch: 1, offset: 1 });
  subscriptions.item(hole);
  const texts: string[] = [];
  const error = await (async () => {
    for await (const message of subscription) texts.push(message.text);
  })().catch((thrown) => thrown);
  assert.equal(texts, ["1"]);
  assert.is(error.code, "internal");
  assert.is(said.at(-1), "-c");
});

test("P-36: of what was on its way when it let go, it takes 4 MiB; the rest it asks for again", async () => {
  const maxBytes = 100_000;
  const { said, subscriptions, subscribed, open } = scripted(maxBytes);
  const subscription = open(earliest);
  subscribed("c", { epoch: 1, offset: 0 });
  const deliver = (first: number) => {
    const messages = Buffer.concat([Buffer.from([0x7a, 0xc0, 0x84, 0x3d]), Buffer.alloc(1_000_000)]);
    const batch = { channel: "c", epoch: 1, first, count: 1, storedAt: 0, messages };
    subscriptions.item({ kind: "batch", batch });
  };
  // What travels compressed may be any amount.
  for (let first = 1; first <= 50; first++) deliver(first);
  assert.equal(said.splice(0), ["+c earliest", "-c"]);
  const iterator = subscription[Symbol.asyncIterator]();
  for (let offset = 1; offset <= 5; offset++) assert.is((await iterator.next()).value!.offset, offset);
  const waiting = iterator.next();
  // Nothing was taken that a resumed subscription would not begin behind.
  deliver(51);
  subscriptions.item({ kind: "unsubscribed", channel: "c" });
  assert.equal(said, ["+c 1:5"]);
  subscribed("c", { epoch: 1, offset: 5 });
  deliver(6);
  assert.is((await waiting).value!.offset, 6);
});

test("P-16, P-17: a new epoch that replaces what was received needs a gap that says so", () => {
  const { said, subscriptions, subscribed, open } = scripted();
  open(earliest);
  subscribed("c", { epoch: 1, offset: 5 });
  subscriptions.item({ kind: "batch", batch: batchOf("c", 2, 4, ["4"]) });
  assert.equal(said.splice(0), ["+c earliest", "-c"]);
  subscriptions.item({ kind: "unsubscribed", channel: "c" });
  subscribed("c", { epoch: 1, offset: 5 });
  const gap = { reason: "diverged", from: 4, to: 5 } as const;
  subscriptions.item({ kind: "gap", channel: "c", gap, position: { epoch: 2, offset: 3 } });
  subscriptions.item({ kind: "batch", batch: batchOf("c", 2, 4, ["4"]) });
  assert.equal(said, ["+c 1:5"]);
});

test("P-16: resumes where it was after each disconnection, or begins as before if it never began", () => {
  const { said, subscriptions, subscribed, connect, open } = scripted();
  open({ from: last(3) });
  subscriptions.lost();
  connect();
  subscribed("c", { epoch: 7, offset: 2 });
  subscriptions.lost();
  connect();
  subscribed("c", { epoch: 7, offset: 2 });
  subscriptions.item({ kind: "batch", batch: batchOf("c", 7, 3, ["3", "4"]) });
  subscriptions.lost();
  connect();
  assert.equal(said, ["+c last", "+c last", "+c 7:2", "+c 7:4"]);
});

test("a refusal that may pass is tried again, any other ends it", async () => {
  const { said, subscriptions, refused, open } = scripted();
  const subscription = open(earliest);
  refused("c", "buffer_unavailable", true);
  assert.equal(said, ["+c earliest"]);
  await until(() => said.length === 2, "it is asked again");
  refused("c", "some_future_code", false);
  const error = await subscription.ready.catch((thrown) => thrown);
  assert.is(error.code, "internal");
  assert.match(error.message, "some_future_code");
  open(earliest);
  assert.equal(said, ["+c earliest", "+c earliest", "+c earliest"]);
  refused("c", "buffer_unavailable", true);
  await subscriptions.close();
});

test("it is not tried again before the node allows it", async () => {
  const { said, subscriptions, refused, open } = scripted();
  const subscription = open(earliest);
  const begun = performance.now();
  refused("c", "limit_reached", true, 120);
  await until(() => said.length === 2, "it is asked again");
  // Timers count from the beginning of a turn, and in whole milliseconds.
  assert.ok(performance.now() - begun > 110);
  await Promise.all([subscription.ready.catch(() => {}), subscriptions.close()]);
});

test("closed before the answer: leaves after it, and then the next one may ask", async () => {
  const { said, subscriptions, subscribed, notSubscribed, open } = scripted();
  const first = open(earliest);
  await first.close();
  const second = open({ from: "new" });
  assert.equal(said, ["+c earliest"]);
  subscribed("c", { epoch: 1, offset: 0 });
  assert.equal(said, ["+c earliest", "-c"]);
  subscriptions.item({ kind: "batch", batch: batchOf("c", 1, 1, ["not for the second"]) });
  subscriptions.item({ kind: "unsubscribed", channel: "c" });
  assert.equal(said, ["+c earliest", "-c", "+c new"]);
  subscribed("c", { epoch: 1, offset: 1 });
  assert.equal(await second.ready, { epoch: 1, offset: 1 });
  await second.close();
  notSubscribed("c");
  assert.equal(said.slice(3), ["-c"]);
});

test("a right that is taken back is not given up besides, and whoever subscribes again at once is not ended by that", async () => {
  const { said, subscriptions, subscribed, refused, notSubscribed, open } = scripted();
  const first = open(earliest);
  subscribed("c", { epoch: 1, offset: 0 });
  await first.ready;
  refused("c", "permission_denied", false);
  assert.ok(first.ended);
  assert.equal(said, ["+c earliest"]);
  const second = open({ from: "new" });
  assert.equal(said, ["+c earliest", "+c new"]);
  subscribed("c", { epoch: 1, offset: 5 });
  await second.ready;
  // The right goes while the peer is leaving: the node answers both.
  const closed = second.close();
  refused("c", "permission_denied", false);
  const third = open({ from: "new" });
  notSubscribed("c");
  await closed;
  assert.equal(said.slice(2), ["-c", "+c new"]);
  // Nobody waits for such an answer any more.
  notSubscribed("c");
  assert.not(third.ended);
  subscribed("c", { epoch: 1, offset: 5 });
  assert.equal(await third.ready, { epoch: 1, offset: 5 });
  await subscriptions.close();
});

test("lets go when too much waits, and comes back when half of it was consumed", async () => {
  const { said, subscriptions, subscribed, open } = scripted(64 * 1024);
  const subscription = open(earliest);
  subscribed("c", { epoch: 1, offset: 0 });
  const texts = Array.from({ length: 100 }, () => "x".repeat(100));
  let sent = 0;
  for (; said.length === 1; sent++) {
    subscriptions.item({ kind: "batch", batch: batchOf("c", 1, 1 + 100 * sent, texts) });
  }
  assert.equal(said, ["+c earliest", "-c"]);
  assert.ok(sent * 100 * 100 < 70 * 1024, `${sent} batches`);
  // What was on its way already is kept.
  subscriptions.item({ kind: "batch", batch: batchOf("c", 1, 1 + 100 * sent++, texts) });
  subscriptions.item({ kind: "unsubscribed", channel: "c" });
  let taken = 0;
  for await (const message of subscription) {
    assert.is(message.offset, ++taken);
    if (said.length > 2) break;
  }
  assert.equal(said[2], `+c 1:${100 * sent}`);
  assert.ok(taken > 30 * sent && taken < 70 * sent, `${taken} of ${100 * sent} messages`);
});

test("continuity: any batch either begins right behind what was received, or is seen, or breaks", async () => {
  const number = fc.integer({ min: 1, max: 6 });
  await fc.assert(
    fc.asyncProperty(number, fc.nat(6), number, number, number, async (epoch, offset, batchEpoch, first, count) => {
      const batch = { epoch: batchEpoch, first, count, storedAt: 0 };
      const end = first + count - 1;
      const what = continuity({ epoch, offset }, batch);
      if (what === "seen") assert.ok(batchEpoch < epoch || end <= offset);
      else assert.is(what === "next", first <= offset + 1 && (batchEpoch === epoch || first === offset + 1));
    }),
    { numRuns: 1_000 },
  );
});

test.run();
