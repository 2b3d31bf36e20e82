// The calls of etcd, against real ones.
import { createServer } from "node:net";
import { type Etcd, openEtcd } from "../../src/etcd/client.js";
import { openEtcdRegistry } from "../../src/nodes/etcd.js";
import { makeCertificates } from "../certificates.js";
import { endpointsOf, secureEtcd, startEtcd, startEtcdCluster } from "../etcd.js";
import { failure } from "../failure.js";
import { assert, suite, type T, until } from "../harness.js";
import { entry } from "../nodes/entry.js";
import { freePort } from "../redis.js";

const test = suite("etcd");

function open(t: T, url: string): Etcd {
  const etcd = openEtcd(url);
  t.after(() => etcd.close());
  return etcd;
}

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

test("keys go with their lease, which can be kept alive and is told to be over", async (t) => {
  const { endpoint } = await startEtcd(t);
  const etcd = open(t, `etcd://${endpoint}`);
  const lease = await etcd.grant(60);
  await etcd.put("a/1", "one", lease);
  await etcd.put("a/2", "zwei ä", lease);
  await etcd.put("b/1", "other", lease);
  assert.equal(await etcd.range("a/"), [
    { key: "a/1", value: "one" },
    { key: "a/2", value: "zwei ä" },
  ]);
  assert.is(await etcd.keepAlive(lease), true);
  await etcd.revoke(lease);
  assert.equal(await etcd.range("a/"), []);
  assert.is(await etcd.keepAlive(lease), false);
  await etcd.revoke(lease);
  const { code, message } = await failure(etcd.put("a/1", "one", lease));
  assert.is(code, "unavailable");
  assert.match(message, "lease not found");
});

test("user and password: a token is asked for, and asked for again when it is forgotten", async (t) => {
  const server = await startEtcd(t);
  await secureEtcd(server);
  const registry = openEtcdRegistry(`etcd://ann:p%40ss%3Aw%2Frd@${server.endpoint}/mine`);
  t.after(() => registry.close());
  await registry.announce(entry("a"));
  assert.is((await registry.list()).length, 1);
  // Its tokens are kept in memory.
  await server.kill();
  await server.start();
  await until(() => succeeds(registry.announce(entry("a", { sessions: 2 }))), "it is entered again");
  assert.is((await registry.list())[0]?.sessions, 2);
  await registry.withdraw("a");
  assert.equal(await registry.list(), []);
});

test("wrong credentials, none, and the wrong place are refused in words that hold no secret", async (t) => {
  const server = await startEtcd(t);
  // What nobody needs does not matter.
  assert.equal(await open(t, `etcd://ann:secret@${server.endpoint}/mine`).range("mine/"), []);
  await secureEtcd(server);
  for (const [user, prefix, why] of [
    ["ann:secret@", "mine", "authentication failed"],
    ["nobody:secret@", "mine", "authentication failed"],
    ["", "mine", "user name is empty"],
    ["ann:p%40ss%3Aw%2Frd@", "yours", "permission denied"],
  ]) {
    const { code, message } = await failure(open(t, `etcd://${user}${server.endpoint}`).range(`${prefix}/`));
    assert.is(code, "unavailable");
    assert.match(message, why!);
    assert.match(message, server.endpoint);
    assert.not.match(message, /secret|p@ss|p%40/);
  }
});

test("TLS, with certificates of both sides", async (t) => {
  const { ca, server, client } = await makeCertificates(t);
  const args = ["--cert-file", server.cert, "--key-file", server.key, "--client-cert-auth", "--trusted-ca-file", ca];
  const { endpoint } = await startEtcd(t, args, false);
  const files = (cert: string, key: string) => `?ca=${encodeURIComponent(ca)}&cert=${cert}&key=${key}`;
  const own = files(client.cert, client.key);
  const local = `localhost:${endpoint.split(":")[1]}`;
  const etcd = open(t, `etcds://${local}${own}`);
  await until(() => succeeds(etcd.range("a")), "it answers", 15_000);
  await etcd.put("a", "b", "0");
  assert.equal(await open(t, `etcds://${endpoint}${own}&servername=localhost`).range("a"), [{ key: "a", value: "b" }]);
  const wrong = ["", `?ca=${encodeURIComponent(ca)}`, `${own}&servername=example.org`].map(
    (end) => `etcds://${local}${end}`,
  );
  for (const url of [`etcd://${local}`, ...wrong]) {
    assert.is((await failure(open(t, url).range("a"))).code, "unavailable", url);
  }
  assert.throws(() => openEtcd(`etcds://a?ca=/nowhere`), /cannot be read/);
  assert.throws(() => openEtcd(`etcds://a${files(ca, client.key)}`), /TLS to etcd: .* cannot be used/);
});

test(
  "several endpoints: whichever answers, in bounded time",
  async (t) => {
    const servers = await startEtcdCluster(t, 3);
    // One that nobody listens on, and one that takes connections and does nothing.
    const mute = await startEtcd(t);
    mute.freeze();
    t.after(() => mute.thaw());
    const url = `etcd://127.0.0.1:${await freePort()},${mute.endpoint},${endpointsOf(servers)}`;
    const registry = openEtcdRegistry(url);
    t.after(() => registry.close());
    const began = performance.now();
    await registry.announce(entry("a"));
    assert.ok(performance.now() - began < 15_000);
    const next = performance.now();
    await registry.announce(entry("a"));
    assert.ok(performance.now() - next < 2_500, "what does not answer is not asked first again");
    for (const server of servers) {
      await server.kill();
      await until(() => succeeds(registry.announce(entry("a"))), "two of three carry on", 15_000);
      assert.is((await registry.list())[0]?.node, "a");
      await server.start();
    }
  },
  { timeoutMs: 60_000 },
);

test("an entry that has not changed is not written again: etcd would keep all of them", async (t) => {
  const server = await startEtcd(t);
  const registry = openEtcdRegistry(`etcd://${server.endpoint}`);
  t.after(() => registry.close());
  const puts = async () => {
    const text = await (await fetch(`http://${server.endpoint}/metrics`, { headers: { connection: "close" } })).text();
    return Number(/^etcd_debugging_mvcc_put_total (\d+)/m.exec(text)?.[1]);
  };
  for (let i = 0; i < 5; i++) await registry.announce(entry("a"));
  assert.is(await puts(), 1);
  await registry.announce(entry("a", { sessions: 18 }));
  assert.is(await puts(), 2);
});

test("closed while it is asked: it rejects, and nothing stays open", async (t) => {
  const server = await startEtcd(t);
  const etcd = openEtcd(`etcd://${server.endpoint}`);
  await etcd.range("a");
  server.freeze();
  t.after(() => server.thaw());
  const asked = [etcd.range("a"), etcd.keepAlive("1")].map(failure);
  etcd.close();
  for (const { code } of await Promise.all(asked)) assert.is(code, "closed");
  assert.is((await failure(etcd.range("a"))).code, "closed");
});

test("it does not answer in etcd's language: unavailable", async (t) => {
  const server = createServer((socket) =>
    socket
      .on("error", () => {})
      .resume()
      .end("HTTP/1.1 400 Bad Request\r\n\r\n"),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as { port: number };
  assert.is((await failure(open(t, `etcd://127.0.0.1:${port}`).range("a"))).code, "unavailable");
});

test.run();
