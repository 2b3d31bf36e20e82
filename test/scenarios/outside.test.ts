// What a node on an open port has to bear: bytes that mean nothing on every layer, peers that want too much, connections
// that nobody uses. The guilty get an error; a publisher and a subscriber beside them do not notice; afterwards the
// node holds what it held before.
import { randomBytes } from "node:crypto";
import { status } from "@grpc/grpc-js";
import { encodeHello, encodePublish, encodeSubscribe } from "../../src/wire/client-frame.js";
import { encodeMessage } from "../../src/wire/message.js";
import { assert, suite, type T, until } from "../harness.js";
import { type BrokerProcess, MB, shown, startBroker } from "./broker-process.js";
import { buffers } from "./buffers.js";
import { type Flow, startFlow } from "./flow.js";
import { figure } from "./form.js";
import { connectPath, framed, openSocket, openStream, preface, type RawStream } from "./raw.js";

const MiB = 1024 * 1024;
/** Pings after 10 s, an answer within 5 s (P-5), and what a busy machine takes. */
const cutMs = 25_000;

const test = suite("a node on an open port");

/** Rejects if `ended` takes too long. */
async function soon<A>(ended: Promise<A>, what: string, limitMs = 10_000): Promise<A> {
  let answer: { value: A } | undefined;
  void ended.then((value) => {
    answer = { value };
  });
  await until(() => answer !== undefined, what, limitMs);
  return answer!.value;
}

function hello(t: T, address: string): RawStream {
  const stream = openStream(t, address);
  stream.send(encodeHello("", Buffer.alloc(0)));
  return stream;
}

/** It is still of use: what is asked now is answered. */
async function answers(stream: RawStream): Promise<void> {
  const before = stream.items.length;
  stream.send(encodePublish("other", 0, [encodeMessage(Buffer.from("hello"))]));
  await until(() => stream.items.slice(before).some(({ kind }) => kind === "published"), "the stream is still of use");
}

async function refusal(stream: RawStream, code: string): Promise<void> {
  const refused = () => stream.items.some((item) => item.kind === "error" && item.code === code);
  await until(refused, `the stream is told ${code}`);
}

