// Fan-out, a first look: one publisher, N subscribers on connections of their own, unpaced, every message stored and
// acknowledged. Prints deliveries a second and what a delivery costs the broker process.
//
//   npm run bench:fan-out -- [--buffer redis|embedded] [--subscribers 100] [--seconds 10] [--size 128] [--batch 100]
//
// The broker, Redis, the publisher and the subscribers are processes of their own. Every subscriber checks that its
// offsets are contiguous; a run in which one did not receive everything prints FAIL and no figures.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { told } from "./child.js";
import { cpuOf, machine, residentOf } from "./measure.js";
import { startRedis, stopAll } from "./redis.js";

const { values } = parseArgs({
  options: {
    buffer: { type: "string", default: "redis" },
    subscribers: { type: "string", default: "100" },
    seconds: { type: "string", default: "10" },
    size: { type: "string", default: "128" },
    batch: { type: "string", default: "100" },
    "cpu-prof": { type: "boolean", default: false },
  },
});

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
const children: ChildProcess[] = [];

/** Starts one of the processes below and waits for its first word. */
async function start(
  script: string,
  ...args: string[]
): Promise<{ child: ChildProcess; said: Record<string, unknown> }> {
  const execArgv = ["--import", "tsx"];
  if (script === "node.ts" && values["cpu-prof"]) execArgv.push("--cpu-prof", "--cpu-prof-dir=.cache");
  const child = fork(join(root, "bench", script), args, { execArgv, cwd: root });
  children.push(child);
  return { child, said: await told(child) };
}

async function run(): Promise<void> {
  const subscribers = Number(values.subscribers);
  const redis = values.buffer === "redis" ? await startRedis(folder) : undefined;
  if (redis) children.push(redis.child);
  const broker = await start("node.ts", redis?.url ?? `embedded:${join(folder, "data")}`);
  const address = `${broker.said.address}`;
  const listeners = await start("subscribers.ts", address, values.subscribers);
  const publisher = await start("publisher.ts", address, values.size, values.batch);
  const pids = [broker.child.pid!, redis?.pid ?? broker.child.pid!, listeners.child.pid!, publisher.child.pid!];
  // The first seconds are warm-up.
  publisher.child.send({ seconds: 2 });
  await told(publisher.child);
  listeners.child.send("counts");
  const before = (await told(listeners.child)) as { messages: number };
  const cpuBefore = pids.map(cpuOf);
  const begun = performance.now();
  publisher.child.send({ seconds: Number(values.seconds) });
  const { published } = (await told(publisher.child)) as { published: number };
  const reached = once(listeners.child, "message");
  listeners.child.send({ until: published });
  const [{ messages, broken }] = (await reached) as [{ messages: number; broken: string | undefined }];
  const seconds = (performance.now() - begun) / 1000;
  const cpu = pids.map((pid, index) => cpuOf(pid) - cpuBefore[index]!);
  const memory = residentOf(pids[0]!);
  const deliveries = messages - before.messages;
  if (broken !== undefined || messages !== published * subscribers) {
    console.log(`FAIL: ${broken ?? `${messages} deliveries instead of ${published * subscribers}`}`);
    process.exitCode = 1;
    return;
  }
  const each = (us: number) => (us / deliveries).toFixed(3);
  console.log(`machine            ${machine()}`);
  console.log(`load               1 publisher, ${subscribers} subscribers, ${values.size} B, buffer ${values.buffer}`);
  console.log(
    `stored             ${Math.round(deliveries / subscribers / seconds).toLocaleString("en")} messages/s, acked`,
  );
  console.log(
    `deliveries         ${Math.round(deliveries / seconds).toLocaleString("en")} /s over ${seconds.toFixed(1)} s`,
  );
  console.log(`broker             ${each(cpu[0]!)} µs of CPU a delivery, ${memory.toFixed(0)} MiB resident`);
  if (redis) console.log(`redis              ${each(cpu[1]!)} µs of CPU a delivery`);
  console.log(`subscribers        ${each(cpu[2]!)} µs of CPU a delivery (all in one process)`);
  console.log(`publisher          ${each(cpu[3]!)} µs of CPU a delivery`);
}

try {
  await run();
} finally {
  await stopAll(children);
  rmSync(folder, { recursive: true, force: true });
}
