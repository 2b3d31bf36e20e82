// What identities may do: an attempt at every operation by one without the right, and what happens when rights change.
import { Metadata } from "@grpc/grpc-js";
import adminGrpc from "../../generated/reprise/v1/admin_grpc_pb.js";
import adminPb from "../../generated/reprise/v1/admin_pb.js";
import brokerGrpc from "../../generated/reprise/v1/broker_grpc_pb.js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import streamGrpc from "../../generated/stream/stream_grpc_pb.js";
import streamPb from "../../generated/stream/stream_pb.js";
import type { Guard } from "../../src/auth/index.js";
import { memoryMembers } from "../../src/presence/memory.js";
import {
  encodeAuthenticate,
  encodeEnter,
  encodeHello,
  encodePublish,
  encodeSubscribe,
  encodeWatchMembers,
} from "../../src/wire/client-frame.js";
import { encodeMessage } from "../../src/wire/message.js";
import { startNode } from "../broker/node.js";
import {
  clientOf,
  connectPeer,
  type Ended,
  endedOf,
  newProducer,
  openStream,
  type Peer,
  textsOf,
} from "../broker/peer.js";
import { assert, suite, type T, until } from "../harness.js";
import { testGuard } from "./guard.js";

const test = suite("auth permissions");

/** May do everything on `own.*`, and there is one who may do each thing and nothing else. */
const policy = `
  ada: { rules: [{ allow: all, channels: "own.*" }] }
  publisher: { rules: [{ allow: publish, channels: "own.*" }] }
  subscriber: { rules: [{ allow: subscribe, channels: "own.*" }] }
`;

async function guarded(t: T, text = policy, options = {}, change = (guard: Guard): Guard => guard) {
  const guard = testGuard(t, text, options);
  const members = memoryMembers();
  const node = await startNode(t, { guard: change(guard.guard), token: guard.root, members });
  t.after(() => members.close());
  const as = async (name: string, more: Parameters<typeof connectPeer>[2] = {}) => {
    const token = guard.tokenOf(name);
    await guard.changed();
    return connectPeer(t, node.address, { token, ...more });
  };
  return { ...guard, node, as };
}

interface Encodable {
  serializeBinary(): Uint8Array;
}

const bytes = (message: Encodable) => Buffer.from(message.serializeBinary());
const identity = (buffer: Buffer) => buffer;

/** How a unary call ends. */
const unary = (t: T, address: string, token: string | undefined, method: string, request: Encodable) =>
  new Promise<Ended>((resolve) => {
    const client = clientOf(t, address, token);
    client.makeUnaryRequest(`/reprise.v1.${method}`, identity, identity, bytes(request), (error) => {
      resolve(error === null ? { status: 0, details: "", code: "" } : endedOf(error));
    });
  });

/** How a streaming call ends, or that it gets an answer. */
async function stream(t: T, address: string, token: string | undefined, path: string, request: Encodable) {
  const call = clientOf(t, address, token).makeServerStreamRequest(path, identity, (buffer) => buffer, bytes(request));
  t.after(() => call.cancel());
  return new Promise<Ended>((resolve) => {
    call.on("data", () => resolve({ status: 0, details: "", code: "" }));
    call.on("error", () => {});
    call.on("status", (status) => resolve(endedOf(status)));
  });
}

function importCall(t: T, address: string, token: string | undefined, channel: string) {
  return new Promise<Ended>((resolve) => {
    const call = clientOf(t, address, token).makeClientStreamRequest(
      "/reprise.v1.Broker/PublishStream",
      identity,
      identity,
      (error) => resolve(error === null ? { status: 0, details: "", code: "" } : endedOf(error)),
    );
    call.on("error", () => {});
    call.write(bytes(publishRequest(channel)));
    call.end();
  });
}

