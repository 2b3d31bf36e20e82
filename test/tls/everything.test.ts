// Nothing in plaintext: clients, nodes, Redis with a user of its own, etcd with another one. And what discovery asks of
// certificates.
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { connect } from "../../src/client/index.js";
import { openEtcd } from "../../src/etcd/client.js";
import { aloneRegistry } from "../../src/nodes/alone.js";
import { openStore, retentionPolicy } from "../../src/store/index.js";
import { makeCertificates } from "../certificates.js";
import { startEtcd } from "../etcd.js";
import { failure } from "../failure.js";
import { assert, suite, type T, until } from "../harness.js";
import { ask, freePort, startRedis } from "../redis.js";
import { open, startTls, trusting, works } from "./node.js";

const test = suite("tls everywhere");

const userRule = readFileSync(new URL("../../docs/redis.md", import.meta.url), "utf8")
  .split("\n")
  .find((line) => line.startsWith("ACL SETUSER"))!
  .replace("PASSWORD", "secret")
  .split(" ");

/** What an administrator of etcd does, by its own JSON. */
async function administer(endpoint: string, ca: Buffer, path: string, body: object): Promise<void> {
  const [host, port] = endpoint.split(":");
  const agent = new Agent({ ca });
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request({ host, port, path: `/v3/${path}`, method: "POST", agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (more: string) => {
        text += more;
      });
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
    asked.on("error", reject);
    asked.end(JSON.stringify(body));
  });
  agent.destroy();
  assert.match(text, /^200 /, path);
}

const options = { retention: retentionPolicy([]) };

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Two users: `root`, and `ann`, who may do everything below `mine/`. */
async function secure(endpoint: string, ca: Buffer): Promise<void> {
  const steps: [string, object][] = [
    ["auth/user/add", { name: "root", password: "r" }],
    ["auth/user/add", { name: "ann", password: "secret" }],
    ["auth/role/add", { name: "root" }],
    ["auth/user/grant", { user: "root", role: "root" }],
    ["auth/role/add", { name: "mine" }],
    [
      "auth/role/grant",
      { name: "mine", perm: { permType: "READWRITE", key: base64("mine/"), range_end: base64("mine0") } },
    ],
    ["auth/user/grant", { user: "ann", role: "mine" }],
    ["auth/enable", {}],
  ];
  for (const [path, body] of steps) await administer(endpoint, ca, path, body);
}

test("clients find nodes in etcd and messages go through Redis, all of it by TLS with users", async (t) => {
  const certificates = await makeCertificates(t);
  const { ca, server, client } = certificates;
  const port = await freePort();
  const redis = await startRedis(
    t,
    ...["--tls-port", String(port), "--tls-ca-cert-file", ca, "--tls-cert-file", server.cert],
    ...["--tls-key-file", server.key],
  );
  await ask(redis, userRule[0]!, ...userRule.slice(1));
  await ask(redis, "ACL", "SETUSER", "default", "off");
  const etcd = await startEtcd(t, ["--cert-file", server.cert, "--key-file", server.key], false);
  const own = `ca=${encodeURIComponent(ca)}&cert=${client.cert}&key=${client.key}`;
  const registry = `etcds://ann:secret@${etcd.endpoint}/mine?ca=${encodeURIComponent(ca)}`;
  const plain = openEtcd(registry);
  t.after(() => plain.close());
  await until(
    () =>
      plain.range("mine/").then(
        () => true,
        () => false,
      ),
    "etcd answers",
    15_000,
  );
  await secure(etcd.endpoint, readFileSync(ca));

  const buffer = `rediss://reprise:secret@127.0.0.1:${port}?${own}`;
  const nodeOf = async (node: string) => {
    const store = await openStore(buffer, { ...options, registry });
    t.after(() => store.close());
    const { members } = store;
    return startTls(t, server, { node, buffer: store.buffer, members, registry: store.registry });
  };
  const a = await nodeOf("a");
  const bus = await open(t, registry, trusting(certificates), { discover: false });
  const at = () => (bus.state.kind === "connected" ? bus.state.node : "");
  assert.is(at(), "a");
  await works(bus);
  await nodeOf("b");
  await a.close();
  await until(() => at() === "b", "it goes to the other");
  await works(bus, "d");

  const wrongUser = await failure(openStore(buffer.replace("secret", "wrong"), options));
  assert.match(wrongUser.message, /WRONGPASS|invalid username/i);
  assert.not.match(wrongUser.message, /secret|:wrong/);
  const noTls = await failure(openStore(buffer.replace("rediss", "redis").replace(/\?.*/, ""), options));
  assert.is(noTls.code, "buffer_unavailable");
  for (const [url, words] of [
    [registry.replace("secret", "wrong"), /authentication failed/],
    [registry.replace(/\?.*/, ""), /authority that is not trusted/],
    [`${registry}&servername=b.test`, /another name/],
    [`etcd://ann:secret@${etcd.endpoint}/mine`, /it speaks TLS/],
  ] as const) {
    const wrong = openEtcd(url);
    const error = await failure(wrong.range("mine/"));
    wrong.close();
    assert.is(error.code, "unavailable");
    assert.match(error.message, words);
    assert.not.match(error.message, /secret|:wrong@/);
  }
});

test("addresses that nodes tell of are for their certificates, unless the client knows a name for all of them", async (t) => {
  const certificates = await makeCertificates(t);
  const all = await certificates.issue("all", { hosts: ["nodes.test"] });
  const nodesOf = async (cert: typeof all) => {
    const registry = aloneRegistry();
    const first = await startTls(t, cert, { registry, node: "1" });
    return { first, second: await startTls(t, cert, { registry, node: "2" }) };
  };
  const moves = async (t: T, cert: typeof all, tls: ReturnType<typeof trusting>) => {
    const { first, second } = await nodesOf(cert);
    const bus = await open(t, first.address, tls);
    await first.drain({ windowMs: 0 });
    await until(() => bus.state.kind === "connected" && bus.state.node === "2", "it was told of the other one");
    await works(bus);
    return second;
  };
  await moves(t, certificates.server, trusting(certificates));
  const second = await moves(t, all, { ...trusting(certificates), serverName: "nodes.test" });
  // Their addresses are not in this one.
  const error = await failure(connect(second.address, { tls: trusting(certificates) }));
  assert.match(error.message, "for another name: DNS:nodes.test");
});

test("by DNS the certificate must be for the name", async (t) => {
  const certificates = await makeCertificates(t);
  const named = await certificates.issue("named", { hosts: ["localhost"] });
  const node = await startTls(t, named);
  const port = node.address.split(":")[1];
  await works(await open(t, `dns://localhost:${port}`, trusting(certificates)));
  const error = await failure(connect(node.address, { tls: trusting(certificates) }));
  assert.match(error.message, "for another name: DNS:localhost");
});

test.run();
