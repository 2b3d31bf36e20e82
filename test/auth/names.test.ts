// Names come from identities, by every way to publish and to be there, whatever somebody makes by hand (P-42).
import pb from "../../generated/reprise/v1/broker_pb.js";
import streamPb from "../../generated/stream/stream_pb.js";
import { memoryMembers } from "../../src/presence/memory.js";
import { encodePublish, encodeWatchMembers } from "../../src/wire/client-frame.js";
import { encodeMessage } from "../../src/wire/message.js";
import { startNode, type TestNode } from "../broker/node.js";
import { connectPeer, type Ended } from "../broker/peer.js";
import { assert, suite, type T, until } from "../harness.js";
import { bytes, type Caller, calls, openBiStream, publishStream, unary } from "./calls.js";
import { testGuard } from "./guard.js";

const test = suite("auth names");

const data = (text: string) => encodeMessage(Buffer.from(text));
const claim = bytes(new pb.Message().setPublisher("root").setSession("1"));
const hex = (text: string) => Buffer.from(text, "hex");
const root = Buffer.from("root").toString("hex");

/** Messages that name their publisher and their session themselves, each in a way that protobuf allows. */
const allowed: Readonly<Record<string, Buffer>> = {
  "before and behind": Buffer.concat([claim, data("a"), claim]),
  "again and again": Buffer.concat([data("a"), ...Array<Buffer>(5).fill(claim)]),
  "numbers longer than they need be": Buffer.concat([data("a"), hex(`9a8000 848000 ${root}`.replaceAll(" ", ""))]),
  "in a header": encodeMessage(Buffer.from("a"), { publisher: "root", session: "1" }),
  "in fields of another kind of message": Buffer.concat([
    data("a"),
    bytes(new streamPb.StreamResponse().setPublisher("root")),
  ]),
};

/** Messages behind which what the node adds would be something else, or nothing. */
const refused: Readonly<Record<string, Buffer>> = {
  "a field that goes on behind the end": Buffer.concat([data("a"), hex(`1a20${root}`)]),
  "a number that goes on behind the end": Buffer.concat([data("a"), hex("2880")]),
  "a fixed number that goes on behind the end": Buffer.concat([data("a"), hex("21000000")]),
  "a group that is not closed": Buffer.concat([data("a"), claim, hex("2b")]),
  "a group that is the name": Buffer.concat([data("a"), hex(`1b0a04${root}1c`)]),
  "what some take for the end": Buffer.concat([data("a"), claim, hex("00")]),
  "a name that is a number": Buffer.concat([data("a"), hex("1801")]),
  "a session that is a text": Buffer.concat([data("a"), hex("220131")]),
};

/** A request of the calls: the name is given twice, and of the fields of `Publish` what stands in the same place. */
const requestOf = (channel: string, message: Buffer) =>
  Buffer.concat([
    bytes(new pb.PublishRequest().setName("root").setChannel(channel)),
    hex("7a"),
    Buffer.from([message.length]),
    message,
    bytes(new pb.PublishRequest().setName("root")),
  ]);

const madeByHand = (request: Buffer) => ({ serializeBinary: () => request });

interface Way {
  /** Publishes the message, and says how that ended. */
  publish(caller: Caller, channel: string, message: Buffer): Promise<string>;
}

const codeOf = ({ code }: Ended) => code;

const ways: Readonly<Record<string, Way["publish"]>> = {
  async Connect({ t, address, token }, channel, message) {
    const peer = await connectPeer(t, address, { token: token!, name: "root" });
    peer.send(encodePublish(channel, 0, [message]));
    await until(() => peer.all("published").length + peer.all("error").length > 0, "it is answered");
    const [error] = peer.all("error");
    peer.cancel();
    return error?.code ?? "";
  },
  Publish: async (caller, channel, message) =>
    codeOf(await unary(caller, "Broker/Publish", madeByHand(requestOf(channel, message)))),
  PublishStream: async (caller, channel, message) =>
    codeOf(await publishStream(caller, madeByHand(requestOf(channel, message)))),
};

/** As a library reads them that is not ours. */
async function stored(node: TestNode, channel: string) {
  const { stretches } = await node.buffer.read(channel, 1, 1_000_000);
  return stretches.flatMap((stretch) => {
    if ("reason" in stretch) throw new Error(stretch.reason);
    return pb.Batch.deserializeBinary(stretch.messages)
      .getMessagesList()
      .map((message) => message.toObject());
  });
}