/** The status of a BiStream call, or that it may begin. */
function biStream(t: T, address: string, token: string | undefined, channel: string, replay?: string) {
  return new Promise<Ended>((resolve) => {
    const client = clientOf(t, address, token);
    const metadata = new Metadata();
    metadata.set("channel", channel);
    if (replay !== undefined) metadata.set("replay", replay);
    const call = client.makeBidiStreamRequest("/stream.StreamService/BiStream", identity, identity, metadata);
    t.after(() => call.cancel());
    call.on("metadata", () => resolve({ status: 0, details: "", code: "" }));
    call.on("data", () => {});
    call.on("error", () => {});
    call.on("status", (status) => resolve(endedOf(status)));
  });
}

/** How a call of reflection ends that asks for the list of services, or that it gets an answer. */
function reflection(t: T, address: string, token: string | undefined, version: string) {
  return new Promise<Ended>((resolve) => {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const call = clientOf(t, address, token).makeBidiStreamRequest(path, identity, identity, new Metadata());
    t.after(() => call.cancel());
    call.on("data", () => resolve({ status: 0, details: "", code: "" }));
    call.on("error", () => {});
    call.on("status", (status) => resolve(endedOf(status)));
    call.write(Buffer.from("3a00", "hex"));
  });
}

const publishRequest = (channel: string) =>
  new pb.PublishRequest().setChannel(channel).setMessagesList([new pb.Message().setData(Buffer.from("x"))]);
const subscribeRequest = (channel: string, start?: InstanceType<typeof pb.Start>) =>
  new pb.SubscribeRequest().setSubscriptionsList([new pb.Subscribe().setChannel(channel).setStart(start)]);
const historyRequest = (channel: string) =>
  new pb.HistoryRequest().setChannel(channel).setStart(new pb.Start().setEarliest(true));

const retentionRequest = (pattern: string) => new adminPb.SetRetentionRequest().setPattern(pattern).setLimits("age=9h");

/** Every call that there is, on a channel. */
const calls = (
  t: T,
  address: string,
  token: string | undefined,
  channel: string,
): Record<string, () => Promise<Ended>> => ({
  Publish: () => unary(t, address, token, "Broker/Publish", publishRequest(channel)),
  PublishStream: () => importCall(t, address, token, channel),
  Subscribe: () => stream(t, address, token, "/reprise.v1.Broker/Subscribe", subscribeRequest(channel)),
  "Subscribe earliest": () =>
    stream(
      t,
      address,
      token,
      "/reprise.v1.Broker/Subscribe",
      subscribeRequest(channel, new pb.Start().setEarliest(true)),
    ),
  History: () => unary(t, address, token, "Broker/History", historyRequest(channel)),
  BiStream: () => biStream(t, address, token, channel),
  "BiStream replay": () => biStream(t, address, token, channel, "all"),
  ListChannels: () => unary(t, address, token, "Admin/ListChannels", new adminPb.ListChannelsRequest()),
  GetChannel: () => unary(t, address, token, "Admin/GetChannel", new adminPb.GetChannelRequest().setChannel(channel)),
  ListMembers: () =>
    unary(t, address, token, "Admin/ListMembers", new adminPb.ListMembersRequest().setChannel(channel)),
  ListSessions: () => unary(t, address, token, "Admin/ListSessions", new adminPb.ListSessionsRequest()),
  ListNodes: () => unary(t, address, token, "Admin/ListNodes", new adminPb.ListNodesRequest()),
  ListSlowSubscribers: () =>
    unary(t, address, token, "Admin/ListSlowSubscribers", new adminPb.ListSlowSubscribersRequest().setChannel(channel)),
  ListRetention: () => unary(t, address, token, "Admin/ListRetention", new adminPb.ListRetentionRequest()),
  SetRetention: () => unary(t, address, token, "Admin/SetRetention", retentionRequest(channel)),
  "SetRetention of a pattern": () => unary(t, address, token, "Admin/SetRetention", retentionRequest(`${channel}*`)),
  ListEvents: () => unary(t, address, token, "Admin/ListEvents", new adminPb.ListEventsRequest().setChannel(channel)),
  "ListEvents of all": () => unary(t, address, token, "Admin/ListEvents", new adminPb.ListEventsRequest()),
  GetActivity: () => unary(t, address, token, "Admin/GetActivity", new adminPb.GetActivityRequest()),
  DisconnectSession: () =>
    unary(t, address, token, "Admin/DisconnectSession", new adminPb.DisconnectSessionRequest().setSession("1")),
  TrimChannel: () =>
    unary(t, address, token, "Admin/TrimChannel", new adminPb.TrimChannelRequest().setChannel(channel).setBefore(1)),
  DeleteChannel: () =>
    unary(t, address, token, "Admin/DeleteChannel", new adminPb.DeleteChannelRequest().setChannel(channel)),
  "Reflection v1": () => reflection(t, address, token, "v1"),
  "Reflection v1alpha": () => reflection(t, address, token, "v1alpha"),
  Drain: () => stream(t, address, token, "/reprise.v1.Admin/Drain", new adminPb.DrainRequest()),
});

