// What identities may do: an attempt at every operation by one without the right, and what happens when rights change.
import { Metadata, Server } from "@grpc/grpc-js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import streamPb from "../../generated/stream/stream_pb.js";
import type { Guard, Operation } from "../../src/auth/index.js";
import { memoryMembers } from "../../src/presence/memory.js";
import {
  encodeAuthenticate,
  encodeEnter,
  encodeHello,
  encodeSubscribe,
  encodeWatchMembers,
} from "../../src/wire/client-frame.js";
import { embedded, gate } from "../broker/buffers.js";
import { adminOf, startNode } from "../broker/node.js";
import { clientOf, connectPeer, newProducer, openStream, type Peer, textsOf } from "../broker/peer.js";
import { assert, suite, type T, until } from "../harness.js";
import { bytes, calls, identity, publishRequest, unary } from "./calls.js";
import { testGuard } from "./guard.js";
import { requests, starts } from "./requests.js";

const test = suite("auth permissions");

const rights: readonly Operation[] = ["publish", "subscribe", "history", "presence", "admin"];

/** May do everything on `own.*`, and there are those who may do one thing and nothing else. */
const policy = `
  ada: { rules: [{ allow: all, channels: "own.*" }] }
  publisher: { rules: [{ allow: publish, channels: "own.*" }] }
  subscriber: { rules: [{ allow: subscribe, channels: "own.*" }] }
${rights.map((right) => `  only-${right}: { rules: [{ allow: ${right}, channels: "own.*" }] }`).join("\n")}
${rights.map((right) => `  not-${right}: { rules: [{ allow: all, channels: "*" }, { deny: ${right}, channels: "*" }] }`).join("\n")}
`;

/** Who there is, and the rights of each on `own.*`. */
const holders: Readonly<Record<string, readonly Operation[]>> = {
  nobody: [],
  ...Object.fromEntries(rights.map((right) => [`only-${right}`, [right]])),
  ada: rights,
};

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

test("these are all the calls that a node answers, and all the requests of a stream", async (t) => {
  const { addService } = Server.prototype;
  const paths: string[] = [];
  Server.prototype.addService = function (service, implementation) {
    paths.push(...Object.values(service).map(({ path }) => path));
    addService.call(this, service, implementation);
  };
  t.after(() => {
    Server.prototype.addService = addService;
  });
  await startNode(t);
  const methods = new Set(paths.filter((path) => !path.startsWith("/grpc.health.")).map((path) => path.split("/")[2]!));
  const tried = new Set(Object.keys(calls).map((name) => name.split(" ")[0]!));
  assert.equal([...methods].sort(), [...tried, "Connect"].sort());
  const { ItemCase } = pb.ClientItem;
  assert.equal(
    Object.keys(requests).sort(),
    Object.keys(ItemCase)
      .filter((name) => name !== "ITEM_NOT_SET")
      .sort(),
  );
  assert.equal(Object.keys(starts).sort(), Object.keys(pb.Start.StartCase).sort());
});

