// Fan-out, a first look: one publisher, N subscribers on connections of their own, unpaced, every message stored and
// acknowledged. Prints deliveries a second and what a delivery costs the broker process.
//
//   npm run bench:fan-out -- [--buffer redis|embedded] [--subscribers 100] [--seconds 10] [--size 128] [--batch 100]
//
// The broker, Redis, the publisher and the subscribers are processes of their own. Every subscriber checks that its
// offsets are contiguous; a run in which one did not receive everything prints FAIL and no figures.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { told } from "./child.js";

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

/** CPU time of a process in µs, by the kernel's accounting (in ticks of 10 ms). */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

const residentOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function startRedis(): Promise<{ url: string; pid: number }> {
  const port = await freePort();
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"];
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  for await (const text of child.stdout) if (`${text}`.includes("Ready to accept connections")) break;
  child.stdout.resume();
  return { url: `redis://127.0.0.1:${port}`, pid: child.pid! };
}

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
  const redis = values.buffer === "redis" ? await startRedis() : undefined;
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
  console.log(`machine            ${cpus().length} x ${cpus()[0]!.model}, Node ${process.version}`);
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
  for (const child of children.reverse()) {
    if (child.exitCode !== null) continue;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  }
  rmSync(folder, { recursive: true, force: true });
}
