// What workers give: processes with 1, 2, … workers deliver the same messages at the same time, each to as many
// subscribers, so that whatever else the machine does slows all of them alike. CPU and sessions of each worker, and how many
// deliveries a second of CPU of the busiest one is worth: what the workers could do on as many cores. The publisher is on
// a node of its own. What the workers take when nothing is published is measured before, and left out. On a busy machine
// messages share frames, which makes deliveries cheaper, more so for a process that is slower: so frames are counted.
//
//   npm run build && npm run bench:workers -- [--workers 1,2] [--subscribers 500] [--rate 20] [--size 128] [--seconds 20]
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connect } from "../src/client/index.js";
import { asked, program, told } from "./child.js";
import { cpuOf, machine, residentOf } from "./measure.js";
import { startRedis, stopAll } from "./redis.js";

const { values } = parseArgs({
  options: {
    workers: { type: "string", default: "1,2" },
    subscribers: { type: "string", default: "500" },
    rate: { type: "string", default: "20" },
    size: { type: "string", default: "128" },
    seconds: { type: "string", default: "20" },
  },
});

const command = resolve(import.meta.dirname, "../dist/bin/reprise.js");
const warmSeconds = 3;

/** The broker as users start it. */
async function serve(workers: number, buffer: string, children: ChildProcess[]) {
  const args = [
    "serve",
    "--workers",
    `${workers}`,
    "--listen",
    "127.0.0.1:0",
    "--buffer",
    buffer,
    "--log-format",
    "text",
  ];
  const child = spawn(process.execPath, [command, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  children.push(child);
  let text = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      if (text.includes("chat lobby")) resolve();
    });
    child.once("exit", () => reject(new Error(text)));
  });
  const pid = child.pid!;
  const below = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  // Alone it is its own worker.
  return { address: /listens on (\S+)/.exec(text)![1]!, first: pid, workers: below.length === 0 ? [pid] : below };
}

async function sessionsOf(address: string): Promise<number[]> {
  const bus = await connect(address);
  try {
    // What nodes say of themselves is up to two seconds old.
    await sleep(2_500);
    const here = bus.state.kind === "connected" ? bus.state.node : "";
    return (await bus.nodes())
      .filter((node) => node.address === address)
      .map(({ node, sessions }) => (node === here ? sessions - 1 : sessions));
  } finally {
    await bus.close();
  }
}

interface Served {
  address: string;
  /** The first process, and the workers. */
  first: number;
  workers: number[];
  peer: ChildProcess;
  sessions: number[];
  /** CPU of the first process for a connection, in µs. */
  connection: number;
}

const subscribers = Number(values.subscribers);

/** A process with so many workers, and its subscribers. */
async function prepare(workers: number, buffer: string, children: ChildProcess[]): Promise<Served> {
  const broker = await serve(workers, buffer, children);
  const before = cpuOf(broker.first);
  const peer = program("idle-peers.ts", broker.address, values.subscribers);
  children.push(peer);
  await told(peer);
  const connection = (cpuOf(broker.first) - before) / subscribers;
  await asked(peer, { subscribe: Array.from({ length: subscribers }, () => ["bench"]) });
  return { ...broker, peer, connection, sessions: await sessionsOf(broker.address) };
}

function print(
  { first, workers, sessions, connection }: Served,
  us: number[],
  frames: number,
  deliveries: number,
): void {
  const line = (what: string, value: string) => console.log(`  ${what.padEnd(24)} ${value}`);
  const each = (show: (pid: number, i: number) => string) => workers.map(show).join(", ");
  const all = us.reduce((sum, cpu) => sum + cpu, 0);
  const worth = Math.round((frames / Math.max(...us)) * 1e6);
  console.log(`workers: ${workers.length}`);
  line("sessions", sessions.join(", "));
  line("a frame", `${(all / frames).toFixed(2)} µs, ${(deliveries / frames).toFixed(2)} deliveries in it`);
  line(
    "part of the CPU",
    each((_, i) => `${((us[i]! / all) * 100).toFixed(0)} %`),
  );
  line("a second of the busiest", `${worth.toLocaleString("en")} frames of all`);
  line(
    "memory",
    each((pid) => `${residentOf(pid).toFixed(0)} MiB`),
  );
  if (workers.length === 1) return;
  line("first process", `${residentOf(first).toFixed(0)} MiB; ${connection.toFixed(0)} µs a connection`);
}

async function run(children: ChildProcess[], folder: string): Promise<void> {
  const started = (child: ChildProcess) => {
    children.push(child);
    return child;
  };
  const redis = await startRedis(folder);
  started(redis.child);
  const entry = (await told<{ address: string }>(started(program("node.ts", redis.url)))).address;
  const publisher = started(program("paced-publisher.ts", entry, values.size, "1", values.rate));
  await told(publisher);
  const served: Served[] = [];
  for (const count of values.workers.split(",").map(Number)) served.push(await prepare(count, redis.url, children));
  const frames: number[] = [];
  let published = 0;
  const publish = async (seconds: number) => {
    const more = (await asked<{ published: number }>(publisher, { seconds })).published;
    published += more;
    const complete = served.map(({ peer }) => asked<{ frames: number }>(peer, { expected: published }));
    for (const [i, answer] of complete.entries()) frames[i] = (await answer).frames;
    return more;
  };
  await publish(warmSeconds);
  const cpu = () => served.map(({ workers }) => workers.map(cpuOf));
  const since = (then: number[][]) => cpu().map((now, i) => now.map((us, j) => us - then[i]![j]!));
  const seconds = Number(values.seconds);
  const beforeIdle = cpu();
  const idleBegun = performance.now();
  await sleep(seconds * 1_000);
  const idle = since(beforeIdle);
  const idleMs = performance.now() - idleBegun;
  const framesBefore = [...frames];
  const [before, begun] = [cpu(), performance.now()];
  const deliveries = (await publish(seconds)) * subscribers;
  const busy = since(before);
  const part = (performance.now() - begun) / idleMs;
  const us = busy.map((all, i) => all.map((busyUs, j) => busyUs - idle[i]![j]! * part));
  for (const [i, one] of served.entries()) {
    print(one, us[i]!, frames[i]! - framesBefore[i]!, deliveries);
    console.log(
      `  ${"idle".padEnd(24)} ${idle[i]!.map((idleUs) => `${(idleUs / idleMs / 10).toFixed(2)} %`).join(", ")} of a core`,
    );
  }
}

console.log(`machine         ${machine()}`);
console.log(
  `load            ${values.rate} messages/s of ${values.size} B to ${subscribers} subscribers at each process`,
);
const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
const children: ChildProcess[] = [];
// Also when this one fails.
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
try {
  await run(children, folder);
} finally {
  await stopAll(children);
  rmSync(folder, { recursive: true, force: true });
}
