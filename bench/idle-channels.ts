// What channels cost that nobody uses: N channels, each followed by every node for one subscriber there, and nothing is
// published. CPU of each node and of Redis, memory a channel, and what the comparison of heads takes of it.
//
//   npm run bench:idle-channels -- [--channels 1000,10000] [--nodes 2] [--seconds 30]
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { asked, program, told } from "./child.js";
import { commandIn, infoOf, loadOf, machine, numberIn } from "./measure.js";
import { type BenchRedis, startRedis, stopAll } from "./redis.js";

const { values } = parseArgs({
  options: {
    channels: { type: "string", default: "1000,10000" },
    nodes: { type: "string", default: "2" },
    seconds: { type: "string", default: "30" },
  },
});

/** A session may hold as many. */
const channelsOfSession = 1_000;
const KiB = 1024;

async function usedBy(nodes: readonly ChildProcess[], redis: BenchRedis) {
  const heaps: number[] = [];
  const resident: number[] = [];
  for (const node of nodes) {
    const { heapUsed, external, rss } = await asked<NodeJS.MemoryUsage>(node, { what: "memory" });
    heaps.push(heapUsed + external);
    resident.push(rss);
  }
  return { heaps, resident, redis: numberIn(await infoOf(redis.port, "memory"), "used_memory") };
}

async function run(count: number, children: ChildProcess[], folder: string): Promise<void> {
  const started = (child: ChildProcess) => {
    children.push(child);
    return child;
  };
  const redis = await startRedis(folder);
  started(redis.child);
  const nodes = Array.from({ length: Number(values.nodes) }, () => started(program("node.ts", redis.url)));
  const addresses = await Promise.all(nodes.map(async (node) => (await told<{ address: string }>(node)).address));
  const publisher = started(program("paced-publisher.ts", addresses[0]!, "64", "1", "1"));
  await told(publisher);
  const channels = Array.from({ length: count }, (_, i) => `idle/${i}`);
  await asked(publisher, { create: channels });
  const sessions = Array.from({ length: Math.ceil(count / channelsOfSession) }, (_, i) =>
    channels.slice(i * channelsOfSession, (i + 1) * channelsOfSession),
  );
  const peers = addresses.map((address) => started(program("idle-peers.ts", address, `${sessions.length}`)));
  await Promise.all(peers.map((peer) => told(peer)));
  await sleep(2_000);
  const before = await usedBy(nodes, redis);
  const pids = [...nodes, redis].map(({ pid }) => pid!);
  const loadBefore = await loadOf(pids, Number(values.seconds) / 3);

  const begun = performance.now();
  const answers = await Promise.all(peers.map((peer) => asked<{ again: number }>(peer, { subscribe: sessions })));
  const again = answers.reduce((sum, answer) => sum + answer.again, 0);
  const subscribing = (performance.now() - begun) / 1_000;
  await sleep(5_000);
  const after = await usedBy(nodes, redis);
  const headsBefore = commandIn(await infoOf(redis.port, "commandstats"), "evalsha");
  const load = await loadOf(pids, Number(values.seconds));
  const heads = commandIn(await infoOf(redis.port, "commandstats"), "evalsha");
  const subscriptions = numberIn(await infoOf(redis.port, "stats"), "pubsub_channels");

  const percent = (loads: readonly number[]) => loads.map((load) => `${load.toFixed(1)} %`).join(", ");
  const each = (now: readonly number[], then: readonly number[]) =>
    now.map((bytes, i) => `${((bytes - then[i]!) / count / KiB).toFixed(2)} KiB`).join(", ");
  const us = (heads.us - headsBefore.us) / Number(values.seconds);
  console.log(`\n${count.toLocaleString("en")} channels, one subscriber of each on each of ${values.nodes} nodes`);
  console.log(
    `subscribing        ${subscribing.toFixed(1)} s, all at the same time; ${again} refused for the time being and asked again`,
  );
  console.log(`idle CPU           nodes ${percent(load.slice(0, -1))}; Redis ${percent(load.slice(-1))}`);
  console.log(`without channels   nodes ${percent(loadBefore.slice(0, -1))}; Redis ${percent(loadBefore.slice(-1))}`);
  const calls = (heads.calls - headsBefore.calls) / Number(values.seconds);
  console.log(
    `comparing heads    ${calls.toFixed(1)} calls/s, ${(us / 1_000).toFixed(1)} ms/s of Redis CPU in the script`,
  );
  console.log(
    `memory a channel   nodes ${each(after.heaps, before.heaps)} (resident ${each(after.resident, before.resident)})`,
  );
  console.log(`                   Redis ${each([after.redis], [before.redis])} for being followed`);
  console.log(`Redis topics       ${subscriptions.toLocaleString("en")}`);
}

console.log(`machine            ${machine()}`);
for (const count of values.channels.split(",").map(Number)) {
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const children: ChildProcess[] = [];
  try {
    await run(count, children, folder);
  } finally {
    await stopAll(children);
    rmSync(folder, { recursive: true, force: true });
  }
}
