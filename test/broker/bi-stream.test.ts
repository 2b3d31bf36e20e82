// BiStream: the interface that old programs speak, and what metadata adds to it.
import { status } from "@grpc/grpc-js";
import { RepriseError } from "../../src/wire/errors.js";
import { MiB } from "../../src/wire/limits.js";
import { assert, suite, until } from "../harness.js";
import { embedded, gate } from "./buffers.js";
import { callPublish } from "./calls.js";
import { connectLines, openLines } from "./line-peer.js";
import { startNode } from "./node.js";
import { connectPeer, texts } from "./peer.js";

const test = suite("BiStream");

test("P-24 a line is answered to its sender once it is stored, and heard by everybody else", async (t) => {
  const node = await startNode(t);
  const ann = await connectLines(t, node.address, { pid: 7, name: "ann" });
  const bob = await connectLines(t, node.address);
  const native = await connectPeer(t, node.address);
  await native.subscribe("lobby");
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  ann.say("hello");
  await node.admin.sessions();
  assert.equal(ann.lines, [], "not before it is stored");
  held.open();
  assert.equal(await ann.hears(1), ["Processed: hello"]);
  assert.equal(await bob.hears(1), ["hello"]);
  const [heard] = await native.hears("lobby", 1);
  assert.equal([heard!.text, heard!.publisher], ["hello", "ann"]);
  const { epoch } = heard!;
  const none = { gap: "", gapFromOffset: 0, gapToOffset: 0, error: "", retryAfterMs: 0 };
  const place = { channel: "lobby", offset: 1, epoch };
  assert.equal(bob.replies, [{ reply: "hello", pid: 7, publisher: "ann", ...place, ...none }]);
  assert.equal(ann.replies, [{ reply: "Processed: hello", pid: 0, publisher: "", ...place, ...none }]);
});

test("P-24 what a peer says is not taken before it is subscribed: it hears all that follows its first line", async (t) => {
  const node = await startNode(t);
  const opening = gate();
  let asked = false;
  node.buffer.hooks.state = () => {
    asked = true;
    return opening.passed;
  };
  const ann = openLines(t, node.address, { channel: "room" });
  let headers = false;
  ann.call.once("metadata", () => {
    headers = true;
  });
  ann.say("hello");
  await until(() => asked, "it is being subscribed");
  // The node has had time for 20 calls.
  for (let i = 0; i < 20; i++) await node.admin.sessions();
  assert.equal([headers, node.buffer.appends.length, ann.lines], [false, 0, []]);
  opening.open();
  await ann.hears(1);
  assert.ok(headers);
  await callPublish(t, node.address, "room", ["answer"]);
  assert.equal(await ann.hears(2), ["Processed: hello", "answer"]);
});

test("P-24 replay chooses the past: none, all of it, the last N, everything behind an offset", async (t) => {
  const node = await startNode(t);
  const cases: [replay: string | undefined, from: number][] = [
    [undefined, 11],
    ["all", 1],
    ["0", 11],
    ["3", 8],
    ["500", 1],
    ["@0", 1],
    ["@7", 8],
    ["@10", 11],
  ];
  for (const [i, [replay, from]] of cases.entries()) {
    const channel = `room.${i}`;
    await callPublish(t, node.address, channel, texts("m", 10));
    const peer = await connectLines(t, node.address, { channel, ...(replay === undefined ? {} : { replay }) });
    peer.say("end");
    const lines = await peer.hears(12 - from);
    // The answer to its own line does not wait for the past.
    const past = lines.filter((line) => line !== "Processed: end");
    assert.equal([lines.length, past], [12 - from, texts("m", 11 - from, from)], `replay ${replay}`);
  }
});

