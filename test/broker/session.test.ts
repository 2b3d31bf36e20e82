// Sessions and the pump, without a transport: back-pressure both ways, fair turns, answers in order, endings.
import { RepriseError } from "../../src/wire/errors.js";
import { KiB, MiB } from "../../src/wire/limits.js";
import { assert, suite, until } from "../harness.js";
import { embedded, gate, observe } from "./buffers.js";
import { texts } from "./peer.js";
import { publishTexts, testBroker, testSink } from "./sink.js";

const test = suite("sessions");

const bytesOf = (frames: readonly Buffer[]) => frames.reduce((sum, frame) => sum + frame.length, 0);
const lines = (name: string, count: number, size: number, from = 1) =>
  texts(name, count, from).map((text) => text.padEnd(size, "."));

test(
  "P-4 a peer that takes nothing is handed one frame, and nothing waits for it; later it hears everything",
  async (t) => {
    const { broker, open, store } = testBroker(t, await embedded(t));
    const frozen = testSink(false);
    const session = open(frozen);
    await session.subscriptions.subscribe("c", { from: "new" });
    const live = testSink();
    await open(live).subscriptions.subscribe("c", { from: "new" });
    await until(() => frozen.frames.length === 1, "subscribed is written");
    frozen.take();
    // More than the tail of the node holds.
    const contents: string[] = [];
    for (let i = 0; i < 300; i++) {
      const some = lines("m", 10, 4 * KiB, 10 * i + 1);
      contents.push(...some);
      await store("c", some);
    }
    await until(() => live.texts("c").length === 3_000, "the others are not held up");
    const written = bytesOf(frozen.frames);
    assert.is(frozen.frames.length, 2, "one frame waits in the sink");
    assert.ok(written < 200 * KiB, `${written} bytes`);
    assert.ok(session.subscriptions.positions[0]!.position!.offset < 50, "its cursor stayed");
    frozen.flowing = true;
    frozen.take();
    await until(() => frozen.texts("c").length === 3_000, "it hears everything");
    assert.equal(frozen.texts("c"), contents);
    assert.equal(
      frozen.items().filter((item) => item.kind === "gap"),
      [],
    );
    assert.is(broker.subscribers("c"), 2);
  },
  { timeoutMs: 60_000 },
);

test("frames stay near 64 KiB, whatever there is to say", async (t) => {
  const { open, store } = testBroker(t, await embedded(t));
  for (let i = 0; i < 40; i++) for (const channel of ["a", "b", "c"]) await store(channel, lines("m", 20, 700));
  await store("c", ["x".repeat(500 * KiB)]);
  const sink = testSink();
  const session = open(sink);
  for (const channel of ["a", "b", "c"]) void session.subscriptions.subscribe(channel, { from: "earliest" });
  await until(() => sink.items().filter((item) => item.kind === "caughtUp").length === 3, "all has been said");
  const large = sink.frames.filter((frame) => frame.length > 80 * KiB);
  assert.is(large.length, 1, "the one with the large message");
  assert.ok(large[0]!.length < 600 * KiB);
  assert.ok(sink.frames.length < 60, "and are filled");
});

test("turns are fair between sessions: hundreds of busy channels beside one", async (t) => {
  const buffer = await embedded(t);
  const { open, store } = testBroker(t, buffer);
  const channels = Array.from({ length: 200 }, (_, i) => `busy.${i}`);
  // Somebody listens, so that all of it is in memory and nobody has to wait for a read.
  const listener = testSink();
  const keeper = open(listener);
  for (const channel of [...channels, "one"]) await keeper.subscriptions.subscribe(channel, { from: "new" });
  for (const channel of channels) await store(channel, lines("m", 12, KiB));
  for (let i = 0; i < 40; i++) await store("one", lines("m", 55, KiB, 55 * i + 1));
  const order: string[] = [];
  const [greedy, modest] = [testSink(false), testSink(false)];
  greedy.onWrite = () => order.push("greedy");
  modest.onWrite = () => order.push("modest");
  const [many, one] = [open(greedy), open(modest)];
  for (const channel of channels) await many.subscriptions.subscribe(channel, { from: "earliest" });
  await one.subscriptions.subscribe("one", { from: "earliest" });
  order.length = 0;
  for (const sink of [greedy, modest]) {
    sink.flowing = true;
    sink.take();
  }
  await until(() => modest.texts("one").length === 2_200, "the modest one has heard everything");
  const last = order.lastIndexOf("modest");
  const turns = order.slice(order.indexOf("modest"), last);
  const modestTurns = turns.filter((name) => name === "modest").length;
  assert.ok(modestTurns >= 30, `${modestTurns} frames`);
  let run = 0;
  for (const name of turns) {
    run = name === "greedy" ? run + 1 : 0;
    assert.ok(run <= 2, "nobody has more than a turn and the rest of one before it is the other's");
  }
  await until(() => channels.every((channel) => greedy.texts(channel).length === 12), "so has the other");
});

