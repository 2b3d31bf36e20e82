// Who is on a channel, from client to client over nodes that share a Redis.
import { setTimeout as delay } from "node:timers/promises";
import { type Bus, type ConnectOptions, connect, type Presence, type RepriseError } from "../../src/client/index.js";
import { Presences } from "../../src/client/presences.js";
import { type RequestKind, readClientFrame, requestNumbers } from "../../src/wire/client-frame.js";
import { assert, suite, type T, until } from "../harness.js";
import { startMemberNodes } from "../presence/nodes.js";
import { startNode } from "./node.js";
import { startProxy } from "./proxy.js";

const test = suite("presence");

async function join(t: T, address: string | string[], options: ConnectOptions = {}): Promise<Bus> {
  const bus = await connect(address, { backoff: { baseMs: 20, capMs: 200 }, ...options });
  t.after(() => bus.close({ timeoutMs: 1_000 }));
  return bus;
}

/** What it yields, as "joined ada", in order. */
function eventsOf(presence: Presence): string[] {
  const events: string[] = [];
  void (async () => {
    for await (const { kind, member } of presence) events.push(`${kind} ${member.name}`);
  })();
  return events;
}

const told = async (events: readonly string[], ...expected: string[]) => {
  await until(() => events.length >= expected.length, `${expected}; it was ${events}`);
  assert.equal(events, expected);
};

const namesOf = (members: Iterable<{ name: string }>) => [...members].map(({ name }) => name).sort();

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "nothing",
    (error: RepriseError) => error.code,
  );

test("members are seen on every node, with their metadata, as they come, change and go", async (t) => {
  const [one, two, three] = await startMemberNodes(t, 3);
  const ada = await join(t, one!.address, { name: "ada", member: "ada-12345" });
  const bob = await join(t, two!.address, { name: "bob" });
  const eve = await join(t, three!.address, { name: "eve" });
  await ada.enter("c", { metadata: { role: "cook", place: "kitchen" } });
  const presence = eve.presence("c");
  const first = await presence.ready;
  const since = first[0]!.since;
  assert.ok(Math.abs(since - Date.now()) < 10_000);
  const metadata = Object.assign(Object.create(null), { role: "cook", place: "kitchen" });
  assert.equal(first, [{ id: "ada-12345", name: "ada", metadata, node: "node 1", since }]);
  const events = eventsOf(presence);
  const membership = await bob.enter("c");
  await told(events, "joined bob");
  await ada.enter("c", { metadata: { role: "guest" } });
  await told(events, "joined bob", "changed ada");
  assert.is(presence.members.get("ada-12345")?.metadata.role, "guest");
  assert.is(presence.members.get(bob.member)?.node, "node 2");
  assert.equal(namesOf(await ada.members("c")), ["ada", "bob"]);
  await membership.leave();
  await told(events, "joined bob", "changed ada", "left bob");
  await ada.close();
  await told(events, "joined bob", "changed ada", "left bob", "left ada");
  assert.is(presence.members.size, 0);
  await presence.close();
  assert.equal(await eve.members("c"), []);
});

test("a reconnect within the grace time, here or at another node, is no event", async (t) => {
  const [one, two] = await startMemberNodes(t, 2);
  const proxy = await startProxy(t, one!.address);
  const ada = await join(t, [proxy.address, two!.address], { name: "ada" });
  const bob = await join(t, two!.address, { name: "bob" });
  await ada.enter("c");
  await bob.enter("c");
  const [near, far] = [ada.presence("c"), bob.presence("c")];
  await Promise.all([near.ready, far.ready]);
  const [nearEvents, farEvents] = [eventsOf(near), eventsOf(far)];
  for (let cuts = 1; cuts <= 3; cuts++) {
    const back = new Promise<void>((resolve) => {
      const ignore = ada.onState(({ kind }) => {
        if (kind !== "connected") return;
        ignore();
        resolve();
      });
    });
    if (ada.state.kind === "connected" && ada.state.address === proxy.address) {
      proxy.cut();
      await back;
    }
    await ada.enter("c", { metadata: { cuts: `${cuts}` } });
    await until(() => far.members.get(ada.member)?.metadata.cuts === `${cuts}`, "the change is told");
  }
  // Longer than the grace time.
  await delay(2_500);
  assert.equal(farEvents, ["changed ada", "changed ada", "changed ada"]);
  assert.equal(nearEvents, farEvents);
});

