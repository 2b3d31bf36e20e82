// What compressed batches save, and what they cost: bytes on the line, CPU of the broker and of the subscribers, for content of
// three kinds, with and without. By hand:
//
//   node --import tsx bench/compression.ts [--seconds 4] [--subscribers 1,100] [--rate 0,1000] [--content json,log,random]
//
// A rate is messages a second; 0: as fast as they are stored, 2,000 under way. Broker and subscribers are processes of
// their own. Each line is a pair of runs, one after the other: compare within it.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Bus, connect } from "../src/client/index.js";
import { asked, program, told } from "./child.js";
import type { Received } from "./compression-reader.js";
import { cpuOf, machine } from "./measure.js";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "4" },
    subscribers: { type: "string", default: "1,100" },
    rate: { type: "string", default: "0,1000" },
    content: { type: "string", default: "json,log,random" },
  },
});

/** 128 B of JSON, as a sensor sends it. */
function json(i: number): Buffer {
  const [temperature, humidity] = [(20 + 5 * Math.sin(i)).toFixed(2), (i * 31) % 100];
  const reading = { id: i, at: 1_700_000_000_000 + 37 * i, sensor: `s${(i * 7919) % 50}`, temperature, humidity };
  return Buffer.from(JSON.stringify({ ...reading, status: ["ok", "warn", "fail"][i % 3] }).padEnd(128));
}

const words =
  "GET POST /api/v1/users /api/v1/orders 200 404 500 timeout upstream handler took ms request_id agent".split(" ");

/** 1 KiB of words and numbers. */
function log(i: number): Buffer {
  let line = `2026-01-01T00:${i % 60}:${(7 * i) % 60}.123Z INFO`;
  for (let k = i; line.length < 1024; ) {
    k = (Math.imul(k, 1_103_515_245) + 12_345) & 0x7fffffff;
    line += ` ${words[k % words.length]} ${k % 9_973}`;
  }
  return Buffer.from(line.slice(0, 1024));
}

const contents: Record<string, (i: number) => Buffer> = { json, log, random: () => randomBytes(128) };

interface Reading {
  messages: number;
  seconds: number;
  /** Of the broker and of all subscribers, in µs. */
  brokerUs: number;
  readerUs: number;
  bytes: number;
}

/** Returns how many were stored. */
async function publish(bus: Bus, content: (i: number) => Buffer, rate: number): Promise<number> {
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1_000;
  const seconds = Number(values.seconds);
  const pieces: Promise<unknown>[] = [];
  let sent = 0;
  const send = (count: number) =>
    Promise.all(Array.from({ length: count }, () => bus.publish("bench", content(++sent))));
  while (elapsed() < seconds) {
    if (rate > 0) {
      pieces.push(send(Math.floor(elapsed() * rate) - sent));
      await sleep(1);
    } else {
      pieces.push(send(500));
      await pieces.at(-4);
    }
  }
  await Promise.all(pieces);
  return sent;
}

async function measure(content: (i: number) => Buffer, subscribers: number, rate: number, how: string) {
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const children = [program("node.ts", `embedded:${folder}`)];
  const broker = children[0]!;
  try {
    const { address } = await told<{ address: string }>(broker);
    const reader = program("compression-reader.ts", address, `${subscribers}`, how);
    children.push(reader);
    await told(reader);
    const bus = await connect(address);
    // Warm, on both sides.
    let before = await publish(bus, content, rate);
    await asked<Received>(reader, { until: before });
    const [brokerCpu, readerCpu, begun] = [cpuOf(broker.pid!), cpuOf(reader.pid!), performance.now()];
    const { bytes } = await asked<Received>(reader, { until: before });
    const messages = await publish(bus, content, rate);
    before += messages;
    const received = await asked<Received>(reader, { until: before });
    const reading: Reading = {
      messages,
      seconds: (performance.now() - begun) / 1_000,
      brokerUs: cpuOf(broker.pid!) - brokerCpu,
      readerUs: cpuOf(reader.pid!) - readerCpu,
      bytes: received.bytes - bytes,
    };
    await bus.close();
    return reading;
  } finally {
    for (const child of children) child.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

console.log(`machine: ${machine()}\n`);
console.log(
  "| content | rate | subscribers | bytes a delivery | broker µs a delivery | subscriber µs a delivery | deliveries/s |",
);
console.log("|---|---|---|---|---|---|---|");
for (const rate of values.rate.split(",").map(Number)) {
  for (const name of values.content.split(",")) {
    for (const subscribers of values.subscribers.split(",").map(Number)) {
      const readings: Reading[] = [];
      for (const how of ["plain", "compressed"]) readings.push(await measure(contents[name]!, subscribers, rate, how));
      const [plain, compressed] = readings.map(({ messages, seconds, brokerUs, readerUs, bytes }) => {
        const deliveries = messages * subscribers;
        const figures = [bytes / deliveries, brokerUs / deliveries, readerUs / deliveries, deliveries / seconds];
        return figures.map((figure) => figure.toPrecision(3));
      });
      const cells = plain!.map((figure, i) => `${Number(figure)} → ${Number(compressed![i])}`);
      console.log(`| ${name} | ${rate || "unpaced"} | ${subscribers} | ${cells.join(" | ")} |`);
    }
  }
}
