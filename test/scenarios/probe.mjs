// Loaded into processes under test before their program (`node --expose-gc --import`): measures them from inside, moves
// their clock, and ends them with the test that started them, even one that is killed.
import cluster from "node:cluster";
import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";

const delays = monitorEventLoopDelay();
delays.enable();

/** CPU that this process has used, in ms. */
function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Between two ticks there is at least a turn of the event loop. */
const tickMs = 10;
let tickedAt = cpu();
let turnMs = 0;
setInterval(() => {
  const now = cpu();
  turnMs = Math.max(turnMs, now - tickedAt);
  tickedAt = now;
}, tickMs).unref();

/** Undefined: a process that is out of files cannot look at itself. */
function held(passed) {
  try {
    const { rss, heapUsed, external } = process.memoryUsage();
    // The folder that is read is open meanwhile.
    const files = readdirSync("/dev/fd").length - 1;
    return { rss, heapUsed, external, files, ...passed };
  } catch (error) {
    if (error.code !== "EMFILE") throw error;
    return undefined;
  }
}

async function measure() {
  const passed = { stalledMs: delays.max / 1e6, turnMs };
  // The second collection finds what the finalizers of the first let go.
  for (let i = 0; i < 2; i++) {
    globalThis.gc();
    await turn();
  }
  process.send({ memory: held(passed) });
  // Not what the collections took.
  await turn();
  delays.reset();
  tickedAt = cpu();
  turnMs = 0;
}

/** As it is, garbage included: without a file, and without a collection. */
function look() {
  const { used_heap_size, external_memory } = getHeapStatistics();
  process.send({ glance: { rss: process.memoryUsage.rss(), used: used_heap_size + external_memory, cpuMs: cpu() } });
}

/** The time of day is so far ahead of what it really is. Monotonic time goes on as ever, and so do timers. */
let aheadMs = 0;
const trueNow = Date.now;
// Here already: whoever keeps this function has the one that can be moved.
Date.now = () => trueNow() + aheadMs;
globalThis.Date = new Proxy(Date, {
  construct: (target, args, wanted) => Reflect.construct(target, args.length === 0 ? [Date.now()] : args, wanted),
});

function moveClock(ms) {
  aheadMs = ms;
  process.send({});
}

// Workers of a broker end with their first process, to which they talk.
if (cluster.isPrimary) {
  process.on("message", (said) => {
    if (said === "measure") void measure();
    if (said.aheadMs !== undefined) moveClock(said.aheadMs);
    if (said === "look") look();
  });
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  // It must not keep the process alive.
  process.channel.unref();
}
