// The rules of docs/redis.md are enough: in a user of its own everything works, on a server, in a Cluster, by Sentinel.

import { readFileSync } from "node:fs";
import { store } from "../buffer/contract/open.js";
import { follow } from "../buffer/follower.js";
import { readLog } from "../buffer/log.js";
import { openAt } from "../buffer/redis-handle.js";
import { run, texts } from "../buffer/run.js";
import { assert, suite, type T, until } from "../harness.js";
import { collect } from "../log.js";
import { ask, startRedis } from "../redis.js";
import { startCluster } from "../redis-cluster.js";
import { startSentinel } from "../redis-sentinel.js";

const test = suite("redis users");

const [serverRule, sentinelRule] = readFileSync(new URL("../../docs/redis.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("ACL SETUSER"))
  .map((line) => line.replace("PASSWORD", "secret").split(" ")) as [string[], string[]];

const allow = async (servers: readonly { port: number }[], rule: string[]) => {
  for (const server of servers) await ask(server, rule[0]!, ...rule.slice(1));
};
const refusals = async (servers: readonly { port: number }[]) =>
  (await Promise.all(servers.map((server) => ask(server, "ACL", "LOG")))).flat();

/** All that a buffer does: appends with retention, duplicates, reads, watches, lists. */
async function works(t: T, url: string): Promise<void> {
  const warnings: string[] = [];
  const buffer = await openAt(t, url, { rules: ["messages=20", "age=1h"], log: collect(warnings) });
  await buffer.probe();
  const other = await openAt(t, url);
  const watcher = await follow(t, other, "c");
  for (let i = 1; i <= 60; i += 3) await store(buffer, "c", run("p", i, texts("p", 3, i)));
  await buffer.append("c", [run("p", 58, texts("p", 3, 58))]);
  await watcher.reaches(61);
  assert.ok((await readLog(other, "c", 50)).contents.length >= 11);
  assert.equal((await other.channels("", undefined, 10)).channels, ["c"]);
  watcher.watch.close();
  assert.equal(
    warnings.filter((text) => !text.includes("min-replicas")),
    [],
  );
}

test("on one server; also a stranger's entries are removed, and nothing is refused", async (t) => {
  const server = await startRedis(t);
  await allow([server], serverRule);
  const url = `redis://reprise:secret@127.0.0.1:${server.port}`;
  await works(t, url);
  await ask(server, "XADD", "reprise:{c}:log", "*", "some", "thing");
  const buffer = await openAt(t, url);
  assert.is((await store(buffer, "c", run("p", 61, ["61"]))).offset, 61);
  assert.equal(await refusals([server]), []);
});

test("in a Cluster", async (t) => {
  const { url, masters } = await startCluster(t);
  await allow(masters, serverRule);
  await works(t, url.replace("://", "://reprise:secret@"));
  assert.equal(await refusals(masters), []);
});

test("by Sentinel, with a user at the sentinels as well; a failover is noticed", async (t) => {
  const set = await startSentinel(t, { sentinels: 1 });
  await allow(set.servers, serverRule);
  await allow(set.sentinels, sentinelRule);
  const url = `${set.url.replace("://", "://reprise:secret@")}?sentinelUser=reprise&sentinelPassword=secret`;
  await works(t, url);
  const buffer = await openAt(t, url);
  const watcher = await follow(t, buffer, "d");
  await set.failover();
  await store(buffer, "d", run("p", 1, ["1"]));
  await until(() => watcher.next === 2, "the watcher has it");
  assert.equal(await refusals([...set.servers, ...set.sentinels]), []);
});

test.run();