async function garbageOnTcp(t: T, { port }: BrokerProcess): Promise<void> {
  const beginnings = [Buffer.alloc(0), Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"), preface];
  const connections = Array.from({ length: 60 }, async (_, i) => {
    const { socket, closed } = await openSocket(t, port);
    socket.write(Buffer.concat([beginnings[i % beginnings.length]!, randomBytes(16 + i * 500)]));
    return closed;
  });
  // Some are told at once (GOAWAY) and cut only later, as they do not go.
  await soon(Promise.all(connections), "connections with garbage are closed", cutMs);
}

async function garbageOnHttp2(t: T, { address }: BrokerProcess): Promise<void> {
  const ending = async (stream: RawStream) => {
    stream.end();
    const answer = await soon(stream.ended, "a stream with garbage is ended");
    stream.close();
    return answer;
  };
  assert.is((await ending(openStream(t, address, "/no.such/Method"))).grpc, status.UNIMPLEMENTED);
  assert.is((await ending(openStream(t, address, connectPath, { "content-type": "text/plain" }))).http, 415);
  assert.not.equal((await ending(openStream(t, address, connectPath, { ":method": "GET" }))).grpc, status.OK);
  for (let i = 0; i < 60; i++) {
    const stream = openStream(t, address);
    stream.write(randomBytes(6 + i * 500));
    const { grpc } = await ending(stream);
    assert.ok(grpc !== status.OK, `garbage was answered with ${grpc}`);
  }
}

async function garbageInFrames(t: T, { address }: BrokerProcess): Promise<void> {
  const silent = openStream(t, address);
  silent.send(randomBytes(50));
  const { grpc } = await soon(silent.ended, "a stream without a hello is ended");
  assert.ok(grpc === status.INVALID_ARGUMENT || grpc === status.FAILED_PRECONDITION, `status ${grpc}`);
  const peer = hello(t, address);
  for (let i = 0; i < 500; i++) peer.send(randomBytes(1 + i));
  await refusal(peer, "malformed");
  await answers(peer);
  peer.send(encodeSubscribe("no such name", { from: "new" }));
  await refusal(peer, "invalid_channel");
  await answers(peer);
  peer.close();
}

async function tooLarge(t: T, { address }: BrokerProcess): Promise<void> {
  const peer = hello(t, address);
  peer.send(encodePublish("other", 0, [encodeMessage(Buffer.alloc(MiB + 1))]));
  await refusal(peer, "message_too_large");
  await answers(peer);
  // Above what gRPC is set to accept the stream is lost, and nothing else.
  peer.send(encodePublish("other", 0, [encodeMessage(Buffer.alloc(64 * MiB))]));
  assert.is((await soon(peer.ended, "a stream with a huge frame is ended")).grpc, status.RESOURCE_EXHAUSTED);
  peer.close();
  // What is only announced must cost nothing.
  const liars = Array.from({ length: 50 }, () => openStream(t, address));
  for (const liar of liars) {
    liar.write(framed(randomBytes(1000), 0xffffffff));
    assert.is((await soon(liar.ended, "a stream with a false length is ended")).grpc, status.RESOURCE_EXHAUSTED);
    liar.close();
  }
}

async function tooManySubscriptions(t: T, { address }: BrokerProcess): Promise<void> {
  const wanted = 10_000;
  const peer = hello(t, address);
  for (let i = 0; i < wanted; i++) peer.send(encodeSubscribe(`many/${i}`, { from: "earliest" }));
  const count = (kind: "subscribed" | "error") => peer.items.filter((item) => item.kind === kind).length;
  await until(() => count("subscribed") + count("error") === wanted, "each is answered", 20_000);
  assert.is(count("subscribed"), 1_000);
  const codes = new Set(peer.items.map((item) => (item.kind === "error" ? item.code : "")).filter(Boolean));
  assert.equal([...codes], ["too_many_subscriptions"]);
  await answers(peer);
  peer.close();
}

/** 300 connections of which nobody makes use, each ended by the node. */
async function halfOpen(t: T, { port, address }: BrokerProcess): Promise<void> {
  const each = 60;
  const beginnings = [Buffer.alloc(0), preface, preface.subarray(0, 10), Buffer.concat([preface, Buffer.from([0, 0])])];
  const closed: Promise<unknown>[] = [];
  for (const beginning of beginnings) {
    for (let i = 0; i < each; i++) {
      const raw = await openSocket(t, port);
      if (beginning.length > 0) raw.socket.write(beginning);
      closed.push(raw.closed);
    }
  }
  const withoutHello = Array.from({ length: each }, () => openStream(t, address));
  for (const { ended } of withoutHello)
    closed.push(ended.then(({ grpc }) => assert.is(grpc, status.FAILED_PRECONDITION)));
  await soon(Promise.all(closed), "connections that nobody uses are ended", cutMs);
  for (const stream of withoutHello) stream.close();
}

/** What takes no time. */
const quick = { garbageOnHttp2, garbageInFrames, tooLarge, tooManySubscriptions };
const attacks = { ...quick, garbageOnTcp, halfOpen };

/** How long the flow stood still at most, in ms, until `ended`. */
async function longestPause(flow: Flow, ended: Promise<unknown>): Promise<number> {
  let over = false;
  void ended.finally(() => {
    over = true;
  });
  let longest = 0;
  let [acked, since] = [flow.acked, performance.now()];
  await until(
    () => {
      if (flow.acked > acked) [acked, since] = [flow.acked, performance.now()];
      longest = Math.max(longest, performance.now() - since);
      return over;
    },
    "the attacks end",
    120_000,
  );
  return longest;
}

test(
  "an error for the guilty, nothing for the others",
  async (t) => {
    const { buffer } = await buffers.embedded(t);
    const broker = await startBroker(t, { buffer });
    const flow = await startFlow(t, broker.address, { channel: "good", publishers: 1, subscribers: 1, inFlight: 5 });
    // Once before, so that what a process never gives back to the system is not taken for a leak; and the node's tail
    // fills up meanwhile.
    for (const run of Object.values(quick)) await run(t, broker);
    await until(() => flow.acked > 120_000, "messages flow", 30_000);
    const before = await broker.measure();
    const attack = Promise.all(
      Object.entries(attacks).map(async ([name, run]) => {
        const begun = performance.now();
        await run(t, broker);
        figure(name, `${((performance.now() - begun) / 1000).toFixed(1)} s`);
      }),
    );
    const pause = await longestPause(flow, attack);
    await attack;
    let after = await broker.measure();
    const { stalledMs } = after;
    await until(async () => {
      after = await broker.measure();
      return after.files <= before.files + 10;
    }, "the node has closed what it had opened");
    const { messages } = await flow.finish();
    figure("the others meanwhile", `${messages} messages, none lost, at most ${pause.toFixed(0)} ms apart`);
    figure("the node's event loop", `stood still for ${stalledMs.toFixed(0)} ms at most`);
    figure("the node before", shown(before));
    figure("the node after", shown(after));
    assert.equal(flow.states, [], "the others stayed connected");
    const growth = after.heapUsed + after.external - before.heapUsed - before.external;
    assert.ok(growth < 10 * MB, `${growth / MB} MB more are in use`);
    // The process gives back late, or in part, what it used meanwhile.
    assert.ok(after.rss - before.rss < 100 * MB, `resident memory grew by ${(after.rss - before.rss) / MB} MB`);
  },
  { timeoutMs: 90_000 },
);

test.run();
