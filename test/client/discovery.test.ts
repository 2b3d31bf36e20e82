// Where clients learn addresses from.
import { discover } from "../../src/client/discovery.js";
import { openEtcdRegistry } from "../../src/nodes/etcd.js";
import { RepriseError } from "../../src/wire/errors.js";
import { startEtcd } from "../etcd.js";
import { failure } from "../failure.js";
import { assert, suite, type T, until } from "../harness.js";
import { entry } from "../nodes/entry.js";
import { freePort } from "../redis.js";

const test = suite("discovery");

function open(t: T, ...args: Parameters<typeof discover>) {
  const discovery = discover(...args);
  t.after(() => discovery.close());
  return discovery;
}

test("addresses are taken as they are, whatever gRPC may make of them", async (t) => {
  const targets = ["a:1", "[::1]:2", "unix:/x", "dns:///b:3", "a:1"];
  const discovery = open(t, targets);
  assert.equal(await discovery.addresses(), ["a:1", "[::1]:2", "unix:/x", "dns:///b:3"]);
  assert.equal(discovery.names, targets);
  assert.is(discovery.serverName("a:1"), undefined);
});

test("dns: all that the name leads to, asked anew after a second; what fails keeps the last answer", async (t) => {
  let found = ["10.0.0.1", "::2"];
  let asked = 0;
  let broken = false;
  const discovery = open(t, ["dns://nodes.example:50051", "c:1"], async (host) => {
    assert.is(host, "nodes.example");
    asked++;
    if (broken) throw new Error("SERVFAIL");
    return found;
  });
  assert.is(asked, 0);
  const first = ["10.0.0.1:50051", "[::2]:50051", "c:1"];
  assert.equal(await Promise.all([discovery.addresses(), discovery.addresses()]), [first, first]);
  assert.equal(await discovery.addresses(), first);
  assert.is(asked, 1, "it is fresh");
  found = ["10.0.0.3"];
  const changed = async () => (await discovery.addresses()).includes("10.0.0.3:50051");
  await until(changed, "the new address is seen", 3_000);
  assert.is(asked, 2);
  assert.equal(await discovery.addresses(), ["10.0.0.3:50051", "c:1"]);
  assert.is(discovery.serverName("10.0.0.3:50051"), "nodes.example");
  assert.is(discovery.serverName("c:1"), undefined);
  for (const wrong of ["broken", "empty"]) {
    const before = asked;
    broken = wrong === "broken";
    found = [];
    await until(async () => (await discovery.addresses()) && asked > before, "it is asked again", 3_000);
    assert.equal(await discovery.addresses(), ["10.0.0.3:50051", "c:1"], wrong);
  }
});

test("dns by the system: localhost", async (t) => {
  const addresses = await open(t, ["dns://localhost:7"]).addresses();
  assert.ok(addresses.includes("127.0.0.1:7") || addresses.includes("[::1]:7"), addresses.join());
  const { code, message } = await failure(open(t, ["dns://nowhere.invalid:7"]).addresses());
  assert.is(code, "unavailable");
  assert.match(message, "nowhere.invalid");
});

test("a source that hangs is waited for, but not for long", async (t) => {
  let hangs = true;
  const discovery = open(
    t,
    ["dns://x:1"],
    (): Promise<string[]> => (hangs ? new Promise(() => {}) : Promise.resolve(["::1"])),
  );
  const began = performance.now();
  assert.is((await failure(discovery.addresses())).code, "unavailable");
  assert.ok(performance.now() - began < 5_000);
  hangs = false;
});

test("etcd: the nodes that are ready and have an address; without it, the last ones", async (t) => {
  const etcd = await startEtcd(t);
  const registry = openEtcdRegistry(`etcd://${etcd.endpoint}/p`);
  t.after(() => registry.close());
  const discovery = open(t, [`etcd://ann:secret@${etcd.endpoint}/p`]);
  assert.equal(discovery.names, [`etcd://${etcd.endpoint}/p`]);
  const none = await failure(discovery.addresses());
  assert.is(none.code, "unavailable");
  assert.match(none.message, "names nobody");
  assert.not.match(none.message, "secret");
  await registry.announce(entry("a", { address: "a:1" }));
  await registry.announce(entry("b", { address: "b:1", state: "draining" }));
  await registry.announce(entry("c", { address: "" }));
  const known = async () => (await discovery.addresses().catch(() => [])).join();
  await until(async () => (await known()) === "a:1", "the one that is ready");
  await registry.announce(entry("b", { address: "b:1" }));
  await until(async () => (await known()) === "a:1,b:1", "it is ready now");
  assert.is(discovery.serverName("a:1"), undefined);
  await Promise.all(["a", "b", "c"].map((node) => registry.withdraw(node)));
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  assert.is(await known(), "a:1,b:1", "there is nobody: these may still be there");
  await registry.announce(entry("d", { address: "d:1" }));
  await until(async () => (await known()) === "d:1", "and another one");
  etcd.freeze();
  t.after(() => etcd.thaw());
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const began = performance.now();
  assert.is(await known(), "d:1");
  assert.ok(performance.now() - began < 2_500);
  etcd.thaw();
});

test("several sources: what some of them do not say, others do", async (t) => {
  const dead = `127.0.0.1:${await freePort()}`;
  const discovery = open(t, [`etcd://${dead}`, "dns://x:1", "a:1"], async () => ["1.1.1.1"]);
  assert.equal(await discovery.addresses(), ["1.1.1.1:1", "a:1"]);
  const { code, message } = await failure(open(t, [`etcd://secret:secret@${dead}`]).addresses());
  assert.is(code, "unavailable");
  assert.match(message, dead);
  assert.not.match(message, "secret");
});

test("what is no source is refused at once", () => {
  for (const target of ["etcd://", "etcd://a?x=1", "dns://a", "dns://a:0", "dns://a:x", "dns://:1", "dns://a b:1"]) {
    assert.throws(
      () => discover([target]),
      (error: unknown) => error instanceof RepriseError && error.code === "invalid_argument",
      target,
    );
  }
});

test.run();