test("a pump with much to do lets go of the event loop every few milliseconds", async (t) => {
  const { open } = testBroker(t, await embedded(t));
  const sinks = Array.from({ length: 200 }, () => testSink());
  const sessions = sinks.map((sink) => open(sink));
  let others = 0;
  let counting = true;
  const count = () => {
    others++;
    if (counting) setImmediate(count);
  };
  const written: number[] = [];
  for (const sink of sinks) {
    sink.onWrite = () => {
      for (const end = performance.now() + 1; performance.now() < end; );
      written.push(others);
    };
  }
  for (const session of sessions) session.subscriptions.unsubscribe("none");
  setImmediate(count);
  await until(() => written.length === 200, "all have had their turn");
  counting = false;
  // 16 turns of 1 ms between two looks at the clock.
  const most = Math.max(...written.map((_, i) => written.filter((at) => at === written[i]).length));
  assert.ok(most <= 40, `${most} turns without a break`);
});

test("channels of one session take turns: a quiet one does not wait for the busy ones to finish", async (t) => {
  const { open, store } = testBroker(t, await embedded(t));
  const keeper = open(testSink());
  for (const channel of ["busy", "quiet"]) await keeper.subscriptions.subscribe(channel, { from: "new" });
  const sink = testSink(false);
  const session = open(sink);
  for (const channel of ["busy", "quiet"]) await session.subscriptions.subscribe(channel, { from: "new" });
  await until(() => sink.frames.length === 1, "subscribed");
  for (let i = 0; i < 60; i++) await store("busy", lines("m", 50, KiB));
  await store("quiet", ["now"]);
  sink.take();
  for (let frames = 0; sink.texts("quiet").length === 0; frames++) {
    assert.ok(frames < 4, "within a few frames");
    await until(() => sink.take(), "the next frame");
    await new Promise(setImmediate);
  }
});

test("P-4 answers that are not taken: the peer is read no further, and again once they are", async (t) => {
  const { open } = testBroker(t, await embedded(t));
  const sink = testSink(false);
  const session = open(sink);
  session.subscriptions.unsubscribe("first");
  await until(() => sink.frames.length === 1, "a frame waits in the sink");
  let asked = 1;
  for (; sink.reading; asked++) {
    assert.ok(asked < 100_000, "it is read for ever");
    session.subscriptions.unsubscribe(`none.${asked}`);
  }
  sink.flowing = true;
  sink.take();
  await until(() => sink.items().length === asked, "everything is answered");
  assert.ok(sink.reading);
  assert.ok(bytesOf(sink.frames) < 400 * KiB, `${bytesOf(sink.frames)} bytes waited`);
  assert.is(sink.switches, 2);
});

test("P-4 publishes that are not stored yet: the session is read up to its window, and on afterwards", async (t) => {
  const buffer = observe(await embedded(t));
  const held = gate();
  buffer.hooks.append = () => held.passed;
  const { open } = testBroker(t, buffer, { publishWindowBytes: 256 * KiB });
  const sink = testSink();
  const session = open(sink);
  let sent = 0;
  for (; sink.reading; sent++) publishTexts(session, "c", lines("m", 1, KiB, sent + 1));
  assert.ok(sent > 200 && sent < 260, `${sent} KiB were taken in`);
  assert.is(session.unansweredMessages, sent);
  const other = testSink();
  publishTexts(open(other), "d", ["x"]);
  assert.ok(other.reading, "others are not concerned");
  held.open();
  await until(() => session.unansweredMessages === 0, "all is answered");
  assert.ok(sink.reading);
  assert.is(sink.switches, 2);
});

test("P-4 refusals that wait for an answer count towards the window", async (t) => {
  const buffer = observe(await embedded(t));
  const held = gate();
  buffer.hooks.append = () => held.passed;
  const { open } = testBroker(t, buffer, { publishWindowBytes: 64 * KiB });
  const sink = testSink();
  const session = open(sink);
  publishTexts(session, "c", ["first"]);
  let refused = 0;
  for (; sink.reading; refused++) {
    assert.ok(refused < 10_000, "it is read for ever");
    publishTexts(session, "c", []);
  }
  held.open();
  await until(() => sink.items().length === refused + 1, "all is answered");
  assert.equal([sink.items()[0]!.kind, sink.items()[1]!.kind], ["published", "error"]);
  assert.ok(sink.reading);
});

