// A node is ready while a publish would be stored now and what others append arrives; gRPC's health service and /readyz
// say the same.
import { spawnSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeClientConstructor, type ServiceDefinition } from "@grpc/grpc-js";
import { service } from "grpc-health-check";
import { openEmbedded } from "../../src/buffer/embedded.js";
import { openRedis } from "../../src/buffer/redis.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import type { TestNode } from "../broker/node.js";
import { clientOf, connectPeer } from "../broker/peer.js";
import { startProxy } from "../buffer/redis-proxy.js";
import { assert, notRun, suite, type T, temporaryFolder, until } from "../harness.js";
import { ask, startRedis } from "../redis.js";
import { type ReadinessAnswer, readyz, scrape, startGateway } from "./scrape.js";

const test = suite("readiness");

interface HealthClient {
  check(request: { service: string }, callback: (error: Error | null, response: { status: string }) => void): unknown;
}

function healthOf(t: T, node: TestNode): () => Promise<string> {
  const Health = makeClientConstructor(service as unknown as ServiceDefinition, "Health");
  const channelOverride = clientOf(t, node.address).getChannel();
  const health = new Health(node.address, undefined as never, { channelOverride }) as unknown as HealthClient;
  return () =>
    new Promise((resolve, reject) => {
      health.check({ service: "" }, (error, response) => (error === null ? resolve(response.status) : reject(error)));
    });
}

const failedIn = ({ checks }: ReadinessAnswer) => checks.filter(({ ok }) => !ok).map(({ name }) => name);

async function startInRedis(t: T, url: string) {
  const buffer = await openRedis({ url, retention: retentionPolicy([]), commandTimeoutMs: 1_000 });
  t.after(() => buffer.close());
  const started = await startGateway(t, { buffer, warnings: ["a setting"] });
  const health = healthOf(t, started.node);
  /** Waits until it says so, at every place that says it. */
  const becomes = async (ready: boolean, failed: string[], what: string): Promise<ReadinessAnswer> => {
    let answer: ReadinessAnswer | undefined;
    const says = async () => {
      answer = await readyz(started.url);
      return answer.ready === ready && failedIn(answer).join() === failed.join();
    };
    await until(says, what, 15_000).catch((error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(answer)}`);
    });
    assert.is(answer!.status, ready ? 200 : 503);
    assert.is(await health(), ready ? "SERVING" : "NOT_SERVING");
    assert.is((await scrape(started.url)).value("reprise_ready"), Number(ready));
    return answer!;
  };
  return { ...started, becomes };
}

test("Redis that refuses writes: not ready, and why; ready again when it takes them", async (t) => {
  const server = await startRedis(t);
  const { becomes, node } = await startInRedis(t, server.url);
  const first = await becomes(true, [], "it is ready");
  assert.equal(first.warnings, ["a setting"]);
  await ask(server, "CONFIG", "SET", "min-replicas-to-write", "1");
  const { checks } = await becomes(false, ["publishing"], "replicas are missing");
  const { detail, since } = checks.find(({ name }) => name === "publishing")!;
  assert.match(detail, "NOREPLICAS");
  assert.ok(Date.parse(since) > Date.parse(first.checks[1]!.since));
  assert.match(node.lines.join("\n"), "not ready: publishing");
  await ask(server, "CONFIG", "SET", "min-replicas-to-write", "0");
  await becomes(true, [], "it takes writes again");
  await ask(server, "CONFIG", "SET", "maxmemory", "1");
  await becomes(false, ["publishing"], "its memory is full");
  // Subscribers stay: a node that is not ready goes on.
  await connectPeer(t, node.address);
});

test(
  "Redis that is away, and one whose Pub/Sub says nothing",
  async (t) => {
    const server = await startRedis(t);
    const proxy = await startProxy(t, server.port);
    const { becomes, url } = await startInRedis(t, `redis://127.0.0.1:${proxy.port}`);
    await becomes(true, [], "it is ready");
    await until(async () => (await scrape(url)).value("reprise_store_round_trip_seconds") !== undefined, "an echo");
    const { value } = await scrape(url);
    assert.ok(value("reprise_store_round_trip_seconds")! < 5);
    assert.ok(value("reprise_store_silence_seconds")! < 10);
    proxy.mute("reprise-watch");
    await becomes(false, ["following"], "it hears nothing");
    proxy.recover();
    await becomes(true, [], "it hears itself again");
    server.freeze();
    const answer = await (async () => {
      await until(async () => !(await readyz(url)).ready, "Redis does not answer", 15_000);
      return readyz(url);
    })();
    assert.ok(failedIn(answer).includes("publishing"));
    server.thaw();
    await becomes(true, [], "it is back");
  },
  { timeoutMs: 60_000 },
);

test("a full disk", async (t) => {
  const folder = temporaryFolder(t);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=400k", "none", folder]).status !== 0) {
    notRun("mounting a small disk takes root on Linux");
  }
  t.after(() => spawnSync("umount", ["-l", folder]));
  const buffer = await openEmbedded({ folder, fsync: "everysec", retention: retentionPolicy([]) });
  t.after(() => buffer.close());
  await buffer.probe();
  const { url, node } = await startGateway(t, { buffer });
  const health = healthOf(t, node);
  await writeFile(join(folder, "ballast"), Buffer.alloc(396 * 1_024)).catch(() => {});
  await until(async () => !(await readyz(url)).ready, "it is not ready", 15_000);
  assert.equal(failedIn(await readyz(url)), ["publishing"]);
  assert.is(await health(), "NOT_SERVING");
  await rm(join(folder, "ballast"));
  await until(async () => (await readyz(url)).ready, "it is ready again", 15_000);
  assert.is(await health(), "SERVING");
});

test("a node that drains says so to the last", async (t) => {
  const { node, url } = await startGateway(t);
  const peer = await connectPeer(t, node.address);
  assert.ok((await readyz(url)).ready);
  const drained = node.drain({ windowMs: 0 });
  const answer = await readyz(url);
  assert.is(answer.status, 503);
  assert.equal(failedIn(answer), ["accepting"]);
  assert.match(answer.checks[0]!.detail, "stopping");
  peer.halfClose();
  await drained;
  assert.is((await readyz(url)).status, 503);
  assert.is((await fetch(`${url}/livez`)).status, 200);
});

test.run();