test("these are all the calls that there are", () => {
  const tried = new Set(Object.keys(calls({} as T, "", "", "")).map((name) => name.split(" ")[0]!.toLowerCase()));
  const services = [brokerGrpc.BrokerService, adminGrpc.AdminService, streamGrpc.StreamServiceService];
  // On a Connect stream each request is tried by itself, below.
  const methods = services.flatMap((service) => Object.keys(service)).filter((name) => name !== "connect");
  // Reflection is no service of ours.
  methods.push("reflection");
  assert.equal(methods.map((name) => name.toLowerCase()).sort(), [...tried].sort());
});

test("nobody who is not recognized gets anywhere, whatever he asks for (P-40)", async (t) => {
  const { node } = await guarded(t);
  const words = new Set<string>();
  for (const token of [undefined, "rpr_unknown", "a.b.c", "x".repeat(5_000)]) {
    for (const [name, call] of Object.entries(calls(t, node.address, token, "own.1"))) {
      const ended = await call();
      assert.is(ended.code, "unauthenticated", `${name} by ${token?.slice(0, 20)}`);
      assert.is(ended.status, 16);
      if (token !== undefined) words.add(ended.details);
    }
    const peer = openStream(t, node.address, token);
    peer.send(encodeHello("root", Buffer.alloc(0)));
    assert.is((await peer.end()).code, "unauthenticated");
    assert.equal(peer.items, []);
  }
  assert.equal([...words], ["the credentials are not valid"], "and nothing tells which tokens there are");
  assert.equal(await node.admin.sessions(), []);
});

test("each call is refused to who has no right to it, and is a denial of that alone (P-43)", async (t) => {
  const { node, tokenOf, root, changed } = await guarded(t);
  await unary(t, node.address, root, "Broker/Publish", publishRequest("own.1"));
  await unary(t, node.address, root, "Broker/Publish", publishRequest("other"));
  const tokens = { ada: tokenOf("ada"), publisher: tokenOf("publisher"), subscriber: tokenOf("subscriber") };
  const nobody = tokenOf("nobody");
  await changed();
  const outcome = async (token: string, channel: string) => {
    const codes: Record<string, string> = {};
    for (const [name, call] of Object.entries(calls(t, node.address, token, channel))) {
      const { code, status } = await call();
      if (code !== "") assert.equal([code, status], ["permission_denied", 7], name);
      codes[name] = code === "" ? "ok" : "denied";
    }
    return codes;
  };
  const denied = Object.fromEntries(Object.keys(calls(t, "", "", "")).map((name) => [name, "denied"]));
  // The list is open to all: who may do nothing sees nothing.
  const nothing = { ...denied, ListChannels: "ok" };
  assert.equal(await outcome(nobody, "own.1"), nothing);
  assert.equal(await outcome(tokens.ada, "other"), nothing);
  const all = Object.fromEntries(Object.keys(denied).map((name) => [name, "ok"]));
  assert.equal(await outcome(tokens.ada, "own.1"), {
    ...all,
    ListSessions: "denied",
    ListNodes: "denied",
    ListRetention: "denied",
    "SetRetention of a pattern": "denied",
    "ListEvents of all": "denied",
    GetActivity: "denied",
    DisconnectSession: "denied",
    "Reflection v1": "denied",
    "Reflection v1alpha": "denied",
    Drain: "denied",
  });
  await unary(t, node.address, root, "Broker/Publish", publishRequest("own.1"));
  assert.equal(await outcome(tokens.publisher, "own.1"), {
    ...nothing,
    Publish: "ok",
    PublishStream: "ok",
    GetChannel: "ok",
  });
  assert.equal(await outcome(tokens.subscriber, "own.1"), {
    ...nothing,
    Subscribe: "ok",
    BiStream: "ok",
    GetChannel: "ok",
  });
});

