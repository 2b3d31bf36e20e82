// TLS from the command line: certificates for development, a node with them, commands that talk to it.
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { plaintextDangers } from "../../src/bin/plaintext.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { freePort } from "../redis.js";
import { type Running, run, said, start } from "./command.js";

const test = suite("reprise and tls");

const embedded = (t: T) => ["--buffer", `embedded:${join(temporaryFolder(t), "data")}`];

async function dev(t: T, ...args: string[]) {
  const dir = join(temporaryFolder(t), "certs");
  const { code, lines, stderr } = await run(t, ["cert", "dev", "--dir", dir, ...args]);
  assert.is(code, 0, stderr);
  const file = (name: string) => join(dir, name);
  return {
    ...{ dir, file, lines },
    serve: ["--tls-cert", file("server.crt"), "--tls-key", file("server.key")],
    ca: ["--ca", file("ca.crt")],
    own: ["--cert", file("client.crt"), "--key", file("client.key")],
  };
}

async function serve(t: T, args: readonly string[]): Promise<{ running: Running; port: number }> {
  const port = await freePort();
  const running = start(t, ["serve", "--listen", `127.0.0.1:${port}`, ...embedded(t), ...args]);
  await said(running, "chat lobby");
  return { running, port };
}

test("cert dev: certificates that hold, keys for their owner only, and nothing is replaced unasked", async (t) => {
  const { dir, file } = await dev(t, "--host", "a.test", "--host", "10.0.0.1", "--client", "ann");
  assert.equal(readdirSync(dir).sort(), ["ca.crt", "ca.key", "client.crt", "client.key", "server.crt", "server.key"]);
  for (const name of ["ca.key", "server.key", "client.key"]) assert.is(statSync(file(name)).mode & 0o777, 0o600);
  const read = (name: string) => new X509Certificate(readFileSync(file(name)));
  const [ca, server, client] = [read("ca.crt"), read("server.crt"), read("client.crt")];
  assert.ok(ca.ca);
  assert.ok(ca.verify(ca.publicKey) && server.verify(ca.publicKey) && client.verify(ca.publicKey));
  for (const host of ["localhost", "a.test", hostname()]) assert.ok(server.checkHost(host), host);
  for (const ip of ["127.0.0.1", "::1", "10.0.0.1"]) assert.ok(server.checkIP(ip), ip);
  assert.match(client.subject, "CN=ann");

  const before = readFileSync(file("ca.crt"), "utf8");
  const again = await run(t, ["cert", "dev", "--dir", dir]);
  assert.is(again.code, 1);
  assert.match(again.stderr, "--force");
  assert.is(readFileSync(file("ca.crt"), "utf8"), before);
  assert.is((await run(t, ["cert", "dev", "--dir", dir, "--force"])).code, 0);
  assert.is.not(readFileSync(file("ca.crt"), "utf8"), before);
  assert.is(statSync(file("ca.key")).mode & 0o777, 0o600);
  assert.is((await run(t, ["cert", "dev", "--dir", join(dir, "x"), "--host", "a b"])).code, 2);
});

test("the lines that it prints work as they are", async (t) => {
  const { lines, file } = await dev(t);
  const commands = lines.filter((line) => !line.startsWith("#"));
  const [, talk, , talkKnown, add, use] = commands as string[];
  const { port } = await serve(t, [
    ...["--tls-cert", file("server.crt"), "--tls-key", file("server.key"), "--tls-client-ca", file("ca.crt")],
  ]);
  const home = temporaryFolder(t);
  const sh = (line: string) =>
    execFileSync("sh", ["-c", line.replace("localhost:50051", `localhost:${port}`)], {
      encoding: "utf8",
      env: { ...process.env, XDG_CONFIG_HOME: home },
    });
  sh(talkKnown!);
  assert.throws(() => sh(`${talk} --timeout 1s`), "it asks for a certificate");
  sh(add!);
  sh(use!);
  const reprise = talk!.slice(0, talk!.indexOf(" pub "));
  assert.is(sh(`${reprise} history lobby`), "hello\n");
  assert.match(sh(`${reprise} context show`), `by TLS ${file("ca.crt")}`);
});

test("the lines that a node prints work, too; SIGHUP makes it read the certificate again", async (t) => {
  const { serve: flags, file, dir, ca } = await dev(t);
  const { running, port } = await serve(t, flags);
  assert.match(running.stderr, "TLS (TLSv1.2 or later)");
  const [, pub] = running.stderr.split("\n").filter((line) => line.startsWith("  "));
  execFileSync("sh", ["-c", pub!]);
  const old = readFileSync(file("ca.crt"));
  assert.is((await run(t, ["cert", "dev", "--dir", dir, "--force"])).code, 0);
  running.child.kill("SIGHUP");
  await said(running, "was read again");
  assert.not.equal(readFileSync(file("ca.crt")), old);
  const { code, lines } = await run(t, ["history", "lobby", "--server", `localhost:${port}`, ...ca]);
  assert.is(code, 0);
  assert.equal(lines, ["hello"]);
  running.child.kill("SIGTERM");
  assert.is(await running.exit, 0);
});