test("a node that stops: its members come back elsewhere, and nobody is told", async (t) => {
  const [one, two] = await startMemberNodes(t, 2);
  const bob = await join(t, two!.address, { name: "bob" });
  const presence = bob.presence("c");
  await presence.ready;
  const events = eventsOf(presence);
  const ada = await join(t, one!.address, { name: "ada", reconnect: false });
  await ada.enter("c");
  const eve = await join(t, [one!.address, two!.address], { name: "eve" });
  await eve.enter("c");
  await until(() => events.length === 2, "both are there");
  await one!.close(1_000);
  // Who does not come back has left when its grace time is over, and not at the end of a lease.
  await until(() => presence.members.size === 1, "ada is gone");
  assert.equal(events.slice(2), ["left ada"]);
  assert.equal(namesOf(presence.members.values()), ["eve"]);
});

test("of two buses with one member id the later counts; the end of the other is no event", async (t) => {
  const [one, two] = await startMemberNodes(t, 2, { presenceGraceMs: 0 });
  const watcher = await join(t, two!.address);
  const presence = watcher.presence("c");
  await presence.ready;
  const events = eventsOf(presence);
  const first = await join(t, one!.address, { name: "first", member: "the-same-id" });
  const second = await join(t, two!.address, { name: "second", member: "the-same-id" });
  const membership = await first.enter("c");
  await second.enter("c");
  await told(events, "joined first", "changed second");
  await membership.leave();
  await first.close();
  // Leases are renewed meanwhile.
  await delay(2_000);
  await told(events, "joined first", "changed second");
  await second.close();
  await told(events, "joined first", "changed second", "left second");
  // The node of the first one does not enter it again.
  await delay(2_000);
  assert.equal(await watcher.members("c"), []);
});

test("a node alone that is restarted: nobody left", async (t) => {
  const node = await startNode(t);
  const [ada, bob] = [await join(t, node.address, { name: "ada" }), await join(t, node.address, { name: "bob" })];
  await Promise.all([ada.enter("c"), bob.enter("c")]);
  const presence = ada.presence("c");
  await presence.ready;
  const events = eventsOf(presence);
  await node.stop();
  await node.start();
  await until(async () => (await ada.members("c")).length === 2, "both are back");
  await bob.enter("c", { metadata: { mood: "good" } });
  await told(events, "changed bob");
  await bob.close();
  await told(events, "changed bob", "left bob");
});

test("what is not allowed is refused, and changes nothing", async (t) => {
  const { address } = await startNode(t, { limits: { maxSubscriptions: 3 } });
  const bus = await join(t, address, { name: "ada" });
  assert.is(await codeOf(bus.enter("c", { metadata: { much: "x".repeat(1_100) } })), "invalid_argument");
  assert.is(await codeOf(bus.enter("not a channel")), "invalid_channel");
  assert.equal(await bus.members("c"), []);
  await bus.enter("c", { metadata: { some: "thing" } });
  assert.is(await codeOf(bus.enter("c", { metadata: { much: "x".repeat(1_100) } })), "invalid_argument");
  assert.is((await bus.members("c"))[0]!.metadata.some, "thing", "it stays what it was");
  const presence = bus.presence("c");
  assert.throws(
    () => bus.presence("c"),
    (error: RepriseError) => error.code === "already_subscribed",
  );
  assert.is((await presence.ready).length, 1);
  await bus.enter("d");
  assert.is(await codeOf(bus.enter("e")), "too_many_subscriptions");
  assert.is(await codeOf(bus.presence("e").ready), "too_many_subscriptions");
  await presence.close();
  assert.is((await bus.presence("c").ready).length, 1);
  const refused = connect(address, { member: "short" });
  assert.is(await codeOf(refused), "invalid_argument");
  await bus.close();
  assert.is(await codeOf(bus.enter("c")), "closed");
});

