// A flood against every limit of a node: it is refused, each that can be told is told when to come again, and others who
// publish and subscribe beside it lose nothing (P-45, P-46, P-47).
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import streamPb from "../../generated/stream/stream_pb.js";
import { limitOption } from "../../src/bin/serve-limits.js";
import { defaultQuotas, nameOf, type Quota, type Quotas } from "../../src/broker/quotas.js";
import { encodeHello, encodePublish } from "../../src/wire/client-frame.js";
import { MiB } from "../../src/wire/limits.js";
import { bytes, type Caller, calls, openBiStream, publishRequest, unary } from "../auth/calls.js";
import { testGuard } from "../auth/guard.js";
import { scrape, startGateway } from "../gateway/scrape.js";
import { assert, suite, type T, until } from "../harness.js";
import { silent } from "./connections.js";
import type { TestNode } from "./node.js";
import { clientOf, connectPeer, type Ended, encodeTexts, openStream, type Peer, textsOf } from "./peer.js";

const test = suite("floods");

/** Where it takes place. */
interface Scene {
  t: T;
  node: TestNode;
  /** Who floods. */
  ada: Caller & { token: string };
  /** Who comes later, and has nothing to do with it. */
  eve: Caller;
}

interface Flood {
  quotas: Partial<Quotas>;
  /** Resolves when it is known what became of it. Answers how many there were at least that were refused or held up. */
  pour(scene: Scene): Promise<number>;
}

const here = "127.0.0.1";
/** Not the others' address. */
const elsewhere = "127.0.0.2";

const everyMs = 10;

