// Clients that are not told where the nodes are, but where to find them.
import { connect, RepriseError } from "../../src/client/index.js";
import { openEtcdRegistry } from "../../src/nodes/etcd.js";
import { run } from "../bin/command.js";
import { startNode } from "../broker/node.js";
import { startEtcd } from "../etcd.js";
import { assert, suite, type T, until } from "../harness.js";

const test = suite("nodes that are found");

async function nodeIn(t: T, url: string, node: string) {
  const registry = openEtcdRegistry(url);
  t.after(() => registry.close());
  return startNode(t, { registry, node });
}

test("in etcd: a bus goes to a node that is there, and when that one leaves, to another that came later", async (t) => {
  const etcd = await startEtcd(t);
  const url = `etcd://ann:secret@${etcd.endpoint}/f`;
  const a = await nodeIn(t, url, "a");
  // What the nodes tell is another way to know.
  const bus = await connect(url, { discover: false });
  t.after(() => bus.close());
  const at = () => (bus.state.kind === "connected" ? bus.state.node : "");
  assert.is(at(), "a");
  const b = await nodeIn(t, url, "b");
  await a.close();
  await until(() => at() === "b", "it goes to the other");
  await bus.publish("c", "x");
  assert.equal(
    (await bus.nodes()).map(({ address }) => address),
    [b.address],
  );
  const { code, lines, stderr } = await run(t, ["nodes", "--server", url, "--json"]);
  assert.is(code, 0, stderr);
  assert.equal(
    lines.map((line) => JSON.parse(line).node),
    ["b"],
  );
  await bus.close();
});

test("by DNS", async (t) => {
  const node = await startNode(t, { listen: "127.0.0.1:0" });
  const bus = await connect(`dns://localhost:${node.address.split(":")[1]}`);
  t.after(() => bus.close());
  await bus.publish("c", "x");
});

test("nobody is found: the error says where it was looked for, without secrets", async (t) => {
  const etcd = await startEtcd(t);
  const url = `etcd://ann:secret@${etcd.endpoint}/f`;
  const thrown = await connect(url, { timeoutMs: 1_000 }).catch((error: unknown) => error);
  assert.instance(thrown, RepriseError);
  const { code, message } = thrown as RepriseError;
  assert.is(code, "unavailable");
  assert.match(message, `etcd://${etcd.endpoint}/f`);
  assert.not.match(message, "secret");
  const late = connect(url, { timeoutMs: 20_000 });
  await nodeIn(t, url, "late");
  const bus = await late;
  t.after(() => bus.close());
  assert.is(bus.state.kind, "connected");
});

test.run();
