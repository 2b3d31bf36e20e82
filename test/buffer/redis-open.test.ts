// Opening the Redis buffer: addresses, credentials, servers that will not do, and what is said about them.

import { createServer, type Socket } from "node:net";
import { inspect } from "node:util";
import { openRedis } from "../../src/buffer/redis.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { parseAddress } from "../../src/redis/address.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite } from "../harness.js";
import { collect } from "../log.js";
import { ask, freePort, startRedis } from "../redis.js";
import { startSentinel } from "../redis-sentinel.js";
import { rejects, store } from "./contract/open.js";
import { readLog } from "./log.js";
import { openAt, plainClient } from "./redis-handle.js";
import { run } from "./run.js";

const test = suite("redis buffer, opening");
const retention = retentionPolicy([]);

/** The error that opening rejects with. */
async function failure(url: string, commandTimeoutMs = 500): Promise<RepriseError> {
  const opened = await openRedis({ url, retention, commandTimeoutMs }).catch((error: unknown) => error);
  if (opened instanceof RepriseError) return opened;
  if (opened instanceof Error) throw opened;
  await (opened as { close(): Promise<void> }).close();
  throw new Error(`${url} was opened`);
}

test("addresses", () => {
  const nobody = { username: undefined, password: undefined, sentinelUser: undefined, sentinelPassword: undefined };
  const noTls = { ca: undefined, cert: undefined, key: undefined, servername: undefined };
  const defaults = { ...nobody, form: "server", tls: undefined, master: "", db: 0, prefix: "reprise:" };
  const at = (host: string, port: number) => ({ host, port });
  const [h, i] = [at("h", 6379), at("i", 1)];
  assert.equal(parseAddress("redis://h"), { ...defaults, endpoints: [h], where: "redis://h:6379/0" });
  assert.equal(parseAddress("redis://h/"), { ...defaults, endpoints: [h], where: "redis://h:6379/0" });
  assert.equal(parseAddress("rediss://u%40x:p%2Fw@[::1]:7/3?prefix=a%3A"), {
    ...{ ...defaults, endpoints: [at("::1", 7)], username: "u@x", password: "p/w", db: 3, prefix: "a:" },
    ...{ tls: noTls, where: "rediss://[::1]:7/3" },
  });
  assert.is(parseAddress("redis://:secret@h").password, "secret");
  assert.equal(parseAddress("redis-sentinel://u:p@h,i:1/The.Master/2?sentinelUser=s&sentinelPassword=q"), {
    ...{ ...defaults, form: "sentinel", endpoints: [at("h", 26379), i], master: "The.Master", db: 2 },
    ...{ username: "u", password: "p", sentinelUser: "s", sentinelPassword: "q" },
    where: "redis-sentinel://h:26379,i:1/The.Master/2",
  });
  assert.equal(parseAddress("rediss-cluster://:p@h,i:1?servername=n"), {
    ...{ ...defaults, form: "cluster", endpoints: [h, i], password: "p", tls: { ...noTls, servername: "n" } },
    where: "rediss-cluster://h:6379,i:1",
  });
  const bad = ["", "h:6379", "http://h", "redis://", "redis://h/x", "redis://h/1/2", "redis://h?db=1", "redis://h#1"];
  const worse = [
    "redis://h?prefix=a{b}",
    "redis://h?prefix=a%20b",
    "redis://u:%zz@h",
    "redis://h:99999",
    "redis://h,i",
  ];
  const sentinel = ["redis-sentinel://h", "redis-sentinel://h/", "redis-sentinel://h,/m", "redis-sentinel://h/m/x"];
  const cluster = ["redis-cluster://h/1", "redis-cluster://h?sentinelUser=u", "redis-cluster://h?ca=x", "redis-x://h"];
  for (const url of [...bad, ...worse, ...sentinel, ...cluster]) {
    assert.throws(
      () => parseAddress(url),
      (error: unknown) => error instanceof RepriseError && error.code === "invalid_argument",
      url,
    );
  }
});

