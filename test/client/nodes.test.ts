// Clients and several nodes: they spread, go elsewhere when a node is lost or sends them away, and nobody notices.
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { type Node, startBroker } from "../../src/broker/index.js";
import { openBuffer, retentionPolicy } from "../../src/buffer/index.js";
import { type Bus, type ConnectOptions, connect, type State } from "../../src/client/index.js";
import { aloneRegistry } from "../../src/nodes/alone.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { freePort } from "../redis.js";

const test = suite("clients and several nodes");

/** Long enough for a client to have moved, and been counted, when loads are looked at again. */
const leaseMs = 700;

interface Cluster {
  readonly nodes: Node[];
  /** @param advertise what peers are told */
  start(advertise?: string): Promise<Node>;
  /** Its peers lose their connections without a word. */
  kill(node: Node): Promise<void>;
}

/** Nodes of this process over one buffer and one registry. */
async function startCluster(t: T, count: number): Promise<Cluster> {
  const buffer = await openBuffer(`embedded:${temporaryFolder(t)}`, { retention: retentionPolicy([]), fsync: "no" });
  t.after(() => buffer.close());
  const registry = { ...aloneRegistry(), leaseMs };
  const cluster: Cluster = {
    nodes: [],
    async start(advertise) {
      const node = await startBroker({ buffer, registry, listen: "127.0.0.1:0", ...(advertise && { advertise }) });
      cluster.nodes.push(node);
      t.after(() => node.close(0));
      return node;
    },
    async kill(node) {
      cluster.nodes.splice(cluster.nodes.indexOf(node), 1);
      await node.close(0);
    },
  };
  for (let i = 0; i < count; i++) await cluster.start();
  return cluster;
}

async function connectMany(t: T, count: number, addresses: string | string[], options: ConnectOptions = {}) {
  const buses = await Promise.all(
    Array.from({ length: count }, () => connect(addresses, { timeoutMs: 20_000, ...options })),
  );
  t.after(() => Promise.all(buses.map((bus) => bus.close({ timeoutMs: 0 }))));
  return buses;
}

const bind = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });

const addressOf = ({ state }: Bus): string => (state.kind === "connected" ? state.address : state.kind);

/** How many buses are where. */
function spread(buses: readonly Bus[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const bus of buses) counts.set(addressOf(bus), (counts.get(addressOf(bus)) ?? 0) + 1);
  return counts;
}

/** Whether each node has its share, within 20 %. */
function isEven(buses: readonly Bus[], nodes: readonly Node[]): boolean {
  const counts = spread(buses);
  const mean = buses.length / nodes.length;
  return nodes.every(({ address }) => Math.abs((counts.get(address) ?? 0) - mean) <= 0.2 * mean);
}

