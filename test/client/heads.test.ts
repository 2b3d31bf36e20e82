// P-5: heartbeats carry the heads of channels, and a stream that does not deliver what it tells of is left.

import { Broker } from "../../src/broker/broker.js";
import { Session } from "../../src/broker/session.js";
import { openBuffer, retentionPolicy } from "../../src/buffer/index.js";
import { connect, type State } from "../../src/client/index.js";
import { Subscriptions } from "../../src/client/subscriptions.js";
import { noLog } from "../../src/log/log.js";
import { defaultLimits } from "../../src/wire/limits.js";
import { encodeMessage } from "../../src/wire/message.js";
import { readServerFrame } from "../../src/wire/server-frame.js";
import { encodeHeartbeat, encodeSubscribed, maxHeads } from "../../src/wire/server-item.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { startNode } from "./node.js";
import { startScripted, welcome } from "./scripted.js";

const test = suite("client heads");

interface Beat {
  channel: string;
  offset: number;
}

/** A session whose socket takes a frame when the test says so, and the heads in each heartbeat that it wrote. */
async function startSession(t: T) {
  const buffer = await openBuffer(`embedded:${temporaryFolder(t)}`, { retention: retentionPolicy([]), fsync: "no" });
  t.after(() => buffer.close());
  const limits = { ...defaultLimits, maxSubscriptions: 10_000 };
  const rest = { heartbeatIntervalMs: 1_000_000, presenceGraceMs: 0, log: noLog };
  const broker = new Broker({ buffer, node: "n", limits, ...rest });
  t.after(() => broker.close(0));
  const beats: Beat[][] = [];
  const line = { open: true, waiting: [] as (() => void)[], subscribed: 0, offset: 0 };
  const sink = {
    write(frame: Buffer, done: () => void) {
      for (const item of readServerFrame(frame)) {
        if (item.kind === "subscribed") line.subscribed++;
        if (item.kind === "batch") line.offset += item.batch.count;
        if (item.kind !== "heartbeat") continue;
        beats.push(item.heads.map(({ channel, position }) => ({ channel, offset: position.offset })));
      }
      if (line.open) setImmediate(done);
      else line.waiting.push(done);
    },
    end: () => {},
    setReading: () => {},
  };
  const options = { method: "Connect", peer: "test", name: "", producer: undefined };
  const session = new Session(broker.sessions.newId(), broker, sink, options);
  broker.sessions.add(session);
  t.after(() => session.close());
  const message = encodeMessage(Buffer.from("m"));
  const element = Buffer.concat([Buffer.from([0x7a, message.length]), message]);
  const publish = (channel: string) => broker.append(channel, { count: 1, messages: element });
  return { session, beats, line, publish };
}

test("a head is told when it has changed, on a busy stream too, and only then", async (t) => {
  const { session, beats, line, publish } = await startSession(t);
  await publish("a");
  await session.subscriptions.subscribe("a", { from: "new" });
  await session.subscriptions.subscribe("b", { from: "new" });
  await until(() => line.subscribed === 2, "it is subscribed");
  const beat = async () => {
    const { length } = beats;
    session.heartbeat(1);
    await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
    return beats.slice(length);
  };
  await beat();
  assert.equal(await beat(), [[]], "the stream is idle, and the heads came with the answers");
  await publish("a");
  await publish("a");
  await until(() => line.offset === 2, "they are delivered");
  assert.equal(await beat(), [[{ channel: "a", offset: 3 }]]);
  await publish("b");
  await until(() => line.offset === 3, "it is delivered");
  assert.equal(await beat(), [[{ channel: "b", offset: 1 }]]);
  await beat();
  assert.equal(await beat(), [[]]);
});

test("many heads take several heartbeats, and none is passed over for ever", async (t) => {
  const { session, beats, line, publish } = await startSession(t);
  const channels = Array.from({ length: maxHeads + 50 }, (_, i) => `c${i}`);
  for (const channel of channels) await session.subscriptions.subscribe(channel, { from: "new" });
  await until(() => line.subscribed === channels.length, "it is subscribed");
  await Promise.all(channels.map(publish));
  await until(() => line.offset === channels.length, "they are delivered");
  session.heartbeat(1);
  await until(() => beats.length === 1, "the first");
  // What was told first changes again, and must not be in the way of the others.
  await Promise.all(channels.slice(0, maxHeads).map(publish));
  session.heartbeat(2);
  await until(() => beats.length === 2, "the second");
  const told = new Set(beats.flat().map(({ channel }) => channel));
  assert.equal(
    beats.map((heads) => heads.length),
    [maxHeads, maxHeads],
  );
  assert.is(told.size, channels.length);
});