async function guarded(t: T) {
  const guard = testGuard(t, `\n  ada: { rules: [{ allow: all, channels: "*" }] }\n`);
  const members = memoryMembers();
  t.after(() => members.close());
  const node = await startNode(t, { guard: guard.guard, token: guard.root, members });
  const token = guard.tokenOf("ada");
  await guard.changed();
  return { node, root: guard.root, caller: { t, address: node.address, token } };
}

test("a message bears the name of the identity that published it, or is refused", async (t) => {
  const { node, caller } = await guarded(t);
  const publishing = Object.entries(calls).filter(([, { needs }]) => needs.includes("publish" as never));
  assert.equal(
    publishing.map(([name]) => name).filter((name) => !(name in ways)),
    [],
    "these are all the calls that publish, but for BiStream, below",
  );
  for (const [way, publish] of Object.entries(ways)) {
    for (const [what, message] of Object.entries(allowed))
      assert.is(await publish(caller, way, message), "", `${way}: ${what}`);
    for (const [what, message] of Object.entries(refused)) {
      assert.is(await publish(caller, way, message), "malformed", `${way}: ${what}`);
    }
    const messages = await stored(node, way);
    assert.is(messages.length, Object.keys(allowed).length);
    for (const { data, publisher, session } of messages) {
      assert.equal([Buffer.from(String(data), "base64").toString(), publisher], ["a", "ada"], way);
      if (way === "Connect") assert.not.ok(["0", "1"].includes(session), "that of her stream");
      else assert.is(session, "0");
    }
  }
});

test("so does a line of BiStream", async (t) => {
  const { node, caller } = await guarded(t);
  const call = openBiStream(caller, { channel: "lines", name: "root", publisher: "root" });
  const replies: InstanceType<typeof streamPb.StreamResponse>[] = [];
  call.on("data", (reply: Buffer) => replies.push(streamPb.StreamResponse.deserializeBinary(reply)));
  const line = bytes(new streamPb.StreamRequest().setMessage("a").setPid(1));
  // With the fields of an answer, and with those of a message.
  call.write(Buffer.concat([line, bytes(new streamPb.StreamResponse().setPublisher("root").setChannel("others"))]));
  call.write(Buffer.concat([hex(`1a04${root}`), line, hex("210100000000000000")]));
  await until(() => replies.length === 2, "both are answered");
  assert.equal(
    replies.map((reply) => [reply.getReply(), reply.getChannel()]),
    Array.from({ length: 2 }, () => ["Processed: a", "lines"]),
  );
  const messages = await stored(node, "lines");
  assert.equal(
    messages.map(({ publisher }) => publisher),
    ["ada", "ada"],
  );
  assert.ok(messages.every(({ session }) => session !== "0" && session !== "1"));
  assert.equal(await node.buffer.state("others"), undefined);
});

test("sessions and members bear it, too, and members an id that is hers alone", async (t) => {
  const { node, root: token, caller } = await guarded(t);
  const ada = await connectPeer(t, node.address, { token: caller.token, name: "root", member: "member-of-root" });
  const watcher = await connectPeer(t, node.address, { token, member: "member-of-root" });
  watcher.send(encodeWatchMembers("c"));
  await watcher.gets("members");
  // The fields of a member behind those of the request.
  const enter = bytes(
    new pb.Enter().setChannel("c").setMetadataList([new pb.Header().setKey("name").setValue("root")]),
  );
  const member = Buffer.concat([enter, hex(`1a04${root}2204${root}`)]);
  const item = Buffer.concat([hex("2a"), Buffer.from([member.length]), member]);
  ada.send(Buffer.concat([hex("0a"), Buffer.from([item.length]), item]));
  await ada.gets("entered");
  const [, change] = await watcher.gets("members", 2);
  assert.equal(
    change!.joined.map(({ id, name, node }) => [id, name, node]),
    [[ada.all("authenticated")[0]!.member, "ada", node.node.node]],
  );
  assert.is.not(change!.joined[0]!.id, watcher.all("authenticated")[0]!.member);
  assert.equal((await node.admin.sessions()).map(({ name }) => name).sort(), ["ada", "root"]);
});

test.run();
