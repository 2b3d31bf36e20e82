// What clients say to a node, each conversation by itself, and what they understand of the answers. A recording is replayed to
// these very functions, so they stay as they are: what later versions can say besides is a conversation of its own.
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import admin from "../../generated/reprise/v1/admin_pb.js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import lines from "../../generated/stream/stream_pb.js";
import { after, connect, drainNode, type From, last, type Message, type RepriseError } from "../../src/client/index.js";
import {
  encodeAuthenticate,
  encodeHello,
  encodePublish,
  encodeSubscribe,
  encodeUnsubscribe,
  type Start,
  writeStart,
} from "../../src/wire/client-frame.js";
import { encodeMessage } from "../../src/wire/message.js";
import { type T, until } from "../scope.js";
import { meaningOf } from "./meaning.js";

export interface Place {
  t: T;
  /** Of the node, or what stands in its place. */
  address: string;
  /** Cuts all connections. */
  cut(): void;
}

/** What was understood, in lines. */
export type Conversation = (place: Place) => Promise<string[]>;

const said = ({ channel, offset, publisher, headers, text }: Message): string =>
  `${channel}/${offset} ${publisher} ${JSON.stringify(headers)} ${text.slice(0, 40)}`;

/** A peer by our client: publishes, subscribes from everywhere, is cut off and resumes, is a member, asks. */
async function peer({ address, cut }: Place): Promise<string[]> {
  const heard: string[] = [];
  await using bus = await connect(address, { name: "ada", member: "ada-12345678", compression: "subscribe" });
  const publish = async (text: string) => {
    const { position, duplicate } = await bus.publish("c", text, { headers: { kind: "test" } });
    heard.push(`published ${position.epoch}/${position.offset} ${duplicate}`);
  };
  const read = async (from: From, count: number) => {
    const subscription = bus.subscribe("c", { from });
    const { epoch, offset } = await subscription.ready;
    heard.push(`from ${epoch}/${offset}`);
    let read = 0;
    for await (const message of subscription) {
      heard.push(said(message));
      if (++read === count) break;
    }
    return { epoch, offset: offset + count };
  };
  for (const text of ["one", "two", "x".repeat(2_000)]) await publish(text);
  const position = await read("earliest", 3);
  await read(last(2), 2);
  await read(2, 2);
  await read({ from: "time", timeMs: 1 }, 3);
  await read(after({ ...position, offset: 1 }), 2);

  const live = bus.subscribe("c");
  await live.ready;
  const messages = live[Symbol.asyncIterator]();
  await publish("live");
  heard.push(said((await messages.next()).value!));
  const disconnected = new Promise<void>((resolve) => {
    const forget = bus.onState(({ kind }) => {
      if (kind !== "reconnecting") return;
      forget();
      resolve();
    });
  });
  cut();
  await disconnected;
  await until(() => bus.state.kind === "connected", "it is connected again", 20_000);
  await publish("after the cut");
  heard.push(said((await messages.next()).value!));
  await live.close();

  const presence = bus.presence("room");
  heard.push(`there: ${(await presence.ready).length}`);
  const changes = presence[Symbol.asyncIterator]();
  const change = async () => {
    const { kind, member } = (await changes.next()).value!;
    heard.push(`${kind} ${member.id} ${member.name} ${JSON.stringify(member.metadata)}`);
  };
  const membership = await bus.enter("room", { metadata: { seat: "1" } });
  await change();
  await bus.enter("room", { metadata: { seat: "2" } });
  await change();
  heard.push(`members ${(await bus.members("room")).map(({ id, name }) => `${id} ${name}`).join()}`);
  await membership.leave();
  await change();
  await presence.close();

  for await (const message of bus.history("c")) heard.push(`history ${said(message)}`);
  for await (const { channel, first, next } of bus.channels()) heard.push(`channel ${channel} ${first} ${next}`);
  heard.push(`next ${(await bus.channel("c")).next}`);
  heard.push(`nodes ${(await bus.nodes()).length}`);
  return heard;
}

const identity = (bytes: Buffer) => bytes;
const bytesOf = (message: { serializeBinary(): Uint8Array }) => Buffer.from(message.serializeBinary());
const message = (text: string) => pb.Message.deserializeBinary(encodeMessage(Buffer.from(text)));
const start = (from: Start) => writeStart(from);

