// A node that drains: its sessions go elsewhere one after the other, and what is under way is finished.
import { type ClientUnaryCall, makeClientConstructor, type ServiceDefinition, status } from "@grpc/grpc-js";
import { service } from "grpc-health-check";
import { aloneRegistry } from "../../src/nodes/alone.js";
import type { NodeRegistry } from "../../src/nodes/registry.js";
import { retryAfterKey } from "../../src/wire/errors.js";
import { assert, suite, type T, until } from "../harness.js";
import { embedded, gate } from "./buffers.js";
import { callPublish, openImport, Refused, refusalOf } from "./calls.js";
import { startNode, type TestNode, type TestNodeOptions } from "./node.js";
import { clientOf, connectPeer, openStream, type Peer } from "./peer.js";

const test = suite("draining");

/** Shared by nodes of this process, with a lease so short that nobody waits for the next announcement. */
const quickRegistry = (): NodeRegistry => ({ ...aloneRegistry(), leaseMs: 150 });

/** Nodes over one buffer that know each other. */
async function startNodes(t: T, count: number, options: TestNodeOptions = {}) {
  const buffer = await embedded(t);
  const registry = quickRegistry();
  const nodes: TestNode[] = [];
  for (let i = 0; i < count; i++) nodes.push(await startNode(t, { buffer, registry, balance: false, ...options }));
  const peer = await connectPeer(t, nodes[0]!.address, { discover: true });
  await until(() => peer.all("nodes").at(-1)?.addresses.length === count, "they know each other");
  peer.cancel();
  await nodes[0]!.quiet();
  return { nodes, registry };
}

const connectPeers = (t: T, node: TestNode, count: number): Promise<Peer[]> =>
  Promise.all(Array.from({ length: count }, () => connectPeer(t, node.address, { discover: true })));

/** Leaves as soon as it is told to, and remembers when that was. */
function leaveWhenTold(peer: Peer): Promise<{ atMs: number; addresses: string[]; retryAfterMs: number }> {
  return peer.gets("draining").then(([draining]) => {
    peer.cancel();
    return { atMs: performance.now(), addresses: draining!.addresses, retryAfterMs: draining!.retryAfterMs };
  });
}

test("P-29 sessions are told one after the other, evenly over the window, and sent to the others evenly", async (t) => {
  const { nodes } = await startNodes(t, 3);
  const [leaving, b, c] = nodes as [TestNode, TestNode, TestNode];
  const peers = await connectPeers(t, leaving, 20);
  const begun = performance.now();
  const told = peers.map(leaveWhenTold);
  const drained = await leaving.drain({ windowMs: 1_000 });
  const notices = (await Promise.all(told)).sort((one, other) => one.atMs - other.atMs);
  const late = notices.map(({ atMs }, i) => atMs - begun - i * 50).sort((a, b) => a - b);
  assert.ok(late[0]! > -20, `one was told ${-late[0]!} ms too early`);
  // A busy machine may hold up some of them.
  assert.ok(late[10]! < 300, `they were told too late: ${late}`);
  assert.equal([drained.sessions, drained.moved, drained.cut], [20, 20, 0]);
  assert.ok(drained.elapsedMs >= 940 && drained.elapsedMs < 8_000, `${drained.elapsedMs} ms`);
  const firsts = notices.map(({ addresses }) => addresses[0]);
  for (const node of [b, c]) assert.is(firsts.filter((address) => address === node.address).length, 10);
  for (const { addresses, retryAfterMs } of notices) assert.equal([addresses.length, retryAfterMs], [2, 0]);
});

test("P-29 while it drains new sessions and calls are refused, with the time when it will be back", async (t) => {
  const { nodes, registry } = await startNodes(t, 2);
  const [leaving, other] = nodes as [TestNode, TestNode];
  const [early, late] = (await connectPeers(t, leaving, 2)) as [Peer, Peer];
  const stateOf = async (node: TestNode) =>
    (await registry.list()).find(({ address }) => address === node.address)?.state;
  const drained = leaving.drain({ windowMs: 1_000 });
  await early.gets("draining");
  assert.is(await stateOf(leaving), "draining");
  await late.published("c", ["still accepted"]);
  const refused = await openStream(t, leaving.address);
  refused.send(Buffer.from([0x0a, 0x04, 0x0a, 0x02, 0x08, 0x01]));
  assert.equal([(await refused.end()).status, refused.ended!.code], [status.UNAVAILABLE, "draining"]);
  const error = await refusalOf(callPublish(t, leaving.address, "c", ["x"]));
  assert.ok(error instanceof Refused && error.ended.code === "draining");
  const backInMs = Number(error.metadata.get(retryAfterKey)[0]);
  assert.ok(backInMs > 1_000 && backInMs <= 2_000, `${backInMs}`);
  await until(() => late.all("draining").length === 1, "it is told later");
  for (const peer of [early, late]) peer.cancel();
  await drained;
  assert.is(await stateOf(leaving), undefined, "withdrawn");
  assert.is(await stateOf(other), "ready");
});