test("entering waits for a connection; a bus that ends says so", async (t) => {
  const node = await startNode(t);
  const bus = await join(t, node.address, { name: "ada" });
  await node.stop();
  await until(() => bus.state.kind !== "connected", "it is disconnected");
  const entered = bus.enter("c");
  const presence = bus.presence("c");
  await node.start();
  await entered;
  assert.equal(namesOf(await presence.ready), ["ada"]);
  await node.stop();
  await until(() => bus.state.kind !== "connected", "it is disconnected");
  await (await entered).leave();
  const waiting = codeOf(bus.enter("d"));
  await bus.close({ timeoutMs: 0 });
  assert.ok(["closed", "nothing"].includes(await waiting));
  for await (const event of presence) assert.unreachable(event.kind);
});

test("an aborted signal, break and the end of the bus end the iteration", async (t) => {
  const { address } = await startNode(t);
  const bus = await join(t, address, { name: "ada" });
  const stop = new AbortController();
  const presence = bus.presence("c", { signal: stop.signal });
  await presence.ready;
  const iteration = (async () => {
    for await (const { kind } of presence) if (kind === "joined") stop.abort();
    return "over";
  })();
  await bus.enter("c");
  assert.is(await iteration, "over");
  const second = bus.presence("c");
  await second.ready;
  await bus.enter("c", { metadata: { a: "b" } });
  for await (const { kind } of second) if (kind === "changed") break;
  assert.is(bus.presence("c", { signal: stop.signal }).members.size, 0);
  const last = bus.presence("c");
  await last.ready;
  const ended = (async () => {
    for await (const { kind } of last) assert.unreachable(kind);
    return "over";
  })();
  await bus.close();
  assert.is(await ended, "over");
});

test("a consumer that does not read is told the difference", async (t) => {
  const { address } = await startNode(t);
  const [ada, bob] = [await join(t, address, { name: "ada" }), await join(t, address, { name: "bob" })];
  const presence = ada.presence("c");
  await presence.ready;
  await bob.enter("c", { metadata: { n: "0" } });
  for (let n = 1; n <= 10_500; n += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, i) => bob.enter("c", { metadata: { n: `${n + i}` } })));
  }
  await bob.enter("c", { metadata: { n: "last" } });
  await until(() => presence.members.get(bob.member)?.metadata.n === "last", "all is heard");
  let events = 0;
  for await (const { member } of presence) {
    events++;
    if (member.metadata.n === "last") break;
  }
  assert.ok(events <= 10_001, `${events}`);
});

test("refused, and followed again at once: nothing is given up at the node, and no late answer ends the new one", async () => {
  const presences = new Presences({ baseMs: 1, capMs: 1 });
  const sent: string[] = [];
  presences.connected((frame) => {
    for (const { kind } of readClientFrame(frame)) sent.push(kind);
  });
  const refused = (code: string, request: RequestKind) =>
    presences.refused({
      ...{ channel: "c", code, message: "", retryable: false, request: requestNumbers[request] },
      ...{ sequence: 0, count: 0, expectedSequence: 0, retryAfterMs: 0 },
    });
  const first = presences.open("c", {});
  refused("permission_denied", "watchMembers");
  assert.is(await codeOf(first.ready), "permission_denied");
  const second = presences.open("c", {});
  assert.equal(sent, ["watchMembers", "watchMembers"]);
  refused("not_subscribed", "unwatchMembers");
  assert.not(second.over);
  presences.end();
  await second.ready.catch(() => {});
});

test.run();
