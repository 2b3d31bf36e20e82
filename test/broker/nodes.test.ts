// What a node says of itself in the registry, and what it knows of the others.

import { createNodes, type Nodes, type NodesOptions } from "../../src/broker/nodes.js";
import { aloneRegistry } from "../../src/nodes/alone.js";
import { redisRegistry } from "../../src/nodes/redis.js";
import type { NodeEntry } from "../../src/nodes/registry.js";
import { connectRedis } from "../../src/redis/redis.js";
import { assert, suite, type T, until } from "../harness.js";
import { collect } from "../log.js";
import { startRedis } from "../redis.js";
import { startNode } from "./node.js";
import { connectPeer } from "./peer.js";

const test = suite("nodes of a node");

const stranger = (node: string, more: Partial<NodeEntry> = {}): NodeEntry => ({
  node,
  address: `${node}:1`,
  zone: "",
  version: "0",
  state: "ready",
  sessions: 0,
  startedAtMs: 0,
  warnings: [],
  ...more,
});

/** In memory, with a lease so short that nobody waits for the next announcement. */
const quickRegistry = () => ({ ...aloneRegistry(), leaseMs: 60 });

function nodes(t: T, options: Partial<NodesOptions> = {}): { nodes: Nodes; lines: string[] } {
  const lines: string[] = [];
  const made = createNodes({
    node: "n1",
    version: "1",
    sessions: () => 0,
    log: collect(lines),
    ...options,
  });
  t.after(() => made.close());
  return { nodes: made, lines };
}

const names = (entries: readonly NodeEntry[]): string => entries.map(({ node }) => node).join();

test("a node enters itself with its address, zone, version, warnings and load, and keeps them true", async (t) => {
  const registry = quickRegistry();
  const warnings = ["beware"];
  const node = await startNode(t, { registry, node: "me", zone: "z1", warnings });
  const [entry] = await registry.list();
  const { version, startedAtMs, ...rest } = entry!;
  assert.equal(rest, { node: "me", address: node.address, zone: "z1", state: "ready", sessions: 0, warnings });
  assert.match(version, /^\d+\.\d+\.\d+/);
  assert.ok(Math.abs(Date.now() - startedAtMs) < 60_000);
  const peer = await connectPeer(t, node.address);
  await until(async () => (await registry.list())[0]!.sessions === 1, "its load is told");
  peer.cancel();
  await until(async () => (await registry.list())[0]!.sessions === 0, "its load is told again");
  warnings.push("and of this");
  await until(async () => (await registry.list())[0]!.warnings.length === 2, "what is found later is told");
  await node.close();
  assert.equal(await registry.list(), []);
});

test("the address is the one told, or where it listens, but not one that means every host", async (t) => {
  for (const [listen, advertise, address] of [
    ["127.0.0.1:0", "there:1234", /^there:1234$/],
    ["0.0.0.0:0", "there:1234", /^there:1234$/],
    ["127.0.0.1:0", undefined, /^127\.0\.0\.1:[1-9]\d*$/],
    ["0.0.0.0:0", undefined, /^$/],
  ] as const) {
    const registry = aloneRegistry();
    await startNode(t, { registry, listen, insecure: true, ...(advertise !== undefined && { advertise }) });
    assert.match((await registry.list())[0]!.address, address);
  }
});

test("addresses are those of ready nodes, this one included; who listens hears of each change once", async (t) => {
  const registry = quickRegistry();
  const { nodes: own } = nodes(t, { registry });
  const heard: string[] = [];
  const forget = own.onAddresses((addresses) => heard.push(addresses.join()));
  await own.start("n1:1");
  assert.equal(own.addresses, ["n1:1"]);
  await registry.announce(stranger("n3"));
  await registry.announce(stranger("n2", { address: "" }));
  await until(() => own.addresses.length === 2, "the new one is seen");
  assert.is(names(own.list), "n1,n2,n3");
  await registry.announce(stranger("n3", { state: "draining" }));
  await until(() => own.addresses.length === 1, "the draining one is left out");
  await own.refresh();
  assert.equal(heard, ["n1:1", "n1:1,n3:1", "n1:1"]);
  assert.is(names(own.list), "n1,n2,n3");
  forget();
  await own.drain();
  assert.equal(own.addresses, []);
  assert.is(heard.length, 3);
});

test("draining is told at once, and withdrawn is for good", async (t) => {
  const registry = { ...aloneRegistry(), leaseMs: 60_000 };
  const { nodes: own } = nodes(t, { registry });
  await own.start("n1:1");
  await own.drain();
  assert.is((await registry.list())[0]!.state, "draining");
  assert.equal([own.entry.state, own.addresses], ["draining", []]);
  await own.withdraw();
  assert.equal([await registry.list(), own.list], [[], []]);
  await registry.announce(stranger("n2"));
  await own.refresh();
  assert.is(names(own.list), "n2");
  await own.drain();
  assert.is(names(await registry.list()), "n2");
});

test("while the registry can be read and takes nothing, and leases run out, what was known stays", async (t) => {
  const registry = quickRegistry();
  await registry.announce(stranger("n2"));
  let refused = 0;
  const full = { ...registry };
  const { nodes: own } = nodes(t, { registry: full });
  await own.start("n1:1");
  assert.is(names(own.list), "n1,n2");
  full.announce = async () => {
    refused++;
    throw new Error("no replicas");
  };
  // What was under way is through.
  await until(() => refused > 0, "it tries to announce itself");
  for (const node of ["n1", "n2"]) await registry.withdraw(node);
  await until(() => refused > 3, "it tries again");
  await own.refresh();
  assert.is(names(own.list), "n1,n2");
  full.announce = registry.announce;
  await until(() => names(own.list) === "n1", "once it is entered again, the list is believed");
});

test("withdrawn while an announcement is under way, it is not there in the end", async (t) => {
  const registry = quickRegistry();
  let release = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = { ...registry, announce: (entry: NodeEntry) => slow.then(() => registry.announce(entry)) };
  const { nodes: own } = nodes(t, { registry: held });
  const started = own.start("n1:1");
  const withdrawn = own.withdraw();
  release();
  await Promise.all([started, withdrawn]);
  assert.equal(await registry.list(), []);
});

test("a registry that is away: said once, and once when it is back; what was known stays", async (t) => {
  const { kill, start, url } = await startRedis(t);
  const redis = await connectRedis({ url, commandTimeoutMs: 300 });
  t.after(() => redis.close());
  const registry = { ...redisRegistry(redis), leaseMs: 300 };
  await registry.announce(stranger("n2"));
  const { nodes: own, lines } = nodes(t, { registry });
  await own.start("n1:1");
  assert.equal(own.addresses, ["n1:1", "n2:1"]);
  let changes = 0;
  own.onAddresses(() => changes++);
  await kill();
  await until(() => lines.length > 0, "it is said");
  await own.refresh();
  await own.refresh();
  assert.equal(own.addresses, ["n1:1", "n2:1"]);
  assert.is(names(own.list), "n1,n2");
  assert.is(changes, 0);
  await start();
  await until(() => lines.length > 1, "it is said again", 15_000);
  assert.is(lines.length, 2, lines.join("\n"));
  assert.match(lines[0]!, "is away; other nodes are taken as they were last known");
  assert.match(lines[1]!, "is back");
});

test("without a registry a node knows itself", async (t) => {
  const { nodes: own } = nodes(t);
  await own.start("n1:1");
  await own.refresh();
  assert.equal([names(own.list), own.addresses], ["n1", ["n1:1"]]);
  await own.withdraw();
  assert.equal([own.list, own.addresses], [[], []]);
});

test.run();
