// What the HTTP/2 windows of client and node are worth: a replay through the client's window, publishes through the node's,
// over loopback and with a round trip of 10 ms (by a TCP proxy that delays). By hand:
//
//   node --import tsx bench/flow-control.ts [--windows 64,256,1024,4096] [--round-trips 0,10] [--mebibytes 40] [--rounds 3]
//
// Windows are in KiB. Prints the median of the rounds. Memory is what the process that reads holds most, beyond what it
// held before.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect } from "../src/client/index.js";
import { asked, program, told } from "./child.js";
import { machine, residentOf } from "./measure.js";

const { values } = parseArgs({
  options: {
    windows: { type: "string", default: "64,256,1024,4096" },
    "round-trips": { type: "string", default: "0,10" },
    mebibytes: { type: "string", default: "40" },
    rounds: { type: "string", default: "3" },
  },
});

const messageBytes = 1_000;
const messages = Math.round((Number(values.mebibytes) * 2 ** 20) / messageBytes);

/** The smallest that is allowed is a byte less than 64 KiB. */
const bytesOf = (kibibytes: string): number => Math.max(65_535, Number(kibibytes) * 1024 - 1);

/** Passes everything on after `delayMs`, as much as is under way. */
async function startDelay(target: string, delayMs: number) {
  const [host, port] = target.split(":");
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket) => {
    from.on("data", (chunk) => void setTimeout(() => to.writable && to.write(chunk), delayMs));
    from.on("close", () => void setTimeout(() => to.destroy(), delayMs));
    from.on("error", () => {});
    from.setNoDelay(true);
    sockets.add(from);
  };
  const server = createServer((client) => {
    const node = connectSocket(Number(port), host);
    pass(client, node);
    pass(node, client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

interface Reading {
  /** MiB a second. */
  rate: number;
  /** MiB. */
  memory: number;
}

async function withNode<R>(
  windowBytes: number,
  roundTripMs: number,
  run: (address: string, pid: number, delayed: string) => Promise<R>,
) {
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const node = program("node.ts", `embedded:${folder}`, "messages=1000000", `${windowBytes}`);
  try {
    const { address } = await told<{ address: string }>(node);
    if (roundTripMs === 0) return await run(address, node.pid!, address);
    const delay = await startDelay(address, roundTripMs / 2);
    try {
      return await run(address, node.pid!, delay.address);
    } finally {
      delay.close();
    }
  } finally {
    node.kill("SIGTERM");
    await once(node, "exit");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function fill(address: string): Promise<void> {
  const bus = await connect(address, { discover: false });
  const data = Buffer.alloc(messageBytes, "x");
  let last: Promise<unknown> | undefined;
  for (let sent = 0; sent < messages; sent += 1_000) {
    const piece = Promise.all(Array.from({ length: 1_000 }, () => bus.publish("bench", data)));
    await last;
    last = piece;
  }
  await last;
  await bus.close();
}

const rate = (begun: number): number => (messages * messageBytes) / 2 ** 20 / ((performance.now() - begun) / 1_000);

const replay = (windowBytes: number, roundTripMs: number): Promise<Reading> =>
  withNode(65_535, roundTripMs, async (address, _, delayed) => {
    await fill(address);
    const reader = program("flow-control-reader.ts", delayed, `${windowBytes}`, `${messages}`);
    await told(reader);
    const before = residentOf(reader.pid!);
    const begun = performance.now();
    await asked(reader, {});
    const reading = { rate: rate(begun), memory: peakOf(reader.pid!) - before };
    reader.kill("SIGTERM");
    return reading;
  });

const publish = (windowBytes: number, roundTripMs: number): Promise<Reading> =>
  withNode(windowBytes, roundTripMs, async (_, pid, delayed) => {
    const before = residentOf(pid);
    const begun = performance.now();
    await fill(delayed);
    return { rate: rate(begun), memory: peakOf(pid) - before };
  });

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

console.log(`machine: ${machine()}; ${values.mebibytes} MiB in messages of ${messageBytes} B\n`);
console.log("| what | round trip | window | MiB/s | memory |\n|---|---|---|---|---|");
for (const [what, run] of [
  ["replay, client's window", replay],
  ["publish, node's window", publish],
] as const) {
  for (const roundTripMs of values["round-trips"].split(",").map(Number)) {
    const readings = new Map<string, Reading[]>(values.windows.split(",").map((window) => [window, []]));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [window, known] of readings) known.push(await run(bytesOf(window), roundTripMs));
    }
    for (const [window, known] of readings) {
      const rate = median(known.map((reading) => reading.rate)).toFixed(1);
      const memory = median(known.map((reading) => reading.memory)).toFixed(0);
      console.log(`| ${what} | ${roundTripMs} ms | ${window} KiB | ${rate} | ${memory} MiB |`);
    }
  }
}
