import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect } from "../src/client/index.js";
import { program, told } from "./child.js";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "1000000" },
    size: { type: "string", default: "128" },
    rounds: { type: "string", default: "3" },
  },
});

const ways = ["headers", "batches", "messages", "data"] as const;

async function fill(address: string, count: number): Promise<void> {
  const bus = await connect(address);
  const data = Buffer.alloc(Number(values.size), "x");
  for (let left = count; left > 0; left -= 10_000) {
    await Promise.all(Array.from({ length: Math.min(left, 10_000) }, () => bus.publish("bench", data)));
  }
  await bus.close();
}

interface Reading {
  seconds: number;
  /** Of the client process, in µs. */
  cpu: number;
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

async function run(address: string): Promise<void> {
  const count = Number(values.messages);
  await fill(address, count);
  console.log(`machine     ${cpus().length} x ${cpus()[0]!.model}, Node ${process.version}`);
  console.log(`load        a replay of ${count.toLocaleString("en")} messages of ${values.size} B`);
  for (const way of ways) {
    const readings: Reading[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const reader = program("reader.ts", address, way, `${count}`);
      readings.push(await told<Reading>(reader));
      if (reader.exitCode === null) await once(reader, "exit");
    }
    const cpu = median(readings.map((reading) => reading.cpu)) / count;
    const rate = count / median(readings.map((reading) => reading.seconds));
    console.log(`${way.padEnd(11)} ${cpu.toFixed(3)} µs of CPU a message, ${Math.round(rate).toLocaleString("en")} /s`);
  }
}

const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
const node = program("node.ts", `embedded:${folder}`);
try {
  await run((await told<{ address: string }>(node)).address);
} finally {
  const exited = once(node, "exit");
  node.kill("SIGTERM");
  await exited;
  rmSync(folder, { recursive: true, force: true });
}