test("the list of channels is of those that one may do something with", async (t) => {
  const { node, root, tokenOf, changed } = await guarded(t);
  for (const channel of ["own.1", "other", "own.2"])
    await unary(t, node.address, root, "Broker/Publish", publishRequest(channel));
  const seen = async (token: string) =>
    new Promise<string[]>((resolve, reject) => {
      const request = bytes(new adminPb.ListChannelsRequest());
      clientOf(t, node.address, token).makeUnaryRequest(
        "/reprise.v1.Admin/ListChannels",
        identity,
        identity,
        request,
        (error, answer) => {
          if (error !== null) reject(error);
          else
            resolve(
              adminPb.ListChannelsResponse.deserializeBinary(answer!)
                .getChannelsList()
                .map((info) => info.getChannel()),
            );
        },
      );
    });
  assert.equal((await seen(root)).sort(), ["other", "own.1", "own.2"]);
  const ada = tokenOf("ada");
  await changed();
  assert.equal((await seen(ada)).sort(), ["own.1", "own.2"]);
});

test("on a stream a denied request is an error of that request; the stream goes on (P-43)", async (t) => {
  const { as } = await guarded(t);
  const peer = await as("ada", { producer: newProducer() });
  const refused = async (what: string) => {
    const { code, channel } = await peer.refused();
    assert.equal([code, channel], ["permission_denied", "other"], what);
  };
  peer.publish("other", ["no", "no"], 1);
  const publish = await peer.refused();
  assert.equal([publish.code, publish.sequence, publish.count], ["permission_denied", 1, 2]);
  peer.publish("own.1", ["yes"], 1);
  await peer.gets("published");
  for (const start of [{ from: "new" }, { from: "earliest" }, { from: "last", count: 1 }] as const) {
    peer.send(encodeSubscribe("other", start));
    await refused(start.from);
  }
  peer.send(encodeEnter("other", []));
  await refused("enter");
  peer.send(encodeWatchMembers("other"));
  await refused("watch");
  const { position } = await peer.subscribe("own.1", { from: "earliest" });
  assert.is(position.offset, 0);
  assert.equal(textsOf(await peer.hears("own.1", 1)), ["yes"]);
  peer.send(encodeEnter("own.1", []), encodeWatchMembers("own.1"));
  await peer.gets("entered");
  await peer.gets("members");
});

test("a line of BiStream is a publish like any other", async (t) => {
  const { node, tokenOf, changed } = await guarded(t);
  const token = tokenOf("subscriber");
  await changed();
  const metadata = new Metadata();
  metadata.set("channel", "own.1");
  const client = clientOf(t, node.address, token);
  const call = client.makeBidiStreamRequest("/stream.StreamService/BiStream", identity, identity, metadata);
  t.after(() => call.cancel());
  const replies: ReturnType<InstanceType<typeof streamPb.StreamResponse>["toObject"]>[] = [];
  call.on("data", (reply: Buffer) => replies.push(streamPb.StreamResponse.deserializeBinary(reply).toObject()));
  call.on("error", () => {});
  call.write(bytes(new streamPb.StreamRequest().setMessage("no")));
  await until(() => replies.length > 0, "it is answered");
  assert.is(replies[0]!.error, "permission_denied");
  assert.is(await node.buffer.state("own.1"), undefined);
});