function clientOf({ t, address }: Place): Client {
  const client = new Client(address, credentials.createInsecure(), { "grpc.enable_retries": 0 });
  t.after(() => client.close());
  return client;
}

/** The other calls, as other languages make them: by what is generated from the .proto files. */
async function calls(place: Place): Promise<string[]> {
  const client = clientOf(place);
  const heard: string[] = [];
  const ask = (method: string, request: { serializeBinary(): Uint8Array }) =>
    new Promise<void>((resolve) => {
      const path = `/reprise.v1.${method}`;
      const answered = (error: ServiceError | null, answer?: Buffer) => {
        heard.push(error ? `${method} failed ${error.code} ${error.metadata.get("reprise-code")}` : method);
        if (answer !== undefined) heard.push(...meaningOf(path, answer));
        resolve();
      };
      client.makeUnaryRequest(path, identity, identity, bytesOf(request), answered);
    });
  const key = Buffer.from("a key of mine");
  const publish = new pb.PublishRequest().setChannel("calls").setName("script").setIdempotencyKey(key);
  publish.setMessagesList([message("one"), message("two")]);
  await ask("Broker/Publish", publish);
  await ask("Broker/Publish", publish);
  await ask("Broker/Publish", new pb.PublishRequest().setChannel("no such name!").setMessagesList([message("x")]));

  const path = "/reprise.v1.Broker/PublishStream";
  const summary = new Promise<Buffer>((resolve, reject) => {
    const stream = client.makeClientStreamRequest(path, identity, identity, (error, answer?: Buffer) =>
      error ? reject(error) : resolve(answer!),
    );
    for (const text of ["three", "four"]) {
      stream.write(bytesOf(new pb.PublishRequest().setChannel("calls").setMessagesList([message(text)])));
    }
    stream.end();
  });
  heard.push(...meaningOf(path, await summary));

  await ask("Broker/History", new pb.HistoryRequest().setChannel("calls").setStart(start({ from: "last", count: 3 })));
  await ask("Admin/ListChannels", new admin.ListChannelsRequest().setPrefix("ca"));
  await ask("Admin/GetChannel", new admin.GetChannelRequest().setChannel("calls"));
  await ask("Admin/GetChannel", new admin.GetChannelRequest().setChannel("missing"));
  await ask("Admin/ListSessions", new admin.ListSessionsRequest());
  await ask("Admin/ListNodes", new admin.ListNodesRequest());
  await ask("Admin/ListMembers", new admin.ListMembersRequest().setChannel("calls"));
  heard.push(...(await subscribed(client)));
  return heard;
}

/** `Broker.Subscribe`, until all that there is was heard. */
async function subscribed(client: Client): Promise<string[]> {
  const path = "/reprise.v1.Broker/Subscribe";
  const request = new pb.SubscribeRequest().setSubscriptionsList([
    new pb.Subscribe().setChannel("calls").setStart(start({ from: "earliest" })),
    new pb.Subscribe().setChannel("later"),
  ]);
  const heard: string[] = [];
  const call = client.makeServerStreamRequest(path, identity, identity, bytesOf(request));
  call.on("error", () => {});
  call.on("data", (frame: Buffer) => heard.push(...meaningOf(path, frame)));
  await until(() => heard.length >= 6, "two subscriptions and four messages are heard", 20_000);
  call.cancel();
  return heard.sort();
}

/** Requests on a stream that our own client makes seldom or never, and what is refused. */
async function frames(place: Place): Promise<string[]> {
  const path = "/reprise.v1.Broker/Connect";
  const heard: string[] = [];
  const call = clientOf(place).makeBidiStreamRequest(path, identity, identity, new Metadata());
  call.on("data", (frame: Buffer) => heard.push(...meaningOf(path, frame)));
  const ended = new Promise<void>((resolve, reject) => {
    call.once("error", reject);
    call.once("end", resolve);
  });
  const say = async (frame: Buffer, answers: number) => {
    const before = heard.length;
    call.write(frame);
    await until(() => heard.length >= before + answers, `${answers} answers, behind ${heard.at(-1)}`, 20_000);
  };
  const texts = (...all: string[]) => all.map((text) => encodeMessage(Buffer.from(text)));
  await say(encodeHello("", Buffer.alloc(0)), 1);
  await say(encodePublish("frames", 0, texts("a", "b")), 2);
  await say(encodeAuthenticate("a token"), 1);
  await say(encodeSubscribe("frames", { from: "earliest" }, true), 3);
  await say(encodeSubscribe("frames", { from: "earliest" }), 1);
  await say(encodeUnsubscribe("frames"), 1);
  await say(encodeUnsubscribe("frames"), 1);
  await say(encodeSubscribe("frames", { from: "offset", offset: 99 }), 1);
  // Two frames are one with the items of both.
  await say(Buffer.concat([encodePublish("frames", 0, texts("c")), encodeSubscribe("other", { from: "new" })]), 2);
  call.end();
  await ended;
  return heard;
}

