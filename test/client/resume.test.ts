// Disconnections: what was published is stored once, what is subscribed to goes on where it was.
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import grpcBroker from "../../generated/reprise/v1/broker_grpc_pb.js";
import {
  type Bus,
  type ConnectOptions,
  connect,
  type Message,
  type RepriseError,
  type State,
} from "../../src/client/index.js";
import { defaultLimits } from "../../src/wire/limits.js";
import { encodeDraining, encodeWelcome } from "../../src/wire/server-item.js";
import { assert, suite, type T, until } from "../harness.js";
import { startNode } from "./node.js";
import { startProxy } from "./proxy.js";

const test = suite("client resume");

const backoff = { baseMs: 5, capMs: 50 };

async function open(t: T, address: string | string[], options: ConnectOptions = {}): Promise<Bus> {
  const bus = await connect(address, { backoff, ...options });
  t.after(() => bus.close({ timeoutMs: 0 }));
  return bus;
}

async function follow(bus: Bus, channel: string, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of bus.subscribe(channel, { from: "earliest" })) {
    messages.push(message);
    if (messages.length === count) break;
  }
  return messages;
}

const textsOf = (messages: readonly Message[]) => messages.map((message) => message.text);

async function stored(address: string, channel: string): Promise<string[]> {
  const bus = await connect(address);
  const texts: string[] = [];
  for await (const message of bus.history(channel)) texts.push(message.text);
  await bus.close();
  return texts;
}

/** Resolves with the state when it is next of this kind. */
function stateOf<K extends State["kind"]>(bus: Bus, kind: K): Promise<Extract<State, { kind: K }>> {
  return new Promise((resolve) => {
    const ignore = bus.onState((state) => {
      if (state.kind !== kind) return;
      ignore();
      resolve(state as Extract<State, { kind: K }>);
    });
  });
}

test("P-11: answers lost on the way: sent again, and stored once", async (t) => {
  const node = await startNode(t);
  const proxy = await startProxy(t, node.address);
  const bus = await open(t, proxy.address);
  const texts = Array.from({ length: 500 }, (_, i) => `${i}`);
  await bus.publish("c", "first");
  proxy.deafen();
  const results = texts.map((text) => bus.publish("c", text));
  await until(async () => (await stored(node.address, "c")).length === 501, "the node has them all");
  proxy.cut();
  const settled = await Promise.all(results);
  assert.ok(settled.every(({ duplicate }) => duplicate));
  assert.equal(
    settled.map(({ position }) => position.offset),
    texts.map((_, i) => i + 2),
    "with the offsets of the first try",
  );
  assert.equal(await stored(node.address, "c"), ["first", ...texts]);
});

test("cut again and again: each message once and in order, for every subscriber", async (t) => {
  const node = await startNode(t);
  const count = 1_500;
  const proxies = await Promise.all([startProxy(t, node.address), startProxy(t, node.address)]);
  const publishers = [await open(t, proxies[0].address), await open(t, proxies[1].address)];
  const subscribers = [await open(t, proxies[0].address), await open(t, proxies[1].address)];
  const received = subscribers.map((bus) => follow(bus, "c", count * publishers.length));
  let publishing = true;
  const cutting = (async () => {
    for (let i = 0; publishing; i++) {
      const proxy = proxies[i % 2]!;
      const { connections } = proxy;
      if (i % 3 === 0) proxy.deafen();
      await new Promise((resolve) => setTimeout(resolve, 10));
      proxy.cut();
      await until(() => proxy.connections >= connections + 2, "both are back");
    }
  })();
  const published = publishers.map(async (bus, name) => {
    for (let i = 0; i < count; i += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, j) => bus.publish("c", `${name} ${i + j}`)));
    }
  });
  await Promise.all(published);
  publishing = false;
  await cutting;
  assert.ok(proxies[0].connections > 10, `${proxies[0].connections} connections`);
  const [one, two] = await Promise.all(received);
  assert.equal(textsOf(one!), textsOf(two!));
  assert.equal(await stored(node.address, "c"), textsOf(one!));
  for (const name of ["0", "1"]) {
    const own = textsOf(one!).filter((text) => text.startsWith(`${name} `));
    assert.equal(
      own,
      Array.from({ length: count }, (_, i) => `${name} ${i}`),
    );
  }
});

test("the node is away: what is published meanwhile is stored when it is back", async (t) => {
  const node = await startNode(t);
  const bus = await open(t, node.address);
  const received = follow(bus, "c", 3);
  await bus.publish("c", "before");
  const lost = stateOf(bus, "reconnecting");
  await node.stop();
  const { attempt, reason, nextTryMs } = await lost;
  assert.is(attempt, 1);
  assert.is(reason.retryable, true);
  assert.ok(nextTryMs <= 2_000);
  const during = [bus.publish("c", "during"), bus.publish("c", "still during")];
  const channel = bus.channel("c");
  await stateOf(bus, "connecting");
  await node.start();
  assert.equal(
    (await Promise.all(during)).map(({ position }) => position.offset),
    [2, 3],
  );
  assert.equal(textsOf(await received), ["before", "during", "still during"]);
  assert.is((await channel).channel, "c", "a unary call waits as well");
});

