// The bus on a healthy connection: what its methods promise.
import { Server, ServerCredentials } from "@grpc/grpc-js";
import {
  after,
  type Bus,
  type ConnectOptions,
  connect,
  last,
  type Message,
  RepriseError,
  since,
} from "../../src/client/index.js";
import { assert, suite, type T, until } from "../harness.js";
import { type NodeOptions, startNode } from "./node.js";

const test = suite("client bus");

async function open(t: T, address: string, options: ConnectOptions = {}): Promise<Bus> {
  const bus = await connect(address, options);
  t.after(() => bus.close({ timeoutMs: 0 }));
  return bus;
}

async function openWithNode(t: T, options?: NodeOptions): Promise<Bus> {
  return open(t, (await startNode(t, options)).address, { name: "ada" });
}

async function take(messages: AsyncIterable<Message>, count: number): Promise<Message[]> {
  const taken: Message[] = [];
  for await (const message of messages) {
    taken.push(message);
    if (taken.length === count) break;
  }
  return taken;
}

const textsOf = (messages: readonly Message[]) => messages.map((message) => message.text);

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof RepriseError ? error.code : String(error)),
  );

const publishAll = (bus: Bus, channel: string, texts: readonly string[]) =>
  Promise.all(texts.map((text) => bus.publish(channel, text)));

test("publishes and receives, with headers, name and positions", async (t) => {
  const bus = await openWithNode(t);
  const subscription = bus.subscribe("prices");
  const start = await subscription.ready;
  assert.equal(start, { epoch: 0, offset: 0 });
  const first = await bus.publish("prices", "one", { headers: { currency: "€" } });
  const [second] = await publishAll(bus, "prices", ["two"]);
  assert.is(first.position.offset, 1);
  assert.is(first.duplicate, false);
  assert.equal(second!.position, { epoch: first.position.epoch, offset: 2 });
  const [one, two] = await take(subscription, 2);
  assert.is(one!.text, "one");
  assert.equal({ ...one!.headers }, { currency: "€" });
  assert.is(one!.publisher, "ada");
  assert.is(one!.epoch, first.position.epoch);
  assert.is(two!.offset, 2);
  assert.equal(await bus.publish("prices", new Uint8Array([0, 255])).then(() => "ok"), "ok");
});

test("a position counts what was processed, not what was handed out", async (t) => {
  const bus = await openWithNode(t);
  await publishAll(bus, "c", ["1", "2", "3"]);
  const subscription = bus.subscribe("c", { from: "earliest" });
  assert.is(subscription.position, undefined);
  for await (const message of subscription) {
    assert.is(subscription.position!.offset, message.offset - 1);
    if (message.offset === 3) break;
  }
  const resumed = bus.subscribe("c", { from: after(subscription.position!) });
  assert.equal(textsOf(await take(resumed, 1)), ["3"]);
});

test("starts where it is told to", async (t) => {
  const bus = await openWithNode(t);
  const results = await publishAll(bus, "c", ["1", "2", "3", "4"]);
  const from = async (start: Parameters<typeof bus.subscribe>[1], count: number) =>
    textsOf(await take(bus.subscribe("c", start), count));
  assert.equal(await from({ from: "earliest" }, 4), ["1", "2", "3", "4"]);
  assert.equal(await from({ from: last(2) }, 2), ["3", "4"]);
  assert.equal(await from({ from: 2 }, 3), ["2", "3", "4"]);
  assert.equal(await from({ from: after(results[2]!.position) }, 1), ["4"]);
  assert.equal(await from({ from: since(60_000) }, 4), ["1", "2", "3", "4"]);
  assert.equal(await from({ from: since(new Date(0)) }, 1), ["1"]);
  const live = bus.subscribe("c");
  await live.ready;
  await bus.publish("c", "5");
  assert.equal(textsOf(await take(live, 1)), ["5"]);
});

test("an iteration ends the same by break, close, disposal and abort, and the channel is free again", async (t) => {
  const bus = await openWithNode(t);
  await bus.publish("c", "1");
  const abort = new AbortController();
  const ways: ((subscription: ReturnType<Bus["subscribe"]>) => unknown)[] = [
    (subscription) => subscription.close(),
    (subscription) => subscription[Symbol.asyncDispose](),
    () => abort.abort(),
  ];
  for (const end of ways) {
    const subscription = bus.subscribe("c", { from: "earliest", signal: abort.signal });
    const texts: string[] = [];
    for await (const message of subscription) {
      texts.push(message.text);
      setImmediate(() => end(subscription));
    }
    assert.equal(texts, ["1"]);
    assert.equal(textsOf(await take(subscription, 1)), []);
  }
  assert.equal(await take(bus.subscribe("c", { signal: abort.signal }), 1), []);
  assert.equal(textsOf(await take(bus.subscribe("c", { from: "earliest" }), 1)), ["1"]);
});

