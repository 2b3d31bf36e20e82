// What members cost while nothing happens: their leases are renewed, and two nodes watch every channel.
//
//   node --import tsx bench/members.ts [--channels 1000] [--members 10] [--seconds 20]
//
// Both nodes' stores are in this process, Redis is one of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Redis as Client } from "ioredis";
import { redisMembers } from "../src/presence/redis.js";
import { connectRedis } from "../src/redis/redis.js";

const { values } = parseArgs({
  options: {
    channels: { type: "string", default: "1000" },
    members: { type: "string", default: "10" },
    seconds: { type: "string", default: "20" },
  },
});
const [channels, members] = [Number(values.channels), Number(values.members)];
const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
const port = await new Promise<number>((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as { port: number };
    server.close(() => resolve(port));
  });
});
const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"];
const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
for await (const text of server.stdout) if (`${text}`.includes("Ready to accept connections")) break;
server.stdout.resume();

const url = `redis://127.0.0.1:${port}`;
const admin = new Client(url);
const info = async (field: string) => Number(new RegExp(`^${field}:(.*)`, "m").exec(await admin.info())![1]);
const redisCpu = async () => (await info("used_cpu_user")) + (await info("used_cpu_sys"));
const redises = [await connectRedis({ url }), await connectRedis({ url })];
const stores = redises.map((redis) => redisMembers(redis));

const memory = await info("used_memory");
const before = await redisCpu();
for (let c = 0; c < channels; c++) {
  const entered = Array.from({ length: members }, (_, i) => {
    const member = { id: `member-${c}-${i}`.padEnd(22, "x"), name: `worker ${i}`, node: "host-1a2b3c" };
    const metadata = [{ key: "role", value: "worker" }];
    return stores[i % 2]!.enter(`channel-${c}`, { ...member, metadata }, `${10 ** 18 + c * members + i}`);
  });
  await Promise.all(entered);
}
const each = channels * members;
console.log(`enter   ${(((await redisCpu()) - before) / each / 1e-6).toFixed(1)} µs of Redis`);
console.log(`memory  ${Math.round(((await info("used_memory")) - memory) / each)} bytes of Redis a member`);
for (const store of stores) for (let c = 0; c < channels; c++) await store.watch(`channel-${c}`, () => {});
await delay(stores[0]!.settleMs);

const [redisAt, ownAt, at] = [await redisCpu(), process.cpuUsage(), performance.now()];
await delay(Number(values.seconds) * 1_000);
const seconds = (performance.now() - at) / 1_000;
const { user, system } = process.cpuUsage(ownAt);
console.log(`idle    Redis ${((100 * ((await redisCpu()) - redisAt)) / seconds).toFixed(1)} % of a core`);
console.log(`        each node ${((user + system) / 2e4 / seconds).toFixed(1)} %`);

for (const store of stores) await store.close();
for (const redis of redises) redis.close();
admin.disconnect();
server.kill("SIGKILL");
rmSync(folder, { recursive: true, force: true });