test("nobody who is not recognized gets anywhere, whatever he asks for (P-40)", async (t) => {
  const { node } = await guarded(t);
  const words = new Set<string>();
  for (const token of [undefined, "rpr_unknown", "a.b.c", "x".repeat(5_000)]) {
    const caller = { t, address: node.address, token };
    for (const [name, { make }] of Object.entries(calls)) {
      const ended = await make(caller, "own.1");
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

test("each call is let in by the rights that it takes, is refused without one of them, and that alone (P-43)", async (t) => {
  const { node, tokenOf, root, changed } = await guarded(t);
  const names = [...Object.keys(holders), ...rights.map((right) => `not-${right}`)];
  const tokens = Object.fromEntries(names.map((name) => [name, tokenOf(name)]));
  await changed();
  const address = node.address;
  const outcome = async (token: string, channel: string) => {
    for (const one of ["own.1", "other"]) {
      await unary({ t, address, token: root }, "Broker/Publish", publishRequest(one));
    }
    const letIn: Record<string, boolean> = {};
    for (const [name, { make }] of Object.entries(calls)) {
      // It would stop the node for the others.
      if (name === "Drain" && token === root) continue;
      const { code, status } = await make({ t, address, token }, channel);
      if (code === "permission_denied") assert.is(status, 7, name);
      // Who is let in may be told that there is no such thing.
      else assert.ok(["", "channel_not_found", "session_not_found"].includes(code), `${name}: ${code}`);
      letIn[name] = code !== "permission_denied";
    }
    return letIn;
  };
  /** @param isAll on all channels, and so with the node */
  const expected = (held: readonly Operation[], isAll = false) =>
    Object.fromEntries(
      Object.entries(calls).map(([name, { needs }]) => {
        if (needs === "node") return [name, isAll && held.includes("admin")];
        return [name, needs === "any" ? held.length > 0 : needs.every((right) => held.includes(right))];
      }),
    );
  for (const [name, held] of Object.entries(holders)) {
    assert.equal(await outcome(tokens[name]!, "own.1"), expected(held), name);
  }
  assert.equal(await outcome(tokens.ada!, "other"), expected([]), "ada on a channel of others");
  const { Drain: _, ...all } = expected(rights, true);
  assert.equal(await outcome(root, "other"), all, "root");
  const held = rights.filter((right) => right !== "admin");
  assert.equal(await outcome(tokens["not-admin"]!, "other"), expected(held, true), "deny wins");
});

test("the list of channels is of those that one may do something with, and tells nothing of the others", async (t) => {
  const { node, root, tokenOf, changed } = await guarded(t);
  for (const channel of ["own.1", "other.1", "own.2", "other.2"])
    await unary({ t, address: node.address, token: root }, "Broker/Publish", publishRequest(channel));
  const names = ({ channelsList }: Awaited<ReturnType<typeof node.admin.channels>>) =>
    channelsList.map(({ channel }) => channel).sort();
  assert.equal(names(await node.admin.channels()), ["other.1", "other.2", "own.1", "own.2"]);
  const token = tokenOf("ada");
  await changed();
  const ada = adminOf(t, node.address, token);
  assert.equal(names(await ada.channels()), ["own.1", "own.2"]);
  // Page by page, and whether there are pages.
  const first = await ada.channels("", "", 1);
  assert.equal(await ada.channels("", first.nextPageToken, 1), await ada.channels("own.2"));
  assert.equal(await ada.channels("other", "", 1), { channelsList: [], nextPageToken: "" });
});

test("each request of a stream takes its right, too, and is answered by an error of its own without it (P-43)", async (t) => {
  const { node, tokenOf, changed } = await guarded(t);
  const tokens = Object.fromEntries(Object.keys(holders).map((name) => [name, tokenOf(name)]));
  const stranger = tokenOf("stranger");
  await changed();
  const answers = ["error", "published", "subscribed", "unsubscribed", "entered", "left", "members"];
  const ask = async (peer: Peer, request: Buffer) => {
    const before = peer.items.length;
    peer.send(request);
    const answer = () => peer.items.slice(before).find(({ kind }) => [...answers, "membersUnwatched"].includes(kind));
    await until(() => answer() !== undefined || peer.ended !== undefined, "it is answered");
    const item = answer()!;
    return item.kind === "error" ? item.code : item.kind;
  };
  for (const [name, held] of Object.entries(holders)) {
    const peer = await connectPeer(t, node.address, { token: tokens[name]! });
    for (const [what, { needs, frame, answer }] of Object.entries(requests)) {
      const expected = needs.every((right) => held.includes(right)) ? answer(held) : "permission_denied";
      assert.is(await ask(peer, frame("own.1", stranger)), expected, `${what} by ${name}`);
      if (needs.length > 0) {
        assert.is(await ask(peer, frame("other", stranger)), "permission_denied", `${what} on another's by ${name}`);
      }
    }
    for (const [from, { needs, frame }] of Object.entries(starts)) {
      const expected = needs.every((right) => held.includes(right)) ? "subscribed" : "permission_denied";
      assert.is(await ask(peer, frame(`own.${from}`)), expected, `from ${from} by ${name}`);
    }
    assert.is(peer.ended, undefined);
    peer.cancel();
  }
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

test("a page that had to wait for others is read by the rights of its turn (P-44)", async (t) => {
  const guard = testGuard(t, policy);
  const stored = await embedded(t);
  const opened = gate();
  let reads = 0;
  const read: typeof stored.read = async (...asked) => {
    reads++;
    await opened.passed;
    return stored.read(...asked);
  };
  const node = await startNode(t, { guard: guard.guard, token: guard.root, buffer: { ...stored, read } });
  const token = guard.tokenOf("ada");
  await guard.changed();
  const { address } = node;
  const ada = { t, address, token, client: clientOf(t, address, token) };
  assert.is((await calls.Publish!.make(ada, "own.1")).code, "");
  const pages = Array.from({ length: 12 }, () => calls.History!.make(ada, "own.1"));
  await until(() => reads === 8, "so many are read at a time");
  await guard.setPolicy("");
  // By the same connection, and behind them: they are all there.
  assert.is((await calls.Publish!.make(ada, "own.1")).code, "permission_denied");
  opened.open();
  assert.equal(
    (await Promise.all(pages)).map(({ code }) => code),
    [...Array<string>(8).fill(""), ...Array<string>(4).fill("permission_denied")],
  );
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