test("the description and the errors say where, and never the password", async (t) => {
  const server = await startRedis(t);
  await (await plainClient(t, server.port)).config("SET", "requirepass", "right-secret");
  const at = (credentials: string) => `redis://${credentials}127.0.0.1:${server.port}/2?prefix=x:`;
  const buffer = await openAt(t, at(":right-secret@"));
  assert.match(buffer.description, `redis://127.0.0.1:${server.port}/2`);
  assert.not.match(buffer.description, "secret");
  for (const [credentials, word] of [
    ["", "NOAUTH"],
    [":wrong-secret@", "WRONGPASS"],
    ["u:wrong-secret@", "WRONGPASS"],
  ]) {
    // biome-ignore format: a table
    const started = performance.now();
    const error = await failure(at(credentials!), 5_000);
    assert.ok(performance.now() - started < 4_000, "at once");
    assert.is(error.code, "buffer_unavailable");
    assert.match(error.message, word!);
    assert.match(error.message, `127.0.0.1:${server.port}`);
    assert.not.match(inspect(error, { depth: 10, showHidden: true }), "secret");
  }
  for (const bad of [
    ...["redis://:the-secret@h/x", "http://:the-secret@h", "redis://:the-secret@h?password=the-secret"],
    ...["redis-sentinel://:the-secret@h?sentinelPassword=the-secret", "redis-cluster://:the-secret@h/1"],
  ]) {
    assert.not.match(inspect(await failure(bad), { depth: 10, showHidden: true }), "the-secret");
  }
});

test("a user who may not do what is needed: an error that says what, at once", async (t) => {
  const server = await startRedis(t);
  const redis = await plainClient(t, server.port);
  await redis.call("ACL", "SETUSER", "noinfo", "on", ">pw", "~*", "&*", "+@all", "-info");
  await redis.call("ACL", "SETUSER", "nopublish", "on", ">pw", "~*", "resetchannels", "+@all");
  await redis.call("ACL", "SETUSER", "nokeys", "on", ">pw", "resetkeys", "&*", "+@all");
  await redis.call("ACL", "SETUSER", "nologs", "on", ">pw", "resetkeys", "~reprise:{rules}*", "&*", "+@all");
  for (const user of ["noinfo", "nopublish", "nokeys"]) {
    const error = await failure(`redis://${user}:pw@127.0.0.1:${server.port}`);
    assert.is(error.code, "buffer_unavailable");
    assert.match(error.message, "NOPERM");
  }
  const buffer = await openAt(t, `redis://nologs:pw@127.0.0.1:${server.port}`);
  const started = performance.now();
  await rejects(buffer.append("c", [run("p", 1, ["1"])]), "buffer_unavailable");
  assert.ok(performance.now() - started < 5_000, "at once");
  await rejects(buffer.state("c"), "buffer_unavailable");
});

test("nobody there, or somebody who does not answer: buffer_unavailable within the limit, saying where", async (t) => {
  const sockets: Socket[] = [];
  const mute = createServer((socket) => sockets.push(socket.on("error", () => {})));
  const port = await freePort();
  await new Promise<void>((resolve) => mute.listen(port, "127.0.0.1", resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
  });
  for (const url of [`redis://127.0.0.1:${await freePort()}`, `redis://127.0.0.1:${port}`]) {
    const started = performance.now();
    const error = await failure(url);
    assert.ok(performance.now() - started < 8_000, `it took ${performance.now() - started} ms`);
    assert.is(error.code, "buffer_unavailable");
    assert.match(error.message, url);
  }
});

test("a Redis that comes up while it is being opened is waited for", async (t) => {
  const server = await startRedis(t);
  await server.kill();
  const opening = openAt(t, server.url, { commandTimeoutMs: 5_000 });
  await server.start();
  await store(await opening, "c", run("p", 1, ["1"]));
});

test("a node of a Cluster by the wrong URL, and what is none by that of one: refused at once, saying what to write", async (t) => {
  const node = await startRedis(t, "--cluster-enabled", "yes");
  const server = await startRedis(t);
  for (const [url, advice] of [
    [node.url, "write redis-cluster:// for redis://"],
    [server.url.replace("redis:", "redis-cluster:"), "write redis:// for redis-cluster://"],
  ] as const) {
    const started = performance.now();
    const error = await failure(url, 5_000);
    assert.ok(performance.now() - started < 4_000, "at once");
    assert.is(error.code, "invalid_argument");
    assert.match(error.message, advice);
  }
});

