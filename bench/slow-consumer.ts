// A consumer that is far too slow: it takes 10 ms a message while 10,000 messages a second arrive; when the flood is over
// it takes the rest as fast as it can. What it received must be everything, in order, but for the gaps it was told of.
//
//   node --import tsx bench/slow-consumer.ts [--seconds 60] [--rate 10000] [--size 128] [--delay-ms 10]
//     [--retain messages=100000] [--buffer-bytes 8388608] [--json]
//
// The broker and the consumer are processes of their own. Ends with 1 if anything is missing without a gap, or if the
// consumer's memory grew by more than the bound: what may wait for it, twice, because much of it is objects, and 32 MiB
// for the garbage that a process makes.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connect } from "../src/client/index.js";
import { program, told } from "./child.js";
import type { SlowReading } from "./slow-reader.js";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    rate: { type: "string", default: "10000" },
    size: { type: "string", default: "128" },
    "delay-ms": { type: "string", default: "10" },
    retain: { type: "string", default: "messages=100000" },
    "buffer-bytes": { type: "string", default: `${8 * 1024 * 1024}` },
    json: { type: "boolean", default: false },
  },
});

const MiB = 1024 * 1024;
const bufferBytes = Number(values["buffer-bytes"]);
const boundBytes = 2 * bufferBytes + 32 * MiB;

/** Returns how many were stored. */
async function flood(address: string): Promise<number> {
  await using bus = await connect(address);
  const data = Buffer.alloc(Number(values.size), "x");
  const total = Number(values.seconds) * Number(values.rate);
  const begun = performance.now();
  const stored: Promise<unknown>[] = [];
  while (stored.length < total) {
    const due = Math.min(total, ((performance.now() - begun) / 1_000) * Number(values.rate));
    while (stored.length < due) stored.push(bus.publish("slow", data));
    await sleep(10);
  }
  await Promise.all(stored);
  return total;
}

async function run(address: string, reader: ChildProcess): Promise<void> {
  await told(reader);
  const published = await flood(address);
  reader.send({ published });
  const reading = await told<SlowReading>(reader);
  const { delivered, missed, wrong, during, grown, lagged } = reading;
  if (wrong !== undefined || delivered + missed !== published || grown > boundBytes) process.exitCode = 1;
  if (values.json) {
    console.log(JSON.stringify({ ...reading, published, boundBytes }));
    return;
  }
  console.log(`published  ${published.toLocaleString("en")} messages of ${values.size} B, ${values.rate} a second`);
  console.log(`delivered  ${during.toLocaleString("en")} during the flood, ${delivered.toLocaleString("en")} in all`);
  console.log(`gaps       ${missed.toLocaleString("en")} messages (${values.retain} are retained)`);
  console.log(`lagging    told ${lagged} times`);
  console.log(`memory     grew by ${(grown / MiB).toFixed(1)} MiB, bound ${(boundBytes / MiB).toFixed(1)} MiB`);
  console.log(wrong ?? (process.exitCode ? "FAIL" : "all accounted for"));
}

const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
const children = [program("node.ts", `embedded:${folder}`, values.retain)];
try {
  const { address } = await told<{ address: string }>(children[0]!);
  const reader = program("slow-reader.ts", address, values["delay-ms"], values["buffer-bytes"]);
  children.unshift(reader);
  await run(address, reader);
} finally {
  for (const child of children) {
    if (child.exitCode !== null) continue;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  }
  rmSync(folder, { recursive: true, force: true });
}