test("P-24 a subscription that is refused ends the call: its lines would be heard by nobody who hears the others", async (t) => {
  const node = await startNode(t);
  await callPublish(t, node.address, "room", texts("m", 3));
  const cases: [options: Parameters<typeof openLines>[2], code: string, number: status][] = [
    [{ channel: "room", replay: "-3" }, "invalid_argument", status.INVALID_ARGUMENT],
    [{ channel: "room", replay: "everything" }, "invalid_argument", status.INVALID_ARGUMENT],
    [{ channel: "room", replay: "@" }, "invalid_argument", status.INVALID_ARGUMENT],
    [{ channel: "room", replay: "99999999999999999999" }, "invalid_argument", status.INVALID_ARGUMENT],
    [{ channel: "room", replay: "@99" }, "offset_out_of_range", status.OUT_OF_RANGE],
    [{ channel: "a b" }, "invalid_channel", status.INVALID_ARGUMENT],
    [{ channel: "room", name: "n".repeat(65) }, "invalid_argument", status.INVALID_ARGUMENT],
  ];
  for (const [options, code, number] of cases) {
    const ended = await openLines(t, node.address, options).end();
    assert.equal([ended.code, ended.status], [code, number], JSON.stringify(options));
  }
  await node.quiet();
});

test("P-7 P-24 half-close: every line is answered, then the call ends in good order", async (t) => {
  const node = await startNode(t);
  const peer = await connectLines(t, node.address, { channel: "room" });
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  peer.say(...texts("m", 50));
  peer.halfClose();
  await node.admin.sessions();
  held.open();
  assert.is((await peer.end()).status, status.OK);
  assert.equal(
    peer.lines,
    texts("m", 50).map((line) => `Processed: ${line}`),
  );
});

test("P-25 a line that is refused is answered in its place, and the others are answered as they were said", async (t) => {
  const node = await startNode(t);
  const peer = await connectLines(t, node.address, { channel: "room" });
  const held = gate();
  node.buffer.hooks.append = () => held.passed;
  const large = "x".repeat(MiB + 1);
  peer.say("one", large, "two", large, "three");
  await node.admin.sessions();
  held.open();
  await peer.hears(5);
  assert.equal(
    peer.replies.map(({ reply, error }) => (error === "" ? reply : error)),
    ["Processed: one", "message_too_large", "Processed: two", "message_too_large", "Processed: three"],
  );
  assert.match(peer.lines[1]!, /^Error: .*1048576/);
  node.buffer.hooks.append = async () => {
    throw new RepriseError("buffer_unavailable", "away");
  };
  peer.say("four");
  assert.is((await peer.hears(6))[5], "Error: away");
  node.buffer.hooks = {};
  peer.say("five");
  assert.is((await peer.hears(7))[6], "Processed: five");
});

test("P-25 a gap is a line, in words and in fields", async (t) => {
  const node = await startNode(t, { buffer: await embedded(t, ["messages=20"]) });
  for (let i = 0; i < 20; i++) await callPublish(t, node.address, "room", texts("m", 5, 5 * i + 1));
  const { firstOffset } = await node.admin.channel("room");
  const peer = await connectLines(t, node.address, { channel: "room", replay: "@3" });
  const lines = await peer.hears(102 - firstOffset);
  assert.is(lines[0], `Gap: messages 4 to ${firstOffset - 1} of room will not be delivered (trimmed)`);
  const { gap, gapFromOffset, gapToOffset } = peer.replies[0]!;
  assert.equal([gap, gapFromOffset, gapToOffset], ["trimmed", 4, firstOffset - 1]);
  assert.equal(lines.slice(1), texts("m", 101 - firstOffset, firstOffset));
});

test("a pid that is no number of 32 bits is left out, and messages that are no text are lines all the same", async (t) => {
  const node = await startNode(t);
  const peer = await connectLines(t, node.address, { channel: "room" });
  const other = await connectLines(t, node.address, { channel: "room", pid: -5 });
  other.say("", "ключ 😀");
  await peer.hears(2);
  assert.equal(peer.lines, ["", "ключ 😀"]);
  assert.equal(
    peer.replies.map((reply) => reply.pid),
    [-5, -5],
  );
});

test("thousands of lines at once, as fast as they can be said", async (t) => {
  const node = await startNode(t);
  const [ann, bob] = [await connectLines(t, node.address), await connectLines(t, node.address)];
  const lines = texts("m", 5_000);
  ann.say(...lines);
  await ann.hears(5_000);
  assert.equal(await bob.hears(5_000), lines);
  assert.equal(
    ann.lines,
    lines.map((line) => `Processed: ${line}`),
  );
});

test.run();
