// A node hears itself by way of Redis, and replaces what has gone deaf.
import { connectRedis } from "../../src/redis/redis.js";
import { startProxy } from "../buffer/redis-proxy.js";
import { assert, suite, type T, until } from "../harness.js";
import { ask, startRedis } from "../redis.js";
import { startCluster } from "../redis-cluster.js";

const test = suite("echo");

async function open(t: T, url: string) {
  const redis = await connectRedis({ url, commandTimeoutMs: 1_000 });
  t.after(() => redis.close());
  return redis;
}

const subscriptions = async (server: { port: number }) =>
  String(await ask(server, "CLIENT", "LIST"))
    .split("\n")
    .flatMap((line) => /^id=(\d+).*name=reprise-watch/.exec(line)?.[1] ?? []);

test("heard about once a second; a connection that hears nothing is replaced, and those who listen are told", async (t) => {
  const server = await startRedis(t);
  const proxy = await startProxy(t, server.port);
  const { topics } = await open(t, `redis://127.0.0.1:${proxy.port}`);
  let resubscribed = 0;
  topics.onResubscribed(() => {
    resubscribed++;
  });
  await until(() => topics.echo.heardAt !== undefined, "an echo");
  assert.ok(topics.echo.roundTripMs >= 0);
  const first = topics.echo.heardAt!;
  await until(() => topics.echo.heardAt! > first, "another one");
  assert.ok(topics.echo.heardAt! - first < 3_000);
  const before = await subscriptions(server);
  assert.is(before.length, 1);
  proxy.mute("reprise-watch");
  await until(async () => (await subscriptions(server))[0] !== before[0], "it is replaced");
  const deaf = topics.echo.heardAt!;
  resubscribed = 0;
  proxy.recover();
  await until(() => topics.echo.heardAt! > deaf, "it hears again");
  assert.ok(resubscribed > 0);
});

test("a Redis that does not publish is no reason to replace anything", async (t) => {
  const server = await startRedis(t);
  const proxy = await startProxy(t, server.port);
  const { topics } = await open(t, `redis://127.0.0.1:${proxy.port}`);
  await until(() => topics.echo.heardAt !== undefined, "an echo");
  const before = await subscriptions(server);
  proxy.stall("reprise-append");
  const silent = topics.echo.heardAt!;
  await until(() => performance.now() > silent + 4_000, "four seconds of silence");
  assert.equal(await subscriptions(server), before);
  proxy.recover();
  await until(() => topics.echo.heardAt! > silent + 4_000, "it hears again");
});

test("in a Cluster: over one connection to each master, heard from all of them", async (t) => {
  const set = await startCluster(t);
  const redis = await open(t, set.url);
  await until(() => redis.topics.echo.heardAt !== undefined, "an echo from each");
  for (const master of set.masters) assert.is((await subscriptions(master)).length, 1);
  const heard: string[] = [];
  const names = ["a", "b", "c", "d", "e", "f"];
  const deadline = performance.now() + 1_000;
  for (const name of names) await redis.topics.join(`t:{${name}}`, (text) => heard.push(String(text)), deadline);
  for (const name of names)
    await redis.writer.attempt(deadline, (client) => client.spublish(`t:{${name}}`, name), `t:{${name}}`);
  await until(() => heard.length === names.length, "all topics are heard");
  assert.equal(heard.sort(), names);
  for (const master of set.masters) assert.is((await subscriptions(master)).length, 1);
});

test.run();