/** Bob publishes and carol hears, one message after the other, well below the limits, until it is stopped. */
async function others({ t, node }: Scene, tokens: Record<"bob" | "carol", string>) {
  const [from, to] = await Promise.all(
    [tokens.bob, tokens.carol].map((token) => connectPeer(t, node.address, { token })),
  );
  await to!.subscribe("others");
  let count = 0;
  let stopped = false;
  const going = (async () => {
    while (!stopped) {
      await from!.published("others", [`${++count}`]);
      await to!.hears("others", count);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  going.catch(() => {});
  await until(() => count > 0, "they have begun");
  return async () => {
    const before = count;
    await Promise.race([going, until(() => count >= before + 5, "the others go on")]);
    stopped = true;
    await going;
    assert.equal(
      textsOf(to!.heard("others")),
      Array.from({ length: count }, (_, i) => `${i + 1}`),
    );
    assert.equal([...from!.all("error"), ...to!.all("error"), ...to!.all("gap")], []);
  };
}

/** @param mostMs of the time that is waited before the next try */
function isRefused(ended: Pick<Ended, "code" | "retryAfterMs">, mostMs: number, what: string): void {
  assert.is(ended.code, "limit_reached", what);
  const { retryAfterMs = 0 } = ended;
  assert.ok(retryAfterMs > 0 && retryAfterMs <= mostMs, `${what}: to be tried again in ${retryAfterMs} ms`);
}

/** What is told where nobody knows when there will be room. */
const sometimeMs = 2_000;

/** How a stream of Connect ends that says hello. */
async function hello({ t, address, token }: Caller): Promise<Ended> {
  const stream = openStream(t, address, token);
  stream.send(encodeHello("", Buffer.alloc(0)));
  return stream.end();
}

/** Each way to a session is refused. */
async function noSession(caller: Caller): Promise<number> {
  for (let i = 0; i < 10; i++) isRefused(await hello(caller), sometimeMs, "Connect");
  for (const name of ["Subscribe", "BiStream"]) isRefused(await calls[name]!.make(caller, "c"), sometimeMs, name);
  return 12;
}

/** Connections that say nothing, of which no more than `most` stay; from the others' address, or from elsewhere. */
async function connections(
  { t, node, eve }: Scene,
  { from, of = 60, most }: { from: string; of?: number; most: number },
): Promise<number> {
  const flood = await Promise.all(Array.from({ length: of }, () => silent(t, node, from)));
  await until(() => flood.filter(({ closed }) => closed).length >= of - most, "they are turned away");
  // By a connection that is new, too, where it is not of that address.
  const { client: _, ...anew } = eve;
  assert.is((await calls.History!.make(from === elsewhere ? anew : eve, "others")).code, "");
  for (const { socket } of flood) socket.destroy();
  return of - most;
}

const answered = (peer: Peer) => peer.all("published", "c").reduce((sum, { count }) => sum + count, 0);

/**
 * 300 messages at once by a call, then by sessions, of which 200 a second are allowed.
 * @param size of a message, as it counts
 */
async function messages({ t, node, ada, eve }: Scene, sessions: number, size: number): Promise<number> {
  const text = "x".repeat(size - 3);
  const caller = { ...ada, client: clientOf(t, node.address, ada.token) };
  const publish = (count: number) => {
    const [message] = publishRequest("d", text).getMessagesList();
    return unary(caller, "Broker/Publish", publishRequest("d").setMessagesList(Array(count).fill(message)));
  };
  let stored = 0;
  let early: Ended | undefined;
  // The next one comes too early, unless the machine had better things to do.
  await until(async () => {
    if ((await publish(300)).code === "") stored += 300;
    early = await publish(1);
    if (early.code === "") stored++;
    return early.code !== "";
  }, "one comes too early");
  isRefused(early!, 1_000, "Publish");
  assert.is((await node.buffer.state("d"))!.next, stored + 1, "nothing of it was stored");
  assert.is((await calls.Publish!.make(eve, "e")).code, "", "another has its own");

  const peers = await Promise.all(
    Array.from({ length: sessions }, () => connectPeer(t, node.address, { token: ada.token })),
  );
  const began = performance.now();
  const each = 300 / sessions;
  const one = encodePublish("c", 0, encodeTexts([text]));
  // A frame is taken as it is; the next one has to wait.
  for (const peer of peers) peer.send(Buffer.concat(Array<Buffer>(each).fill(one)), one);
  await until(() => peers.every((peer) => answered(peer) === each + 1), "all are stored");
  assert.ok(performance.now() - began >= 400, `held up for ${performance.now() - began} ms`);
  for (const peer of peers) assert.equal(peer.all("error"), []);
  return 1;
}

/** One channel too many, by each way to publish. */
async function channels({ t, node, ada }: Scene): Promise<number> {
  for (const channel of ["a", "b"]) assert.is((await calls.Publish!.make(ada, channel)).code, "");
  const peer = await connectPeer(t, node.address, { token: ada.token });
  for (let i = 0; i < 20; i++) {
    peer.publish(`c${i}`, ["1"]);
    const error = await peer.refused();
    isRefused(error, 60_000, "Connect");
    assert.equal([error.retryable, error.channel], [true, `c${i}`]);
  }
  for (const name of ["Publish", "PublishStream"]) isRefused(await calls[name]!.make(ada, "c"), 60_000, name);
  const replies: InstanceType<typeof streamPb.StreamResponse>[] = [];
  const lines = openBiStream(ada, { channel: "c" });
  lines.on("data", (reply: Buffer) => replies.push(streamPb.StreamResponse.deserializeBinary(reply)));
  lines.write(bytes(new streamPb.StreamRequest().setMessage("1")));
  await until(() => replies.length > 0, "the line is answered");
  isRefused({ code: replies[0]!.getError(), retryAfterMs: replies[0]!.getRetryAfterMs() }, 60_000, "BiStream");
  for (const channel of ["a", "b"]) await peer.published(channel, ["2"]);
  assert.is((await node.admin.channels()).channelsList.length, 3);
  return 23;
}

/** Somebody for whom much is held, on a node that is short of memory for other reasons too. */
async function memory({ t, node, ada }: Scene): Promise<number> {
  const peer = await connectPeer(t, node.address, { token: ada.token });
  await peer.subscribe("c");
  peer.pause();
  // More than its own library takes for it.
  for (let i = 0; i < 30; i++) await peer.send(encodePublish("c", 0, encodeTexts(["x".repeat(200_000)])));
  let ballast: Buffer | undefined = Buffer.alloc(512 * MiB);
  const refused = async () => (await calls.Publish!.make(ada, "d")).code === "limit_reached";
  await until(refused, "it is noticed");
  assert.is(ballast.length, 512 * MiB);
  const count = await noSession(ada);
  for (const name of ["Publish", "PublishStream"]) isRefused(await calls[name]!.make(ada, "d"), sometimeMs, name);
  await until(() => node.lines.some((line) => line.startsWith("short of memory")), "its session is ended");
  ballast = undefined;
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  peer.resume();
  isRefused(await peer.end(), sometimeMs, "the session");
  await until(async () => !(await refused()), "it is over");
  return count + 3;
}

/** A connection without a call, and one whose call is refused. */
async function unused({ t, node }: Scene): Promise<number> {
  const flood = await Promise.all(Array.from({ length: 20 }, () => silent(t, node)));
  const strangers = Array.from({ length: 5 }, () => openStream(t, node.address, "nobody"));
  for (const stranger of strangers) assert.is((await stranger.end()).code, "unauthenticated");
  await until(() => flood.every(({ closed }) => closed), "they are closed");
  await until(async () => (await node.node.vitals()).limited.get("unused") === 25, "the strangers' are, too");
  return 25;
}

const floods: Readonly<Record<Quota, Flood>> = {
  // Of these, the others have two, somebody who looks at the node one, and eve one.
  connections: { quotas: { connections: 8 }, pour: (scene) => connections(scene, { from: here, most: 4 }) },
  connectionsPerAddress: {
    quotas: { connectionsPerAddress: 8 },
    pour: (scene) => connections(scene, { from: elsewhere, most: 8 }),
  },
  // More than a second's worth may get in where all takes long.
  handshakes: {
    quotas: { handshakes: 20 },
    pour: (scene) => connections(scene, { from: here, of: 120, most: 80 }),
  },
  handshakesPerAddress: {
    quotas: { handshakesPerAddress: 20 },
    pour: (scene) => connections(scene, { from: elsewhere, of: 120, most: 80 }),
  },
  unusedMs: { quotas: { unusedMs: 1_000 }, pour: unused },
  connectionsPerIdentity: {
    quotas: { connectionsPerIdentity: 2 },
    async pour(scene) {
      const { t, node, ada } = scene;
      for (let i = 0; i < 2; i++) await connectPeer(t, node.address, { token: ada.token });
      const count = await noSession(ada);
      for (const name of ["Publish", "History", "ListChannels", "PublishStream"]) {
        isRefused(await calls[name]!.make(ada, "c"), sometimeMs, name);
      }
      return count + 4;
    },
  },
  sessions: {
    quotas: { sessions: 3 },
    async pour(scene) {
      await connectPeer(scene.t, scene.node.address, { token: scene.ada.token });
      return noSession(scene.ada);
    },
  },
  sessionsPerIdentity: {
    quotas: { sessionsPerIdentity: 1 },
    async pour(scene) {
      await connectPeer(scene.t, scene.node.address, { token: scene.ada.token });
      return noSession(scene.ada);
    },
  },
  channels: { quotas: { channels: 3 }, pour: channels },
  messages: { quotas: { messages: 200 }, pour: (scene) => messages(scene, 1, 100) },
  bytes: { quotas: { bytes: 200_000 }, pour: (scene) => messages(scene, 1, 1_000) },
  messagesPerIdentity: { quotas: { messagesPerIdentity: 200 }, pour: (scene) => messages(scene, 2, 100) },
  bytesPerIdentity: { quotas: { bytesPerIdentity: 200_000 }, pour: (scene) => messages(scene, 2, 1_000) },
  memory: {
    get quotas() {
      const { heapUsed, external } = process.memoryUsage();
      return { memory: heapUsed + external + 256 * MiB };
    },
    pour: memory,
  },
};

test("there is a flood against every limit, and every limit can be set", () => {
  const limits = Object.keys(defaultQuotas) as Quota[];
  assert.equal(Object.keys(floods).sort(), [...limits].sort());
  let names = "";
  try {
    limitOption().parseArg!("nothing=1", []);
  } catch (thrown) {
    names = (thrown as Error).message;
  }
  assert.equal(/the names are (.*)\.$/.exec(names)![1]!.split(", ").sort(), limits.map(nameOf).sort());
});

for (const [quota, { quotas, pour }] of Object.entries(floods) as [Quota, Flood][]) {
  test(`a flood against ${nameOf(quota)} is refused, and the others lose nothing by it`, async (t) => {
    const names = ["ada", "bob", "carol", "eve"] as const;
    const policy = names.map((name) => `\n  ${name}: { rules: [{ allow: all, channels: "*" }] }`).join("");
    const guard = testGuard(t, policy);
    const tokens = Object.fromEntries(names.map((name) => [name, guard.tokenOf(name)])) as Record<
      (typeof names)[number],
      string
    >;
    await guard.changed();
    const { node, url } = await startGateway(t, { guard: guard.guard, token: guard.root, quotas });
    const { address } = node;
    const eve = { t, address, token: tokens.eve, client: clientOf(t, address, tokens.eve) };
    const scene = { t, node, ada: { t, address, token: tokens.ada }, eve };
    // They have connections from now on.
    await Promise.all([node.admin.channels(), calls.ListChannels!.make(eve, "")]);
    const goOn = await others(scene, tokens);
    const count = await pour(scene);
    await goOn();
    const counted = (await scrape(url)).value("reprise_limited_total", { limit: nameOf(quota) })!;
    assert.ok(counted >= count, `${counted} are counted`);
    const said = node.lines.filter((line) => line.startsWith(`limit reached: ${nameOf(quota)} `));
    assert.ok(said.length >= 1 && said.length <= Math.max(2, count / 4), `said ${said.length} times`);
    if (quota !== "channels") {
      // There is room again.
      const come = async () => (await calls.Publish!.make({ t, address, token: tokens.eve }, "others.2")).code === "";
      await until(come, "somebody new is let in");
    }
  });
}

test.run();