test("a socket that takes nothing has one heartbeat waiting, however long that lasts", async (t) => {
  const { session, beats, line, publish } = await startSession(t);
  await session.subscriptions.subscribe("a", { from: "new" });
  await until(() => line.subscribed === 1, "it is subscribed");
  line.open = false;
  await publish("a");
  await until(() => line.offset === 1, "a frame is in the socket");
  for (let i = 0; i < 1_000; i++) {
    await publish("a");
    session.heartbeat(i);
  }
  line.open = true;
  for (const done of line.waiting) done();
  await until(() => line.offset === 1_001, "the rest follows");
  assert.is(beats.length, 1);
});

const at = (offset: number) => ({ epoch: 1, offset });
const headOf = (channel: string, offset: number) => ({ channel, position: at(offset) });

function subscribedTo(...channels: string[]): Subscriptions {
  const subscriptions = new Subscriptions(1_000_000, {});
  subscriptions.connected({ node: "n", send: () => {} });
  for (const channel of channels) {
    subscriptions.open(channel, { from: "earliest" }, (message) => message);
    subscriptions.item({ kind: "subscribed", channel, position: at(0), head: at(0) });
  }
  return subscriptions;
}

function deliver(subscriptions: Subscriptions, channel: string, offset: number): void {
  const batch = { channel, epoch: 1, first: offset, count: 1, storedAt: 1, messages: Buffer.alloc(0) };
  subscriptions.item({ kind: "batch", batch });
}

const broken = (subscriptions: Subscriptions, beats: number): boolean =>
  Array.from({ length: beats }, () => subscriptions.heartbeat([])).some(Boolean);

test("a stream is broken when it told of messages and none of them comes", async () => {
  const subscriptions = subscribedTo("c");
  assert.not(broken(subscriptions, 20), "nothing is expected");
  assert.not(subscriptions.heartbeat([headOf("c", 2)]), "just told");
  assert.not(subscriptions.heartbeat([]));
  assert.not(subscriptions.heartbeat([]));
  assert.ok(subscriptions.heartbeat([]));
  await subscriptions.close();
});

test("it is not while something of it comes, on whichever channel", async () => {
  const subscriptions = subscribedTo("c", "d");
  subscriptions.heartbeat([headOf("c", 100), headOf("d", 100)]);
  for (let offset = 1; offset <= 50; offset++) {
    deliver(subscriptions, "d", offset);
    assert.not(subscriptions.heartbeat([]), `d goes on with ${offset}, c waits for its turn`);
  }
  assert.ok(broken(subscriptions, 4), "now neither does");
  await subscriptions.close();
});

test("a live channel beside it does not hide a channel that is forgotten", async () => {
  const subscriptions = subscribedTo("live", "forgotten");
  subscriptions.heartbeat([headOf("forgotten", 5)]);
  let offset = 0;
  const beats = Array.from({ length: 5 }, () => {
    deliver(subscriptions, "live", ++offset);
    return subscriptions.heartbeat([headOf("live", offset)]);
  });
  assert.ok(beats.includes(true));
  await subscriptions.close();
});

test("a new epoch without a message, a new connection and the end of a subscription expect nothing", async () => {
  const subscriptions = subscribedTo("c");
  subscriptions.heartbeat([{ channel: "c", position: { epoch: 2, offset: 0 } }]);
  assert.not(broken(subscriptions, 10));
  subscriptions.heartbeat([headOf("c", 3)]);
  subscriptions.lost();
  assert.not(broken(subscriptions, 10));
  await subscriptions.close();
  assert.not(broken(subscriptions, 10));
});

test("the client leaves such a stream, says why, and gets the messages elsewhere", async (t) => {
  const node = await startNode(t);
  const publisher = await connect(node.address);
  t.after(() => publisher.close());
  const { position } = await publisher.publish("c", "at last");
  const forgetful = await startScripted(t, (call) => {
    call.write(welcome());
    call.write(encodeSubscribed("c", { epoch: 0, offset: 0 }, { epoch: 0, offset: 0 }));
    const timer = setInterval(() => call.write(encodeHeartbeat(1, [{ channel: "c", position }])), 20);
    call.on("close", () => clearInterval(timer));
    call.on("cancelled", () => clearInterval(timer));
  });
  const reasons: string[] = [];
  const onState = (state: State) => state.kind === "reconnecting" && reasons.push(state.reason.message);
  // Until it begins there.
  for (let i = 0; i < 50 && reasons.length === 0; i++) {
    const bus = await connect([forgetful, node.address], { onState, backoff: { baseMs: 1 } });
    for await (const message of bus.subscribe("c", { from: "earliest" })) {
      assert.is(message.text, "at last");
      break;
    }
    await bus.close();
  }
  assert.match(reasons[0] ?? "", "does not deliver");
});

test.run();