test("closing before the answer leaves nothing behind", async (t) => {
  const bus = await openWithNode(t);
  await bus.publish("c", "1");
  for (let i = 0; i < 50; i++) {
    const subscription = bus.subscribe("c", { from: "earliest" });
    if (i % 2 === 0) await subscription.close();
    else assert.equal(textsOf(await take(subscription, 1)), ["1"]);
  }
  await until(async () => (await bus.channel("c")).subscribers === 0, "the node has no subscription left");
});

test("what is wrong with a subscription is thrown by it, and by ready", async (t) => {
  const bus = await openWithNode(t, { limits: { maxSubscriptions: 2 } });
  await bus.publish("c", "1");
  const wrong = bus.subscribe("c", { from: 7 });
  assert.is(await codeOf(wrong.ready), "offset_out_of_range");
  assert.is(await codeOf(take(wrong, 1)), "offset_out_of_range");
  assert.equal(await take(wrong, 1), [], "it is told once");
  const kept = [bus.subscribe("a"), bus.subscribe("b")];
  await Promise.all(kept.map((subscription) => subscription.ready));
  assert.is(await codeOf(take(bus.subscribe("d"), 1)), "too_many_subscriptions");
  const thrown = (channel: string) => codeOf(Promise.resolve().then(() => bus.subscribe(channel)));
  assert.is(await thrown("a"), "already_subscribed");
  assert.is(await thrown("no spaces"), "invalid_channel");
  assert.equal(textsOf(await take(bus.history("c"), 1)), ["1"], "the stream is still open");
});

test("P-8, P-15: a message too large, or for a bad channel, is refused before it is sent", async (t) => {
  const bus = await openWithNode(t, { limits: { maxMessageBytes: 100, maxPublishBytes: 200, maxPublishMessages: 3 } });
  assert.is(await codeOf(bus.publish("c", "x".repeat(101))), "message_too_large");
  assert.is(await codeOf(bus.publish("", "x")), "invalid_channel");
  assert.is(bus.limits.maxMessageBytes, 100);
  const results = await publishAll(bus, "c", Array(50).fill("x".repeat(90)));
  assert.is(results.at(-1)!.position.offset, 50, "many small publishes instead of one too large");
});

test("leaves out what it published itself, if asked to", async (t) => {
  const node = await startNode(t);
  const [ada, bob] = [await open(t, node.address), await open(t, node.address)];
  const subscription = ada.subscribe("c", { echo: false });
  await subscription.ready;
  await ada.publish("c", "mine");
  await bob.publish("c", "yours");
  await ada.publish("c", "mine");
  await bob.publish("c", "yours too");
  assert.equal(textsOf(await take(subscription, 2)), ["yours", "yours too"]);
});

test("P-16, P-18: tells caught up and gaps between messages, in their place", async (t) => {
  const bus = await openWithNode(t, { retain: ["messages=10"] });
  for (let i = 0; i < 40; i++) await publishAll(bus, "c", Array(100).fill("x".repeat(50)));
  const { first, next } = await bus.channel("c");
  assert.ok(first > 100);
  const events: string[] = [];
  const subscription = bus.subscribe("c", {
    from: after({ epoch: (await bus.channel("c")).epochs[0]!.epoch, offset: 5 }),
    onGap: async (gap) => {
      await new Promise(setImmediate);
      events.push(`${gap.reason} ${gap.from}..${gap.to}`);
    },
    onCaughtUp: ({ offset }) => {
      events.push(`caught up ${offset}`);
      return subscription.close();
    },
  });
  for await (const message of subscription) if (message.offset === first) events.push(`message ${message.offset}`);
  assert.equal(events, [`trimmed 6..${first - 1}`, `message ${first}`, `caught up ${next - 1}`]);
  const history: string[] = [];
  const onGap = (gap: { from: number; to: number }) => void history.push(`${gap.from}..${gap.to}`);
  await take(bus.history("c", { from: after({ epoch: subscription.position!.epoch, offset: 5 }), onGap }), 1);
  assert.equal(history, [`6..${first - 1}`]);
});