test("sentinels and servers of a Cluster that are not there, refuse us or know no such master: said, and where", async (t) => {
  const set = await startSentinel(t, { replicas: 0, sentinels: 1 });
  const at = set.url.slice(0, set.url.lastIndexOf("/"));
  const unknown = await failure(`${at}/other`);
  assert.is(unknown.code, "invalid_argument");
  assert.match(unknown.message, /know no such master: redis-sentinel:/);
  await ask(set.servers[0]!, "CONFIG", "SET", "requirepass", "right-secret");
  const refused = await failure(set.url.replace("://", "://:wrong-secret@"));
  assert.is(refused.code, "buffer_unavailable");
  assert.match(refused.message, "WRONGPASS");
  assert.not.match(inspect(refused, { depth: 10, showHidden: true }), "secret");
  for (const url of [
    `redis-sentinel://127.0.0.1:${await freePort()}/m`,
    `redis-cluster://127.0.0.1:${await freePort()}`,
  ]) {
    const error = await failure(url);
    assert.is(error.code, "buffer_unavailable");
    assert.match(error.message, url);
    assert.match(error.message, "ECONNREFUSED");
  }
});

test("a Sentinel set whose master stores without replicas is warned of", async (t) => {
  for (const [args, expected] of [
    [[], 1],
    [["--min-replicas-to-write", "1"], 0],
  ] as const) {
    const { url } = await startSentinel(t, { sentinels: 1, args: [...args] });
    const warnings: string[] = [];
    await openAt(t, url, { log: collect(warnings) });
    assert.is(warnings.filter((message) => message.includes("min-replicas-to-write")).length, expected);
  }
});

test("settings that lose messages are warned of", async (t) => {
  const risky = ["--appendonly", "no", "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"];
  for (const [args, expected] of [
    [[], 0],
    [risky, 2],
  ] as const) {
    const server = await startRedis(t, ...args);
    const warnings: string[] = [];
    await openAt(t, server.url, { log: collect(warnings) });
    assert.is(warnings.length, expected, warnings.join("\n"));
  }
});

test("prefixes, also those with characters of a pattern, and databases are apart", async (t) => {
  const server = await startRedis(t);
  const places = ["/0", "/0?prefix=a*:", "/0?prefix=ab:", "/0?prefix=[a]", "/0?prefix=", "/1"];
  const buffers = await Promise.all(places.map((place) => openAt(t, `${server.url}${place}`)));
  for (const [i, buffer] of buffers.entries()) await store(buffer, `c${i}`, run("p", 1, [places[i]!]));
  for (const [i, buffer] of buffers.entries()) {
    assert.equal((await buffer.channels("", undefined, 10)).channels, [`c${i}`]);
    assert.equal((await readLog(buffer, `c${i}`)).contents, [places[i]]);
  }
});

test("all keys of a channel share its hash tag, have an expiry, and go together", async (t) => {
  const server = await startRedis(t);
  const buffer = await openAt(t, server.url, { rules: ["age=1h", "forever age=none"] });
  const redis = await plainClient(t, server.port);
  await store(buffer, "c", run("p", 1, ["1"]));
  await store(buffer, "forever", run("p", 1, ["1"]));
  const keys = (await redis.keys("*")).sort();
  const names = ["c", "forever"].flatMap((channel) =>
    ["log", "meta", "producers"].map((key) => `reprise:{${channel}}:${key}`),
  );
  assert.equal(keys, names);
  const times = await Promise.all(names.map((key) => redis.call("PEXPIRETIME", key) as Promise<number>));
  assert.is(new Set(times.slice(0, 3)).size, 1);
  assert.ok(times[0]! > Date.now() + 3_590_000 && times[0]! < Date.now() + 3_602_000);
  assert.equal(times.slice(3), [-1, -1, -1]);
});

test.run();