test("P-29 calls under way may finish within the window", async (t) => {
  const { nodes } = await startNodes(t, 2);
  const [leaving] = nodes as [TestNode];
  const held = gate();
  leaving.buffer.hooks.append = () => held.passed;
  const bulk = openImport(t, leaving.address);
  bulk.send("c", ["one"]);
  const call = callPublish(t, leaving.address, "d", ["two"]);
  await until(() => leaving.buffer.appends.length === 2, "they are under way");
  let ended = false;
  const drained = leaving.drain({ windowMs: 5_000 }).then((result) => {
    ended = true;
    return result;
  });
  await until(async () => (await refusalOf(callPublish(t, leaving.address, "c", ["x"]))) !== undefined, "it drains");
  bulk.send("c", ["three"]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.not(ended);
  held.open();
  assert.is((await call).count, 1);
  assert.is((await bulk.finish()).messages, 2);
  assert.ok((await drained).elapsedMs < 8_000, "nothing is waited for that is not there");
});

test("P-29 alone there is nothing to wait for: all are told at once, and when to come back", async (t) => {
  const node = await startNode(t, { registry: quickRegistry() });
  const peers = await connectPeers(t, node, 10);
  const told = peers.map(leaveWhenTold);
  const drained = await node.drain({ windowMs: 60_000 });
  assert.ok(drained.elapsedMs < 8_000, `${drained.elapsedMs} ms`);
  for (const { addresses, retryAfterMs } of await Promise.all(told)) {
    assert.equal(addresses, []);
    assert.ok(retryAfterMs >= 1_000 && retryAfterMs < 1_100);
  }
});

test("P-29 a drain can be made shorter, and those who do not go are cut and counted apart", async (t) => {
  const { nodes } = await startNodes(t, 2);
  const [leaving] = nodes as [TestNode];
  const peers = await connectPeers(t, leaving, 3);
  const held = gate();
  t.after(() => held.open());
  leaving.buffer.hooks.append = () => held.passed;
  peers[0]!.publish("c", ["never answered"]);
  await until(() => leaving.buffer.appends.length === 1, "it is under way");
  const begun = performance.now();
  const drained = leaving.drain({ windowMs: 3_600_000 });
  await leaving.close(300);
  const { sessions, moved, cut } = await drained;
  assert.equal([sessions, moved, cut], [3, 2, 1]);
  assert.ok(performance.now() - begun < 12_000);
});

test("Admin.Drain tells how far it has come, and the node stops", async (t) => {
  const { nodes } = await startNodes(t, 2);
  const [leaving] = nodes as [TestNode];
  const peers = await connectPeers(t, leaving, 6);
  for (const peer of peers) void leaveWhenTold(peer);
  const told = await leaving.admin.drain(900);
  const moved = told.map((progress) => progress.moved);
  assert.equal(moved, [...moved].sort(), "it never falls");
  assert.ok(told.length >= 4, `${told.length} times`);
  assert.equal(
    told.map(({ done }) => done).filter((done) => done),
    [true],
  );
  const { sessions, cut, elapsedMs, done } = told.at(-1)!;
  assert.equal([sessions, moved.at(-1), cut, done], [6, 6, 0, true]);
  assert.ok(elapsedMs >= 740 && elapsedMs < 8_000, `${elapsedMs} ms`);
  assert.is((await leaving.stopped).moved, 6);
  assert.is((await openStream(t, leaving.address).end()).status, status.UNAVAILABLE);
});

interface HealthClient {
  check(
    request: { service: string },
    callback: (error: Error | null, response: { status: string }) => void,
  ): ClientUnaryCall;
}

test("its health is SERVING until it drains", async (t) => {
  const { nodes } = await startNodes(t, 2);
  const [leaving] = nodes as [TestNode];
  const [peer] = (await connectPeers(t, leaving, 1)) as [Peer];
  const definition = service as unknown as ServiceDefinition;
  const channel = clientOf(t, leaving.address);
  const Health = makeClientConstructor(definition, "Health");
  const health = new Health(leaving.address, undefined as never, { channelOverride: channel.getChannel() });
  const statusOf = (service: string) =>
    new Promise<string | number>((resolve) => {
      (health as unknown as HealthClient).check({ service }, (error, response) =>
        resolve(error === null ? response.status : (error as unknown as { code: number }).code),
      );
    });
  for (const name of ["", "reprise.v1.Broker"]) assert.is(await statusOf(name), "SERVING");
  assert.is(await statusOf("nonsense"), status.NOT_FOUND);
  const drained = leaving.drain({ windowMs: 100 });
  for (const name of ["", "reprise.v1.Broker"]) assert.is(await statusOf(name), "NOT_SERVING");
  await leaveWhenTold(peer);
  await drained;
});

test("P-30 a peer that wants to know is told of all ready nodes, and again when they change", async (t) => {
  const { nodes, registry } = await startNodes(t, 2);
  const [a, b] = nodes as [TestNode, TestNode];
  const knowing = await connectPeer(t, a.address, { discover: true });
  const other = await connectPeer(t, a.address);
  assert.equal(knowing.all("nodes")[0]?.addresses, [a.address, b.address].sort());
  const c = await startNode(t, { buffer: a.buffer, registry });
  await knowing.gets("nodes", 2);
  assert.equal(knowing.all("nodes")[1]?.addresses, [a.address, b.address, c.address].sort());
  await b.drain({ windowMs: 0 });
  await knowing.gets("nodes", 3);
  assert.equal(knowing.all("nodes")[2]?.addresses, [a.address, c.address].sort());
  for (let i = 0; i < 150; i++) {
    const entry = { ...(await registry.list())[0]!, node: `more${i}`, address: `more${i}:1` };
    await registry.announce(entry);
  }
  await until(() => knowing.all("nodes").at(-1)!.addresses.length === 100, "no more than it could ever try");
  assert.is(other.all("nodes").length, 0);
  for (const peer of [knowing, other]) peer.cancel();
});

test.run();