test("P-4 subscribing and giving up while the store is slow: what was given up counts towards the window too", async (t) => {
  const buffer = observe(await embedded(t));
  const held = gate();
  buffer.hooks.state = () => held.passed;
  const { open } = testBroker(t, buffer, { publishWindowBytes: 256 * KiB });
  const sink = testSink();
  const { subscriptions } = open(sink);
  let asked = 0;
  for (; sink.reading; asked++) {
    assert.ok(asked < 10_000, "it is read for ever");
    void subscriptions.subscribe(`c${asked}`, { from: "new" });
    subscriptions.unsubscribe(`c${asked}`);
  }
  assert.ok(asked > 50, `${asked} were asked for`);
  held.open();
  await until(() => sink.reading, "it is read again");
  assert.is(subscriptions.size, 0);
  await until(() => buffer.watchers.size === 0, "nothing is left of them");
});

test("P-4 while too much waits on the node nobody is read; afterwards everybody is, whatever held them up before", async (t) => {
  const buffer = observe(await embedded(t));
  const [heldC, heldOthers] = [gate(), gate()];
  buffer.hooks.append = async (channel) => {
    await (channel === "c" ? heldC : heldOthers).passed;
    if (channel === "large") throw new RepriseError("buffer_full", "it need not be stored");
  };
  const { broker, open } = testBroker(t, buffer, { publishWindowBytes: 64 * KiB });
  const sink = testSink();
  const session = open(sink);
  while (sink.reading) publishTexts(session, "c", lines("m", 1, 4 * KiB));
  // Now the node itself is full, through others.
  const messages = Buffer.alloc(128 * MiB);
  const large = broker.appender.append("large", { count: 1, messages }).catch(() => undefined);
  assert.ok(broker.appender.full);
  const other = testSink();
  publishTexts(open(other), "e", ["x"]);
  assert.not(other.reading, "others are not read either");
  heldC.open();
  await until(() => session.unansweredMessages === 0, "the session's own publishes are stored");
  assert.not(sink.reading, "the node is still full");
  heldOthers.open();
  await large;
  await until(() => sink.reading && other.reading, "both are read again");
});

test("P-5 an idle session hears a heartbeat, one that was written to does not need it", async (t) => {
  const { open, store } = testBroker(t, await embedded(t));
  const sink = testSink();
  const session = open(sink);
  const beats = () => sink.items().filter((item) => item.kind === "heartbeat");
  session.heartbeat(1_000);
  await until(() => beats().length === 1, "a heartbeat");
  session.heartbeat(2_000);
  await session.subscriptions.subscribe("c", { from: "new" });
  await until(() => sink.items().some((item) => item.kind === "caughtUp"), "subscribed");
  await store("c", ["x"]);
  await until(() => sink.texts("c").length === 1, "heard");
  session.heartbeat(2_500);
  await until(() => beats().at(-1)?.heads[0]?.position.offset === 1, "where the channel ends, which is news");
  const before = beats().length;
  const errors = () => sink.items().filter((item) => item.kind === "error").length;
  session.subscriptions.unsubscribe("none");
  await until(() => errors() === 1, "written to");
  session.heartbeat(3_000);
  session.subscriptions.unsubscribe("none");
  await until(() => errors() === 2, "written to");
  assert.is(beats().length, before, "it had been written to, and there was no news");
  session.heartbeat(4_000);
  session.heartbeat(5_000);
  await until(() => beats().length > before, "idle again");
});

test("a session that is finished writes what waits and ends once; afterwards nothing reaches it", async (t) => {
  const { broker, open, store } = testBroker(t, await embedded(t));
  const sink = testSink();
  const session = open(sink);
  await session.subscriptions.subscribe("c", { from: "new" });
  session.subscriptions.unsubscribe("none");
  const reason = new RepriseError("draining", "bye");
  session.finish(reason);
  session.finish(undefined);
  await session.subscriptions.subscribe("d", { from: "new" });
  await until(() => sink.ended !== undefined, "it ends");
  assert.equal(sink.ended, [reason]);
  assert.equal(
    sink.items().map((item) => item.kind),
    ["subscribed", "error"],
  );
  assert.equal(
    [broker.subscribers("c"), broker.subscribers("d"), [...broker.sessions].includes(session)],
    [0, 0, false],
  );
  await store("c", ["x"]);
  session.subscriptions.unsubscribe("none");
  session.heartbeat(1);
  publishTexts(session, "c", ["y"]);
  await until(async () => (await broker.buffer.state("c"))?.next === 3, "what it still published is stored");
  assert.is(sink.items().length, 2);
});

test("a session that is closed while its sink holds a frame, or while it subscribes, is forgotten at once", async (t) => {
  const buffer = observe(await embedded(t));
  const { broker, open } = testBroker(t, buffer);
  const sink = testSink(false);
  const session = open(sink);
  await session.subscriptions.subscribe("c", { from: "new" });
  const opening = gate();
  buffer.hooks.state = () => opening.passed;
  const subscribing = session.subscriptions.subscribe("d", { from: "new" });
  session.close();
  assert.equal(sink.ended, [undefined]);
  assert.not([...broker.sessions].includes(session));
  opening.open();
  await subscribing;
  assert.is(buffer.watchers.size, 0);
  sink.take();
  session.close();
});

test.run();