test("the publisher's name is that of the identity, whatever a frame made by hand says (P-42)", async (t) => {
  const { node, as, tokenOf, changed } = await guarded(t);
  const ada = await as("ada", { name: "root" });
  assert.equal(
    ada.all("authenticated").map(({ name }) => name),
    ["ada"],
  );
  await ada.subscribe("own.1");
  // A message that names its publisher and its session itself, in every way that protobuf allows.
  const forged = Buffer.concat([
    Buffer.from(new pb.Message().setPublisher("root").setSession("1").serializeBinary()),
    encodeMessage(Buffer.from("by stream")),
    Buffer.from(new pb.Message().setPublisher("root").setSession("1").serializeBinary()),
  ]);
  ada.send(encodePublish("own.1", 0, [forged]));
  const token = tokenOf("publisher");
  await changed();
  const request = publishRequest("own.1").setName("root");
  request.getMessagesList()[0]!.setPublisher("root").setSession("1").setData(Buffer.from("by call"));
  assert.is((await unary(t, node.address, token, "Broker/Publish", request)).code, "");
  const heard = await ada.hears("own.1", 2);
  assert.equal(
    heard.map(({ text, publisher, session }) => [text, publisher, session]),
    [
      ["by stream", "ada", ada.session],
      ["by call", "publisher", "0"],
    ],
  );
  const [session] = await node.admin.sessions();
  assert.is(session!.name, "ada");
});

test("neither a member nor a producer of somebody else can be taken over (P-42)", async (t) => {
  const { as } = await guarded(
    t,
    `
  ada: { rules: [{ allow: all, channels: "own.*" }] }
  eve: { rules: [{ allow: all, channels: "own.*" }] }
`,
  );
  const producer = newProducer();
  const ada = await as("ada", { member: "member-of-ada", producer });
  const [told] = ada.all("authenticated");
  ada.send(encodeEnter("own.1", []), encodeWatchMembers("own.1"));
  await ada.gets("entered");
  const [list] = await ada.gets("members");
  assert.equal(
    list!.joined.map(({ id, name }) => [id, name]),
    [[told!.member, "ada"]],
  );
  // By the id that she chose, and by the one that everybody can see.
  for (const [index, member] of ["member-of-ada", told!.member].entries()) {
    const eve = await as("eve", { member, producer });
    eve.send(encodeEnter("own.1", []));
    await eve.gets("entered");
    await until(() => ada.all("members").length > 1, "ada hears of it");
    eve.publish("own.1", ["mine"], index + 1);
    assert.not.ok((await eve.gets("published"))[0]!.duplicate);
    eve.cancel();
  }
  const told2 = ada
    .all("members")
    .slice(1)
    .flatMap(({ joined, changed }) => [...joined, ...changed]);
  assert.ok(told2.length >= 2);
  assert.ok(
    told2.every(({ id, name }) => name === "eve" && id !== told!.member),
    JSON.stringify(told2),
  );
  ada.publish("own.1", ["hers"], 1);
  assert.not.ok((await ada.gets("published"))[0]!.duplicate, "her numbers are hers");
  const again = await as("ada", { member: "member-of-ada" });
  assert.is(again.all("authenticated")[0]!.member, told!.member, "and it stays hers when she comes back");
});

