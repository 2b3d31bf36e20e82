// Plain gRPC clients that find the nodes in etcd, with gRPC's own load balancing.
import { credentials, Metadata } from "@grpc/grpc-js";
import brokerGrpc from "../../generated/reprise/v1/broker_grpc_pb.js";
import { registerEtcdResolver } from "../../src/client/index.js";
import { openEtcdRegistry } from "../../src/nodes/etcd.js";
import { said, start } from "../bin/command.js";
import { publishRequest } from "../broker/calls.js";
import { startNode, type TestNode } from "../broker/node.js";
import { startEtcd } from "../etcd.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";

const test = suite("etcd resolver");

registerEtcdResolver();

const roundRobin = { "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }) };

async function nodeIn(t: T, url: string): Promise<TestNode> {
  const registry = openEtcdRegistry(url);
  t.after(() => registry.close());
  return startNode(t, { registry });
}

/** A client of generated code, and how many of its publishes succeed. */
function publisher(t: T, target: string) {
  const client = new brokerGrpc.BrokerClient(target, credentials.createInsecure(), roundRobin);
  t.after(() => client.close());
  const publish = () =>
    new Promise<boolean>((resolve) => {
      const deadline = Date.now() + 5_000;
      client.publish(publishRequest("c", ["x"]), new Metadata(), { deadline }, (error) => resolve(error === null));
    });
  return {
    ready: () =>
      new Promise<void>((resolve, reject) =>
        client.waitForReady(Date.now() + 10_000, (error) => (error ? reject(error) : resolve())),
      ),
    async publishes(count: number): Promise<number> {
      let succeeded = 0;
      for (let i = 0; i < count; i++) if (await publish()) succeeded++;
      return succeeded;
    },
  };
}

test("unary calls reach all nodes; one that dies is left out, a new one used", async (t) => {
  const etcd = await startEtcd(t);
  const url = `etcd://${etcd.endpoint}/r`;
  const inProcess = [await nodeIn(t, url), await nodeIn(t, url)];
  const counts = () => inProcess.map(({ buffer }) => buffer.appends.length);
  const args = ["--listen", "127.0.0.1:0", "--buffer", `embedded:${temporaryFolder(t)}`, "--registry", url];
  const doomed = start(t, ["serve", ...args]);
  await said(doomed, "chat lobby");

  const { ready, publishes } = publisher(t, url);
  await ready();
  // Its connections come one after the other.
  await until(async () => {
    const before = counts();
    const succeeded = await publishes(9);
    const gained = counts().map((count, i) => count - before[i]!);
    return succeeded === 9 && gained.every((count) => count === 3);
  }, "each node gets every third");

  doomed.child.kill("SIGKILL");
  await doomed.exit;
  await until(async () => {
    const before = counts();
    return (await publishes(10)) === 10 && counts().every((count, i) => count - before[i]! === 5);
  }, "the others get all of it");

  inProcess.push(await nodeIn(t, url));
  await until(async () => {
    const before = counts();
    return (await publishes(9)) === 9 && counts().every((count, i) => count - before[i]! === 3);
  }, "the new one gets its part");

  await inProcess[0]!.close();
  await until(async () => {
    const before = counts();
    return (await publishes(10)) === 10 && counts().every((count, i) => count - before[i]! === (i === 0 ? 0 : 5));
  }, "one that left is left out");
  await etcd.kill();
  assert.is(await publishes(10), 10, "what is known stays known");
});

test("a registry that comes late", async (t) => {
  const etcd = await startEtcd(t);
  await etcd.kill();
  const url = `etcd://${etcd.endpoint}/r`;
  const { ready, publishes } = publisher(t, url);
  assert.is(await publishes(1), 0);
  await etcd.start();
  await nodeIn(t, url);
  await ready();
  assert.is(await publishes(3), 3);
});

test("what is no URL of etcd is refused when the client is made", (t) => {
  assert.throws(() => publisher(t, "etcd://secret@/x"), /URL of etcd is not valid/);
});

test.run();
