// reprise nodes, and what reprise serve says of itself to others.
import { join } from "node:path";
import { startEtcd } from "../etcd.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { startRedis } from "../redis.js";
import { type CommandOptions, type Running, run, said, start } from "./command.js";

const test = suite("reprise nodes");

interface Served {
  running: Running;
  address: string;
}

async function serve(t: T, args: readonly string[], options: CommandOptions = {}): Promise<Served> {
  const running = start(t, ["serve", "--listen", "127.0.0.1:0", ...args], options);
  await said(running, "chat lobby");
  return { running, address: /listens on (\S+)/.exec(running.stderr)![1]! };
}

const embedded = (t: T): string[] => ["--buffer", `embedded:${join(temporaryFolder(t), "data")}`];

async function nodesAt(t: T, { address }: Served): Promise<Record<string, unknown>[]> {
  const { code, lines, stderr } = await run(t, ["nodes", "--json", "--server", address]);
  assert.is(code, 0, stderr);
  return lines.map((line) => JSON.parse(line));
}

test("nodes over one Redis know each other, a table says it, warnings stand beneath", async (t) => {
  const redis = await startRedis(t, "--appendonly", "no");
  const buffer = ["--buffer", redis.url];
  const a = await serve(t, [...buffer, "--node", "a", "--zone", "z1", "--advertise", "a.example:1"]);
  assert.match(a.running.stderr, "advertised as a.example:1");
  const b = await serve(t, [...buffer, "--node", "b"], { env: { REPRISE_ZONE: "z2", REPRISE_ADVERTISE: "[::1]:2" } });
  const c = await serve(t, [...buffer, "--node", "c"]);
  await until(async () => (await nodesAt(t, a)).length === 3, "they know each other", 20_000);
  const { code, lines } = await run(t, ["nodes", "--server", b.address]);
  assert.is(code, 0);
  assert.match(lines[0]!, /^NODE +ADDRESS +ZONE +VERSION +STATE +SESSIONS +UPTIME$/);
  assert.match(lines[1]!, /^a +a\.example:1 +z1 +\d+\.\d+\.\d+ +ready +\d+ +(\d+m )?\d+s$/);
  assert.match(lines[2]!, /^b +\[::1\]:2 +z2 +\d+\.\d+\.\d+ +ready +\d+ +(\d+m )?\d+s$/);
  assert.match(lines[3]!, new RegExp(`^c +${c.address} +- `));
  assert.equal(
    lines.slice(4).map((line) => line.slice(0, 12)),
    ["warning: a: ", "warning: b: ", "warning: c: "],
  );
  assert.match(lines[4]!, "append-only file");
  b.running.child.kill("SIGTERM");
  await b.running.exit;
  const left = (await nodesAt(t, a)).map(({ node }) => node);
  assert.equal(left, ["a", "c"], "one that stops is gone at once");
});

test("a registry in etcd", async (t) => {
  const etcd = await startEtcd(t);
  const url = `etcd://${etcd.endpoint}/ours`;
  const [a, b] = [
    await serve(t, [...embedded(t), "--node", "a", "--registry", url]),
    await serve(t, [...embedded(t), "--node", "b"], { env: { REPRISE_REGISTRY: url } }),
  ];
  assert.match(a.running.stderr, `registry of nodes: etcd at ${url}`);
  await until(async () => (await nodesAt(t, a)).length === 2, "they know each other", 20_000);
  const { started, version, ...rest } = (await nodesAt(t, b))[1]!;
  assert.equal(rest, { node: "b", address: b.address, zone: "", state: "ready", sessions: 1, warnings: [] });
  assert.match(started as string, /^20.*Z$/);
  assert.type(version, "string");
  await etcd.kill();
  await said(a.running, "is away");
  assert.equal((await nodesAt(t, a)).length, 2, "it tells what it knew last");
  await etcd.start();
  await said(a.running, "is back");
});

test("a node alone is alone, and one that no address names is said to be", async (t) => {
  const alone = await serve(t, [...embedded(t), "--insecure", "--listen", "0.0.0.0:0", "--node", "me"]);
  assert.not.match(alone.running.stderr, "registry");
  const [me] = await nodesAt(t, { ...alone, address: alone.address.replace("0.0.0.0", "127.0.0.1") });
  assert.equal([me!.node, me!.address], ["me", ""]);
  const redis = await startRedis(t);
  const hidden = await serve(t, ["--buffer", redis.url, "--insecure", "--listen", "0.0.0.0:0"]);
  assert.match(hidden.running.stderr, "--advertise");
});

test("what is wrong with --registry, --advertise and --zone is exit code 2", async (t) => {
  const wrong = [
    ["--registry", "redis://127.0.0.1"],
    ["--registry", "etcd://secret@"],
    ["--advertise", "nowhere"],
    ["--advertise", "h:0"],
    ["--zone", "a\nb"],
    ["--node", ""],
  ];
  const results = await Promise.all(
    wrong.map((args) => run(t, ["serve", "--listen", "127.0.0.1:0", ...embedded(t), ...args])),
  );
  for (const [i, { code, stderr }] of results.entries()) {
    assert.is(code, 2, `${wrong[i]!.join(" ")}: ${stderr}`);
    assert.not.match(stderr, /secret| {4}at /);
  }
});

test.run();