test("what a callback throws ends the iteration; a gap without one is a warning", async (t) => {
  const bus = await openWithNode(t);
  await bus.publish("c", "1");
  const from = after({ epoch: 5, offset: 5 });
  const strict = bus.subscribe("c", {
    from,
    onGap: () => {
      throw new Error("not with me");
    },
  });
  assert.is(await codeOf(take(strict, 1)), "Error: not with me");
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on("warning", listen);
  t.after(() => process.off("warning", listen));
  assert.equal(textsOf(await take(bus.subscribe("c", { from }), 1)), ["1"]);
  await until(() => warnings.length > 0, "the warning");
  assert.is(warnings[0]!.name, "RepriseGap");
});

test("history reads page after page, up to a limit", async (t) => {
  const bus = await openWithNode(t);
  const texts = Array.from({ length: 2_500 }, (_, i) => `${i + 1}`);
  await publishAll(bus, "c", texts);
  assert.equal(textsOf(await take(bus.history("c"), 9_999)), texts);
  assert.equal(textsOf(await take(bus.history("c", { limit: 1_500 }), 9_999)), texts.slice(0, 1_500));
  assert.equal(textsOf(await take(bus.history("c", { from: last(3) }), 9_999)), texts.slice(-3));
  assert.equal(textsOf(await take(bus.history("nothing"), 1)), []);
  assert.is(await codeOf(take(bus.history("c", { from: 9_999 }), 1)), "offset_out_of_range");
  assert.is(await codeOf(take(bus.history("c", { signal: AbortSignal.abort() }), 1)), "cancelled");
});

test("lists channels and describes one", async (t) => {
  const bus = await openWithNode(t);
  const names = Array.from({ length: 1_200 }, (_, i) => `a.${i}`);
  await Promise.all([...names, "b"].map((name) => bus.publish(name, "x")));
  const found: string[] = [];
  for await (const { channel } of bus.channels({ prefix: "a." })) found.push(channel);
  assert.equal(found.sort(), names.sort());
  const { channel, first, next } = await bus.channel("b");
  assert.equal({ channel, first, next }, { channel: "b", first: 1, next: 2 });
  assert.is(await codeOf(bus.channel("c")), "channel_not_found");
});

test("close waits for what is under way, and rejects what comes after", async (t) => {
  const node = await startNode(t);
  const bus = await open(t, node.address);
  const states: string[] = [];
  bus.onState((state) => states.push(state.kind));
  const subscription = bus.subscribe("c");
  await subscription.ready;
  const last = bus.publish("c", "last words");
  const closing = bus.close();
  assert.is(await codeOf(bus.publish("c", "too late")), "closed");
  await closing;
  assert.is((await last).position.offset, 1);
  assert.equal(await take(subscription, 1), []);
  assert.is(bus.state.kind, "closed");
  assert.equal(states, ["closed"]);
  assert.is(await codeOf(bus.channel("c")), "closed");
  await bus.close();
  const other = await open(t, node.address);
  const ready = other.subscribe("c").ready;
  await other.close();
  assert.is(await codeOf(ready), "closed");
});

test("connecting gives up in time, at once when it is no use, and when it is told to", async (t) => {
  const states: string[] = [];
  const onState = (state: { kind: string }) => void states.push(state.kind);
  const nobody = "127.0.0.1:1";
  assert.is(await codeOf(connect(nobody, { timeoutMs: 200, onState })), "unavailable");
  assert.is(states[0], "connecting");
  assert.is(states[1], "reconnecting");
  assert.is(states.at(-1), "failed");
  assert.is(await codeOf(connect([nobody, nobody], { reconnect: false, timeoutMs: 60_000 })), "unavailable");
  assert.is(await codeOf(connect(nobody, { signal: AbortSignal.timeout(50) })), "deadline_exceeded");
  assert.is(await codeOf(connect(nobody, { signal: AbortSignal.abort() })), "cancelled");
  assert.is(await codeOf(connect([])), "invalid_argument");
  const node = await startNode(t);
  assert.is(await codeOf(connect(node.address, { name: "x".repeat(65) })), "invalid_argument");
  const stranger = new Server();
  t.after(() => stranger.forceShutdown());
  const port = await new Promise<number>((resolve) =>
    stranger.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, bound) => resolve(bound)),
  );
  assert.is(await codeOf(connect(`127.0.0.1:${port}`)), "unsupported_version");
});

test("one dead address among several does not matter", async (t) => {
  const node = await startNode(t);
  for (let i = 0; i < 5; i++) {
    const bus = await connect(["127.0.0.1:1", node.address], { backoff: { baseMs: 1 } });
    assert.equal((bus.state as { address: string }).address, node.address);
    await bus.close();
  }
});

test.run();