test("P-6: a node that stops in good order loses nothing, and is left in time", async (t) => {
  const node = await startNode(t);
  const bus = await open(t, node.address);
  const received = follow(bus, "c", 2_000);
  const kinds: string[] = [];
  bus.onState(({ kind }) => kinds.push(kind));
  const results: Promise<unknown>[] = [];
  for (let i = 0; i < 1_000; i++) results.push(bus.publish("c", `${i}`));
  await results[0];
  await node.stop(10_000);
  for (let i = 1_000; i < 2_000; i++) results.push(bus.publish("c", `${i}`));
  await node.start();
  await Promise.all(results);
  assert.is(kinds[0], "draining");
  assert.equal(
    textsOf(await received),
    Array.from({ length: 2_000 }, (_, i) => `${i}`),
  );
});

test("a subscription that was at the end of an empty channel sees its first message", async (t) => {
  const node = await startNode(t);
  const bus = await open(t, node.address);
  const subscription = bus.subscribe("c");
  await subscription.ready;
  const connected = stateOf(bus, "connected");
  await node.stop();
  await node.start();
  const other = await open(t, node.address);
  await other.publish("c", "meanwhile");
  await connected;
  for await (const message of subscription) {
    assert.is(message.text, "meanwhile");
    break;
  }
});

test("P-5: silence is noticed, and so is a welcome that never comes", async (t) => {
  const node = await startNode(t, { heartbeatIntervalMs: 100 });
  const proxy = await startProxy(t, node.address);
  const bus = await open(t, proxy.address);
  const lost = stateOf(bus, "reconnecting");
  const back = stateOf(bus, "connected");
  proxy.freeze();
  assert.match((await lost).reason.message, "silent");
  await back;
  assert.is((await bus.publish("c", "x")).position.offset, 1);
  const silent = new Server();
  t.after(() => silent.forceShutdown());
  silent.addService({ connect: grpcBroker.BrokerService.connect }, { connect: () => {} });
  const error = await connect(`127.0.0.1:${await bind(silent)}`, { timeoutMs: 1_200 }).catch((thrown) => thrown);
  assert.is(error.code, "unavailable");
});

test("without reconnecting the first loss is final", async (t) => {
  const node = await startNode(t);
  const bus = await open(t, node.address, { reconnect: false });
  const received = follow(bus, "c", 1).catch((error) => error);
  await bus.publish("d", "x");
  const failed = stateOf(bus, "failed");
  await node.stop();
  const { error } = await failed;
  assert.is(await received, error);
  assert.is(await follow(bus, "d", 1).catch((reason) => reason), error);
  assert.is(await bus.publish("c", "x").catch((reason) => reason), error);
  assert.is(await bus.channel("c").catch((reason) => reason), error);
});

test("closing while the node is away ends in time, and says what was not stored", async (t) => {
  const node = await startNode(t);
  const bus = await open(t, node.address);
  await bus.publish("c", "1");
  await node.stop();
  const abandoned = bus.publish("c", "2").catch((error: RepriseError) => error.code);
  const abort = new AbortController();
  const cancelled = bus.publish("c", "3", { signal: abort.signal }).catch((error: RepriseError) => error.code);
  abort.abort();
  assert.is(await cancelled, "cancelled");
  await bus.close({ timeoutMs: 50 });
  assert.is(await abandoned, "closed");
});

test("goes from a node that drains to another at once", async (t) => {
  const node = await startNode(t);
  const connected = { draining: 0 };
  const drainer = await startScripted(t, (call) => {
    connected.draining++;
    call.write(welcome());
    call.write(encodeDraining(60_000));
  });
  const bus = await open(t, [drainer, node.address]);
  await until(() => bus.state.kind === "connected" && bus.state.address === node.address, "it is at the other node");
  assert.ok(connected.draining <= 1);
  assert.is((await bus.publish("c", "x")).position.offset, 1);
});

const welcome = () =>
  encodeWelcome({
    node: "scripted",
    session: "1",
    limits: defaultLimits,
    heartbeatIntervalMs: 10_000,
    ackLevel: "stored",
  });

const bind = (server: Server) =>
  new Promise<number>((resolve) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, port) => resolve(port)),
  );

/** A node that does what the test says, once it has got a hello. */
async function startScripted(t: T, script: (call: ServerDuplexStream<Buffer, Buffer>) => void): Promise<string> {
  const server = new Server();
  t.after(() => server.forceShutdown());
  const raw = {
    requestDeserialize: (bytes: Buffer) => bytes,
    requestSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
  };
  server.addService(
    { connect: { ...grpcBroker.BrokerService.connect, ...raw } },
    { connect: (call: ServerDuplexStream<Buffer, Buffer>) => call.once("data", () => script(call)) },
  );
  return `127.0.0.1:${await bind(server)}`;
}

test.run();
