// The member store over Redis when something goes wrong: nodes killed, Redis restarted, away or forgetful, publications
// lost.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis as Client } from "ioredis";
import { connect } from "../../src/client/index.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, loader, suite, type T, temporaryFolder, until } from "../harness.js";
import { someRedis, startRedis } from "../redis.js";
import { entering, idsOf, redisStore, times, watching } from "./audience.js";
import { startMemberNode } from "./nodes.js";

const test = suite("members in Redis, faults");

async function clientOf(t: T, url: string): Promise<Client> {
  const client = new Client(url);
  t.after(() => client.disconnect());
  return client;
}

const keysOf = async (t: T, url: string, prefix: string) => (await clientOf(t, url)).keys(`${prefix}*`);

/** A store whose publications reach nobody: it reads where it should publish. */
const muteStore = (t: T, url: string, prefix: string) =>
  redisStore(t, url, prefix, times, (redis) => ({
    ...redis,
    topics: { ...redis.topics, publish: "EXISTS" as "PUBLISH" },
  }));

const { leaseMs } = times;

test("a node that is killed loses its members within the lease, and not before", async (t) => {
  const redis = await someRedis(t);
  const node = await startMemberNode(t, redis);
  const program = resolve(import.meta.dirname, "node-process.ts");
  const url = `${redis.url}?prefix=${redis.prefix}`;
  const args = ["--import", loader, program, url, JSON.stringify(times), temporaryFolder(t)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  t.after(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const ada = await connect(line.toString().trim(), { name: "ada", reconnect: false });
  t.after(() => ada.close({ timeoutMs: 0 }));
  const bob = await connect(node.address, { name: "bob" });
  t.after(() => bob.close());
  await Promise.all([ada.enter("c"), bob.enter("c")]);
  const presence = bob.presence("c");
  assert.is((await presence.ready).length, 2);
  // Leases are renewed meanwhile.
  await delay(leaseMs + 500);
  assert.is(presence.members.size, 2);
  const before = performance.now();
  child.kill("SIGKILL");
  for await (const { kind, member } of presence) {
    assert.equal([kind, member.name], ["left", "ada"]);
    break;
  }
  const took = performance.now() - before;
  assert.ok(took > (leaseMs * 2) / 3 - 500, `not before: ${took} ms`);
  assert.ok(took < leaseMs + 3_000, `within the lease and a round: ${took} ms`);
});

/** @param args of redis-server */
async function awayFor5Seconds(t: T, ...args: string[]): Promise<void> {
  const server = await startRedis(t, ...args);
  const stores = [await redisStore(t, server.url, "a:"), await redisStore(t, server.url, "a:")];
  const ids = Array.from({ length: 20 }, (_, i) => `member-${i}`);
  await Promise.all(ids.map((id, i) => stores[i % 2]!.enter("c", entering(id), `${i}`)));
  const audiences = await Promise.all(stores.map((store) => watching(t, store, "c")));
  const listed = async () => (await stores[1]!.list("c")).map(({ id, sinceMs }) => `${id} ${sinceMs}`).sort();
  const before = await listed();
  // The nodes have been there for long enough to judge.
  await delay(stores[0]!.settleMs + 500);
  await server.kill();
  await delay(5_000);
  await server.start();
  await until(async () => (await listed().catch(() => [])).length === ids.length, "all are back");
  await delay(stores[0]!.settleMs + 500);
  for (const { told } of audiences) assert.equal(told, []);
  assert.equal(await listed(), before);
  await stores[0]!.leave("c", { id: "member-0", session: "0" });
  await Promise.all(audiences.map((audience) => audience.tells("-member-0")));
}

test("Redis away for 5 s, longer than the lease, and even without its data: nobody left, all are there", async (t) => {
  await Promise.all([awayFor5Seconds(t), awayFor5Seconds(t, "--appendonly", "no")]);
});

test("whose node died while Redis was away is told late, and is told", async (t) => {
  const server = await startRedis(t, "--appendonly", "no");
  const dying = await redisStore(t, server.url, "a:");
  const store = await redisStore(t, server.url, "a:");
  await dying.enter("c", entering("ada-00001"), "1");
  await store.enter("c", entering("bob-00001"), "2");
  const audience = await watching(t, store, "c");
  await delay(store.settleMs + 500);
  await server.kill();
  const refused = await store.enter("c", entering("eve-00001"), "3").catch((error: unknown) => error);
  assert.ok(refused instanceof RepriseError && refused.code === "buffer_unavailable");
  await dying.close();
  await server.start();
  await until(() => audience.told.length > 0, "it is told", store.settleMs + 8_000);
  assert.equal(audience.told, ["-ada-00001"]);
  assert.equal(idsOf(await store.list("c")), ["bob-00001"]);
});

test("a restart that is over before anybody noticed is no event either", async (t) => {
  const server = await startRedis(t, "--appendonly", "no");
  const stores = [await redisStore(t, server.url, "a:"), await redisStore(t, server.url, "a:")];
  await stores[0]!.enter("c", entering("ada-00001"), "1");
  const audience = await watching(t, stores[1]!, "c");
  await delay(stores[0]!.settleMs + 500);
  await server.kill();
  await server.start();
  await until(async () => (await stores[1]!.list("c").catch(() => [])).length === 1, "it is back");
  await delay(stores[0]!.settleMs + 500);
  assert.equal(audience.told, []);
});

test("what is published and does not arrive is told within about two seconds, as the difference", async (t) => {
  const { url, prefix } = await someRedis(t);
  const mute = await muteStore(t, url, prefix);
  const store = await redisStore(t, url, prefix);
  const audience = await watching(t, store, "c");
  const healed = async (...told: string[]) => {
    const before = performance.now();
    await audience.tells(...told);
    assert.ok(performance.now() - before < 8_000);
  };
  await mute.enter("c", entering("ada-00001"), "1");
  await healed("+ada-00001");
  // A hole shows at once.
  await mute.enter("c", entering("bob-00001"), "2");
  await store.enter("c", entering("eve-00001"), "3");
  await until(() => audience.told.length === 3, "the hole is filled", 500);
  await mute.enter("c", entering("ada-00001", { metadata: [] }), "1");
  await until(() => audience.told.includes("*ada-00001"), "the change is told", 4_000);
  await delay(store.settleMs);
  await mute.leave("c", { id: "bob-00001", session: "2" });
  await until(() => audience.told.includes("-bob-00001"), "who left is told", 4_000);
});

test("asking and watching leave nothing in Redis, and members leave nothing behind", async (t) => {
  const { url, prefix } = await someRedis(t);
  const one = await redisStore(t, url, prefix);
  const two = await redisStore(t, url, prefix);
  assert.equal(await one.list("c"), []);
  const audience = await watching(t, two, "c");
  await one.leave("c", { id: "nobody-01", session: "1" });
  await delay(600);
  assert.equal(await keysOf(t, url, prefix), []);
  await one.enter("c", entering("ada-00001"), "1");
  await one.leave("c", { id: "ada-00001", session: "1" });
  assert.equal(await keysOf(t, url, prefix), []);
  // Taken over: the first node has to learn of it, and then there is nothing either.
  await one.enter("c", entering("ada-00001"), "1");
  await two.enter("c", entering("ada-00001", { node: "n2" }), "2");
  await two.leave("c", { id: "ada-00001", session: "2" });
  await audience.tells("+ada-00001", "-ada-00001", "+ada-00001", ">ada-00001", "-ada-00001");
  await until(async () => (await keysOf(t, url, prefix)).length === 0, "nothing is left", leaseMs + 8_000);
  await one.enter("c", entering("ada-00001"), "1");
  const client = await clientOf(t, url);
  for (const key of await keysOf(t, url, prefix)) {
    const ttl = await client.pttl(key);
    assert.ok(ttl > leaseMs && ttl <= 5 * leaseMs, `${key} is there for ${ttl} ms at most`);
  }
});

test("1,000 members on two nodes: what is watched is what is there, and each change is told once", async (t) => {
  const { url, prefix } = await someRedis(t);
  const stores = [await redisStore(t, url, prefix), await redisStore(t, url, prefix)];
  const ids = Array.from({ length: 1_000 }, (_, i) => `member-${i}`);
  const audiences = [await watching(t, stores[0]!, "c")];
  await Promise.all(ids.slice(0, 500).map((id, i) => stores[i % 2]!.enter("c", entering(id), id)));
  audiences.push(await watching(t, stores[1]!, "c"));
  await Promise.all(ids.slice(500).map((id, i) => stores[i % 2]!.enter("c", entering(id), id)));
  await Promise.all(
    ids.filter((_, i) => i % 3 === 0).map((id) => stores[ids.indexOf(id) % 2]!.leave("c", { id, session: id })),
  );
  const staying = ids.filter((_, i) => i % 3 !== 0).sort();
  for (const { members } of audiences) {
    await until(() => members.size === staying.length, "it has heard all");
    assert.equal(idsOf(members.values()), staying);
  }
  const { told } = audiences[0]!;
  assert.equal([told.length, new Set(told).size], [1_334, 1_334]);
  // Through a few renewals.
  await delay(leaseMs + 500);
  assert.equal(idsOf(await stores[1]!.list("c")), staying);
  assert.is(told.length, 1_334);
});

test("a failover that brings back the session before: the one that took over holds the member, and nobody left", async (t) => {
  const { url, prefix } = await someRedis(t);
  const [first, second] = [await redisStore(t, url, prefix), await redisStore(t, url, prefix)];
  const audience = await watching(t, second, "c");
  await first.enter("c", entering("ada-00001"), "1");
  await audience.tells("+ada-00001");
  const client = await clientOf(t, url);
  const key = `${prefix}{c}:members`;
  const before = await client.hgetall(key);
  await second.enter("c", entering("ada-00001"), "2");
  // The node of the first is gone: nobody will renew what comes back.
  await first.close();
  await client.hset(key, before);
  const holder = async () => (await client.hget(key, "ada-00001"))?.split(" ")[0];
  assert.is(await holder(), "1");
  await until(async () => (await holder()) === "2", "it is entered again", 20_000);
  await delay(2 * leaseMs);
  assert.equal(idsOf(await second.list("c")), ["ada-00001"]);
  // Whoever takes it over later still counts.
  const third = await redisStore(t, url, prefix);
  await third.enter("c", entering("ada-00001"), "3");
  await delay(2 * leaseMs);
  assert.is(await holder(), "3");
  await third.leave("c", { id: "ada-00001", session: "3" });
  await audience.tells("+ada-00001", "-ada-00001");
});

test("what others have written under our keys, or publish on our topics, is no member", async (t) => {
  const { url, prefix } = await someRedis(t);
  const store = await redisStore(t, url, prefix);
  const client = await clientOf(t, url);
  await store.enter("c", entering("ada-00001"), "1");
  const audience = await watching(t, store, "c");
  await client.hset(`${prefix}{c}:members`, "stranger1", "hello", "stranger2", "s 1 0 n {not json");
  for (const text of ["", "hello", "0 0", "1 2\n+bob-00001 x", "9 8\n-ada-00001", "\n\n", "0 99999999999999999"]) {
    await client.publish(`${prefix}{c}:presence`, text);
  }
  await store.enter("c", entering("bob-00001"), "1");
  await audience.tells("+bob-00001");
  assert.equal(idsOf(await store.list("c")), ["ada-00001", "bob-00001"]);
});

test.run();