const evenly = (buses: readonly Bus[], nodes: readonly Node[], what: string) =>
  until(() => isEven(buses, nodes), what, 20_000).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify([...spread(buses)])}`);
  });

test(
  "200 clients that all begin at one of 4 nodes spread evenly; a lost node is left out, a new one gets its share",
  async (t) => {
    const cluster = await startCluster(t, 4);
    const [first, second] = cluster.nodes as [Node, Node];
    const buses = await connectMany(t, 200, first.address);
    const failed: State[] = [];
    let moves = 0;
    for (const bus of buses) {
      bus.onState((state) => {
        if (state.kind === "failed") failed.push(state);
        if (state.kind === "connected") moves++;
      });
    }
    await evenly(buses, cluster.nodes, "all have their share");
    // On a busy machine some are sent on before they were counted where they went; to and fro it would be many more.
    assert.ok(moves <= 300, `${moves} moves for 200 clients, of which 150 were too many`);

    await cluster.kill(second);
    await until(
      () => buses.every((bus) => bus.state.kind === "connected" && addressOf(bus) !== second.address),
      "left",
    );
    await evenly(buses, cluster.nodes, "the others have taken them over");

    await cluster.start();
    await evenly(buses, cluster.nodes, "the new one has its share");
    let [before, since] = [moves, performance.now()];
    await until(() => {
      if (moves > before) [before, since] = [moves, performance.now()];
      return performance.now() - since > 3 * leaseMs;
    }, "nobody moves any more");
    assert.ok(isEven(buses, cluster.nodes));
    assert.ok(moves <= 400, `${moves} moves, where 150, 50 and 50 had to be`);
    assert.equal(failed, []);
  },
  { timeoutMs: 60_000 },
);

test("who does not want to discover is not moved for balance, nor is who would not come back", async (t) => {
  const cluster = await startCluster(t, 1);
  const [first] = cluster.nodes as [Node];
  const stay = [
    ...(await connectMany(t, 20, first.address, { discover: false })),
    ...(await connectMany(t, 20, first.address, { reconnect: false })),
  ];
  let changes = 0;
  for (const bus of stay) bus.onState(() => changes++);
  const go = await connectMany(t, 20, first.address);
  const second = await cluster.start();
  await until(() => go.every((bus) => addressOf(bus) === second.address), "all go that can", 10_000);
  assert.equal([...spread(stay)], [[first.address, 40]]);
  assert.is(changes, 0);
});

test("addresses that nobody can reach do no harm: who was sent there comes back, once, and stays", async (t) => {
  const cluster = await startCluster(t, 1);
  const [first] = cluster.nodes as [Node];
  const buses = await connectMany(t, 10, first.address);
  const subscription = buses[0]!.subscribe("c");
  await subscription.ready;
  let connections = 0;
  for (const bus of buses) bus.onState(({ kind }) => kind === "connected" && connections++);
  await cluster.start(`127.0.0.1:${await freePort()}`);
  // And one where something else answers.
  const other = new Server();
  t.after(() => other.forceShutdown());
  await cluster.start(`127.0.0.1:${await bind(other)}`);
  await until(() => connections >= 5, "the excess was sent away, and is back", 10_000);
  // As long as the balance would need to send them away again.
  await new Promise((resolve) => setTimeout(resolve, 3 * leaseMs));
  assert.ok(connections <= 10, `${connections} connections of 10 clients`);
  assert.equal([...spread(buses)], [[first.address, 10]]);
  await buses[1]!.publish("c", "x");
  for await (const { text } of subscription) {
    assert.is(text, "x");
    break;
  }
});

test("sent from node to node while it publishes and subscribes, a client loses, repeats and sees nothing", async (t) => {
  const cluster = await startCluster(t, 2);
  const [bus] = (await connectMany(t, 1, cluster.nodes[0]!.address)) as [Bus];
  const states: State[] = [];
  bus.onState((state) => states.push(state));
  const received: string[] = [];
  const subscription = bus.subscribe("c");
  await subscription.ready;
  void (async () => {
    for await (const { text } of subscription) received.push(text);
  })();
  const results: Promise<unknown>[] = [];
  const publishing = setInterval(() => {
    const result = bus.publish("c", `${results.length}`);
    result.catch(() => {});
    results.push(result);
  }, 2);
  t.after(() => clearInterval(publishing));
  for (let round = 0; round < 4; round++) {
    const at = cluster.nodes.find(({ address }) => address === addressOf(bus))!;
    const heard = received.length;
    cluster.nodes.splice(cluster.nodes.indexOf(at), 1);
    const drained = await at.drain({ windowMs: 50 });
    assert.equal([drained.sessions, drained.moved, drained.cut], [1, 1, 0]);
    await until(() => addressOf(bus) === cluster.nodes[0]!.address && received.length > heard + 20, "it goes on");
    // So that there is somewhere to go.
    await cluster.start();
  }
  clearInterval(publishing);
  await Promise.all(results);
  await until(() => received.length >= results.length, "all is received");
  assert.equal(received, [...results.keys()].map(String));
  const kinds = states.map(({ kind }) => kind);
  assert.equal(kinds.filter((kind) => kind === "draining").length, 4);
  assert.is(kinds.includes("failed"), false);
  const tries = states.flatMap((state) => (state.kind === "reconnecting" ? [state.nextTryMs] : []));
  assert.ok(
    tries.every((nextTryMs) => nextTryMs <= 100),
    `${tries}`,
  );
});

test.run();