test("without the right to history one resumes what was missed, and nothing older; reconnecting works (P-43)", async (t) => {
  /** What is stored before may not be resumed. */
  let cut = 0;
  const { as } = await guarded(t, policy, {}, (guard) =>
    Object.create(guard, { resumeMs: { get: () => Date.now() - cut } }),
  );
  const ada = await as("ada");
  const old = await ada.published("own.1", ["old 1", "old 2"]);
  const { epoch } = old[0]!;
  await new Promise((resolve) => setTimeout(resolve, 20));
  cut = Date.now();
  await ada.published("own.1", ["missed"]);
  // An honest one, who was there, and whoever makes up a position.
  for (const offset of [2, 0]) {
    const peer = await as("subscriber");
    await peer.subscribe("own.1", { from: "position", position: { epoch, offset } });
    assert.equal(textsOf(await peer.hears("own.1", 1)), ["missed"], `from ${offset}`);
    assert.equal(
      peer.all("gap").map(({ gap }) => gap),
      offset === 2 ? [] : [{ reason: "trimmed", from: 1, to: 2 }],
    );
  }
  for (const position of [
    { epoch: 0, offset: 0 },
    { epoch: 7, offset: 0 },
  ]) {
    const peer = await as("subscriber");
    await peer.subscribe("own.1", { from: "position", position });
    assert.equal(textsOf(await peer.hears("own.1", 1)), ["missed"], JSON.stringify(position));
    assert.is(peer.all("gap").at(-1)!.gap.to, 2);
  }
  const whole = await as("ada");
  await whole.subscribe("own.1", { from: "position", position: { epoch, offset: 0 } });
  assert.equal(textsOf(await whole.hears("own.1", 3)), ["old 1", "old 2", "missed"]);
});

test("when the policy changes, what is not allowed any more ends, and only that (P-44)", async (t) => {
  const { as, setPolicy, lines } = await guarded(t);
  const ada = await as("ada");
  for (const channel of ["own.1", "own.2"]) await ada.subscribe(channel);
  ada.send(encodeEnter("own.1", []), encodeWatchMembers("own.1"));
  await ada.gets("members", 1);
  await setPolicy(`
  ada: { rules: [{ allow: all, channels: "own.*" }, { deny: [subscribe, presence], channels: own.1 }] }
`);
  const errors = await ada.gets("error", 3);
  assert.equal(errors.map(({ code, channel, request }) => [code, channel, request]).sort(), [
    ["permission_denied", "own.1", 3],
    ["permission_denied", "own.1", 5],
    ["permission_denied", "own.1", 7],
  ]);
  await ada.published("own.1", ["unheard"]);
  await ada.published("own.2", ["heard"]);
  await ada.hears("own.2", 1);
  assert.equal(ada.heard("own.1"), []);
  const root = await as("root");
  root.send(encodeWatchMembers("own.1"));
  assert.equal((await root.gets("members"))[0]!.joined, [], "she is no member any more");

  // What cannot be used changes nothing.
  const before = lines.length;
  await Promise.race([setPolicy("\n  ada: { rules: 7 }\n"), until(() => lines.length > before, "it is said")]);
  assert.match(lines.at(-1)!, "what was read before stays");
  await ada.published("own.2", ["still"]);
  await setPolicy("");
  ada.publish("own.2", ["no"]);
  await until(() => ada.all("error", "own.2").length === 2, "subscription and publish are refused");
});

test("a renewed token must be of the same identity (P-41)", async (t) => {
  const { as, tokenOf, changed } = await guarded(t);
  const ada: Peer = await as("ada");
  const [another, other] = [tokenOf("ada", new Date(Date.now() + 60_000)), tokenOf("publisher")];
  await changed();
  ada.send(encodeAuthenticate(other));
  const { code, request } = await ada.refused();
  assert.equal([code, request], ["unauthenticated", 16]);
  ada.send(encodeAuthenticate(another));
  const [, renewed] = await ada.gets("authenticated", 2);
  assert.is(renewed!.name, "ada");
  assert.ok(renewed!.expiresInMs > 50_000 && renewed!.expiresInMs <= 60_000);
  await ada.published("own.1", ["still here"]);
});

test("of several new tokens at once one is looked at: each costs the node more than the peer", async (t) => {
  const { as, tokenOf, changed } = await guarded(t);
  const ada = await as("ada");
  const token = tokenOf("ada");
  await changed();
  ada.send(Buffer.concat(Array.from({ length: 3 }, () => encodeAuthenticate(token))));
  const refusals = await ada.gets("error", 2);
  assert.equal(
    refusals.map(({ code, request }) => [code, request]),
    Array.from({ length: 2 }, () => ["protocol_violation", 16]),
  );
  await ada.gets("authenticated", 2);
  ada.send(encodeAuthenticate(token));
  await ada.gets("authenticated", 3);
});

test.run();