test(
  "flags, the environment and a context say how; what is wrong is one sentence and exit code 3",
  async (t) => {
    const { serve: flags, ca, own, file } = await dev(t);
    const { port } = await serve(t, [...flags, "--tls-client-ca", file("ca.crt"), "--tls-client-certs", "optional"]);
    const at = ["--server", `127.0.0.1:${port}`];
    const pub = (args: string[], env = {}) => run(t, ["pub", "c", "x", ...args], { env });
    const home = temporaryFolder(t);
    const env = { XDG_CONFIG_HOME: home };
    assert.is((await pub([...at, ...ca, ...own])).code, 0);
    assert.is((await pub(at, { REPRISE_CA: file("ca.crt") })).code, 0);
    assert.is((await run(t, ["context", "add", "x", ...at, ...ca, "--server-name", "localhost"], { env })).code, 0);
    assert.is((await pub(["--context", "x"], env)).code, 0);
    const kept = JSON.parse(readFileSync(join(home, "reprise", "config.json"), "utf8")).contexts.x;
    assert.equal(kept.tls, { ca: file("ca.crt"), serverName: "localhost" });
    for (const [args, words] of [
      [at, "it speaks TLS, and the client was not told to"],
      [[...at, "--tls"], "authority that is not trusted"],
      // What is given counts instead of what the context says.
      [["--context", "x", "--server-name", "b.test"], "another name"],
    ] as const) {
      const { code, stderr } = await pub([...args], env);
      assert.is(code, 3, stderr);
      assert.match(stderr, words);
      assert.is(stderr.trim().split("\n").length, 1, stderr);
    }
    // A context is not asked where the server was given otherwise.
    assert.is((await run(t, ["context", "use", "x"], { env })).code, 0);
    assert.is((await pub(at, env)).code, 3);
    assert.is((await pub([...at, "--ca", "/nowhere"])).code, 2);
  },
  { timeoutMs: 120_000 },
);

test("a client's certificate says who it is, where the node recognizes peers by it", async (t) => {
  const { serve: flags, ca, own, file } = await dev(t, "--client", "ann");
  const policy = join(temporaryFolder(t), "policy.yaml");
  writeFileSync(policy, "identities: { ann: { rules: [{ allow: all, channels: c }] } }\n");
  const optional = ["--tls-client-ca", file("ca.crt"), "--tls-client-certs", "optional"];
  const { port } = await serve(t, [...flags, ...optional, "--auth-cert", "--policy", policy]);
  const at = ["--server", `localhost:${port}`, ...ca];
  assert.is((await run(t, ["pub", "c", "x", "--name", "bob", ...at, ...own])).code, 0);
  const { lines } = await run(t, ["history", "c", "--json", ...at, ...own]);
  assert.is(JSON.parse(lines[0]!).publisher, "ann");
  assert.match((await run(t, ["pub", "d", "x", ...at, ...own])).stderr, "ann");
  const nobody = await run(t, ["pub", "c", "x", ...at]);
  assert.is(nobody.code, 1, nobody.stderr);
});

test("what a node says elsewhere without TLS is told: to which servers, and that anybody reads its metrics", () => {
  const told = (buffer: string, others: { registry?: string; http?: string } = {}) =>
    plaintextDangers({ buffer, ...others });
  for (const buffer of ["embedded:./data", "redis://127.0.0.1:6379", "redis://u:p@[::1]/2", "rediss://10.0.0.9:6380"]) {
    assert.equal(told(buffer, { http: "127.0.0.1:9090", registry: "etcds://10.0.0.9:2379" }), []);
  }
  const sentinels = told("redis-sentinel://:secret@127.0.0.1,10.0.0.8:26379,sentinel/main");
  assert.is(sentinels.length, 1);
  assert.match(sentinels[0]!, "no TLS to 10.0.0.8:26379,sentinel:");
  assert.match(sentinels[0]!, "rediss-sentinel://");
  assert.not.match(sentinels[0]!, "secret");
  const all = told("redis://10.0.0.9", { registry: "etcd://a:b@10.0.0.9:2379/nodes", http: "0.0.0.0:9090" });
  assert.is(all.length, 3);
  assert.match(all[1]!, "no TLS to 10.0.0.9:2379: ");
  assert.match(all[2]!, "0.0.0.0:9090");
});

test("a node that others can reach needs TLS, or to be told that it does not; contradictions are usage", async (t) => {
  const { serve: flags } = await dev(t);
  const everywhere = ["--listen", "0.0.0.0:0", ...embedded(t)];
  for (const [args, words] of [
    [everywhere, "--insecure"],
    [[...everywhere, ...flags, "--insecure"], "without TLS"],
    [[...everywhere, ...flags.slice(2)], "both --tls-cert and --tls-key"],
    [[...everywhere, ...flags, "--tls-client-certs", "optional"], "--tls-client-ca"],
    [[...everywhere, ...flags, "--tls-min", "1.1"], "1.2"],
    [[...everywhere, ...flags, "--auth-cert", "--policy", "x"], "--auth-cert needs --tls-client-ca"],
    [[...everywhere, "--tls-cert", "/nowhere", "--tls-key", "/nowhere"], "cannot read /nowhere"],
  ] as const) {
    const { code, stderr } = await run(t, ["serve", ...args]);
    assert.is(code, 2, stderr);
    assert.match(stderr, words);
    assert.not.match(stderr, "    at ");
  }
  const insecure = start(t, ["serve", ...everywhere, "--http", "0.0.0.0:0"], { env: { REPRISE_INSECURE: "1" } });
  await said(insecure, "chat lobby");
  assert.match(insecure.stderr, "reads the metrics");
  assert.match(insecure.stderr, "WARNING: no TLS");
});

test.run();