/** `stream.StreamService.BiStream`, as existing programs speak it. */
async function bistream(place: Place): Promise<string[]> {
  const path = "/stream.StreamService/BiStream";
  const client = clientOf(place);
  const open = async (headers: Record<string, string>) => {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    const heard: string[] = [];
    const call = client.makeBidiStreamRequest(path, identity, identity, metadata);
    call.on("error", () => {});
    call.on("data", (reply: Buffer) => heard.push(...meaningOf(path, reply)));
    await new Promise((resolve) => call.once("metadata", resolve));
    const hears = (count: number) => until(() => heard.length >= count, `${count} replies`, 20_000);
    const say = (text: string) => call.write(bytesOf(new lines.StreamRequest().setMessage(text).setPid(4242)));
    return { call, heard, hears, say };
  };
  const ada = await open({ channel: "lines", name: "ada" });
  ada.say("hello");
  await ada.hears(1);
  const bob = await open({ channel: "lines", name: "bob", replay: "all" });
  await bob.hears(1);
  bob.say("hi");
  await bob.hears(2);
  await ada.hears(2);
  const eve = await open({ channel: "lines", replay: "@1" });
  await eve.hears(1);
  const ended = new Promise((resolve) => ada.call.once("end", resolve));
  ada.call.end();
  await ended;
  for (const { call } of [bob, eve]) call.cancel();
  return [...ada.heard, ...bob.heard, ...eve.heard];
}

/** What an operator asks and does, by our client, to the end of the node. */
async function operator({ address }: Place): Promise<string[]> {
  const heard: string[] = [];
  const told = async (what: string, answer: Promise<unknown>) => {
    const words = await answer.then(
      (value) => JSON.stringify(value ?? null),
      ({ code }: RepriseError) => `refused ${code}`,
    );
    heard.push(`${what} ${words}`);
  };
  {
    await using bus = await connect(address, { name: "ops" });
    for (const text of ["a", "b", "c", "d", "e"]) await bus.publish("kept", text);
    await bus.publish("gone", "f");
    const subscription = bus.subscribe("kept", { from: "earliest" });
    const messages = subscription[Symbol.asyncIterator]();
    for (let i = 0; i < 5; i++) heard.push(said((await messages.next()).value!));
    const { admin } = bus;
    const [session] = await admin.sessions();
    await told("session", Promise.resolve([session?.name, session?.method, session?.subscriptions]));
    await told("disconnect", admin.disconnect("1"));
    await told("slow", admin.slow({ channel: "kept", limit: 3 }));
    const { publishedMessages, deliveredMessages, channelCount, slowCount, ready } = await admin.activity({ slow: 1 });
    await told("activity", Promise.resolve([publishedMessages, deliveredMessages, channelCount, slowCount, ready]));
    await told("set", admin.setRetention("kept", "messages=4 age=1h"));
    await told("rules", admin.retention());
    await told("channel", bus.channel("kept"));
    await told("unset", admin.setRetention("kept", ""));
    await told("trim", admin.trim("kept", 3));
    await told("delete", admin.delete("gone"));
    await told("delete", admin.delete("gone"));
    for (const { kind, channel, epoch, offset, reason } of (await admin.events({ channel: "kept", offset: 4 }))
      .events) {
      if (kind !== "progress" && kind !== "head") heard.push(`${kind} ${channel} ${epoch}/${offset} ${reason}`);
    }
    await subscription.close();
  }
  for await (const { done } of drainNode(address, { windowMs: 1 })) if (done) heard.push("drained");
  return heard;
}

export const conversations: Readonly<Record<string, Conversation>> = { peer, calls, frames, bistream, operator };
