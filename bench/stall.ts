// What holds up a node: how long its event loop is away while late joiners replay, each from a place of its own, plain or
// compressed, and while large messages go to subscribers. By hand:
//
//   node --import tsx bench/stall.ts [--seconds 5] [--joiners 100] [--sizes 64KiB…]
//
// Delays are those of timers of 1 ms in the node's process; memory is its largest beyond what it held before.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { asked, program, told } from "./child.js";
import { machine, residentOf } from "./measure.js";
import type { NodeReading } from "./node.js";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    joiners: { type: "string", default: "100" },
    sizes: { type: "string", default: "64,1024,4096,16384" },
  },
});

const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

/** @param load arguments of stall-load.ts behind the address */
async function measure(what: string, load: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const node = program("node.ts", `embedded:${folder}`, "messages=1000000", "262144", `${64 * 2 ** 20}`);
  try {
    const { address } = await told<{ address: string }>(node);
    const loader = program("stall-load.ts", address, ...load);
    await told(loader);
    await asked<NodeReading>(node, {});
    const before = residentOf(node.pid!);
    const begun = performance.now();
    loader.send("go");
    await sleep(Number(values.seconds) * 1_000);
    const { delayP50Ms, delayP99Ms, delayMaxMs } = await asked<NodeReading>(node, {});
    const moved = await asked<number>(loader, {});
    const rate = moved / 2 ** 20 / ((performance.now() - begun) / 1_000);
    const memory = peakOf(node.pid!) - before;
    loader.kill("SIGTERM");
    const delays = [delayP50Ms, delayP99Ms, delayMaxMs].map((ms) => ms.toFixed(1)).join(" | ");
    console.log(`| ${what} | ${delays} ms | ${rate.toFixed(0)} MiB/s | ${memory.toFixed(0)} MiB |`);
  } finally {
    node.kill("SIGTERM");
    await once(node, "exit");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

console.log(`machine: ${machine()}\n`);
console.log("| load | loop delay p50 | p99 | most | delivered | memory |\n|---|---|---|---|---|---|");
for (const how of ["plain", "compressed"]) {
  await measure(`${values.joiners} late joiners, ${how}`, ["join", values.joiners, how]);
}
for (const size of values.sizes.split(",")) await measure(`messages of ${size} KiB to 10`, ["large", "10", size]);
