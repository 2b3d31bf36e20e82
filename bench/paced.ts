// What a steady load costs: one publisher at a pace, a channel followed by some nodes, some subscribers on each. CPU of
// Redis and bytes out of it for each append, and CPU of a node for each delivery. The publisher is on a node of its own,
// which does not follow the channel: what followers cost Redis shows by itself.
//
//   npm run bench:paced -- [--followers 0,1,2,4] [--subscribers 1] [--size 128] [--batch 1] [--rate 500] [--seconds 10]
//
// The rate counts publishes, of `batch` messages each.
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { asked, program, told } from "./child.js";
import { commandIn, cpuOf, infoOf, machine, numberIn } from "./measure.js";
import { startRedis, stopAll } from "./redis.js";

const { values } = parseArgs({
  options: {
    followers: { type: "string", default: "0,1,2,4" },
    subscribers: { type: "string", default: "1" },
    size: { type: "string", default: "128" },
    batch: { type: "string", default: "1" },
    rate: { type: "string", default: "500" },
    seconds: { type: "string", default: "10" },
  },
});

async function run(followers: number, children: ChildProcess[], folder: string): Promise<void> {
  const started = (child: ChildProcess) => {
    children.push(child);
    return child;
  };
  const redis = await startRedis(folder);
  started(redis.child);
  const addressOf = async (node: ChildProcess) => (await told<{ address: string }>(node)).address;
  const entry = started(program("node.ts", redis.url));
  const publisher = started(
    program("paced-publisher.ts", await addressOf(entry), values.size, values.batch, values.rate),
  );
  await told(publisher);
  const nodes = Array.from({ length: followers }, () => started(program("node.ts", redis.url)));
  const addresses = await Promise.all(nodes.map(addressOf));
  const peers = addresses.map((address) => started(program("idle-peers.ts", address, values.subscribers)));
  await Promise.all(peers.map((peer) => told(peer)));
  const channels = Array.from({ length: Number(values.subscribers) }, () => ["bench"]);
  await Promise.all(peers.map((peer) => asked(peer, { subscribe: channels })));
  // Warm-up.
  const warm = await asked<{ published: number }>(publisher, { seconds: 3 });
  await Promise.all(peers.map((peer) => asked(peer, { expected: warm.published })));

  const pids = [entry, redis, ...nodes].map(({ pid }) => pid!);
  const before = pids.map(cpuOf);
  const infoBefore = await infoOf(redis.port, "all");
  const { published } = await asked<{ published: number }>(publisher, { seconds: Number(values.seconds) });
  await Promise.all(peers.map((peer) => asked(peer, { expected: warm.published + published })));
  const [entryCpu = 0, redisCpu = 0, ...nodeCpu] = pids.map((pid, i) => cpuOf(pid) - before[i]!);
  const info = await infoOf(redis.port, "all");
  const appends = commandIn(info, "xadd").calls - commandIn(infoBefore, "xadd").calls;
  const out = numberIn(info, "total_net_output_bytes") - numberIn(infoBefore, "total_net_output_bytes");
  const deliveries = published * Number(values.subscribers);
  const delivery = nodeCpu.map((us) => (us / deliveries).toFixed(2)).join(", ") || "none";
  console.log(
    [
      `${followers} nodes follow`.padEnd(16),
      `${appends} appends of ${(published / appends).toFixed(1)} messages`,
      `Redis ${(redisCpu / appends).toFixed(1)} µs and ${Math.round(out / appends)} B out an append`,
      `publisher's node ${(entryCpu / published).toFixed(1)} µs a message`,
      `followers ${delivery} µs a delivery`,
    ].join("   "),
  );
}

console.log(`machine         ${machine()}`);
console.log(
  `load            ${values.rate} publishes/s of ${values.batch} messages of ${values.size} B, ${values.subscribers} subscribers a node`,
);
for (const followers of values.followers.split(",").map(Number)) {
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const children: ChildProcess[] = [];
  try {
    await run(followers, children, folder);
  } finally {
    await stopAll(children);
    rmSync(folder, { recursive: true, force: true });
  }
}
