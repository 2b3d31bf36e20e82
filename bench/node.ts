// A broker as a process of its own: the arguments are its buffer, what it retains, its HTTP/2 window and the largest message.
// Whatever it is sent, it answers with its memory after a garbage collection, and how long its event loop was away since it
// was asked last.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { startBroker } from "../src/broker/index.js";
import { openBuffer, retentionPolicy } from "../src/buffer/index.js";
import { createLog } from "../src/log/log.js";

export interface NodeReading extends NodeJS.MemoryUsage {
  delayP50Ms: number;
  delayP99Ms: number;
  delayMaxMs: number;
}

const [folder, retained = "messages=1000000", windowBytes, maxMessageBytes] = process.argv.slice(2);
const buffer = await openBuffer(folder!, { retention: retentionPolicy([retained]) });
const node = await startBroker({
  buffer,
  listen: "127.0.0.1:0",
  log: createLog((level, fields, message) => {
    if (level !== "debug") console.error(level, message, fields);
  }),
  ...(windowBytes !== undefined && { windowBytes: Number(windowBytes) }),
  ...(maxMessageBytes !== undefined && { limits: { maxMessageBytes: Number(maxMessageBytes) } }),
});
const delays = monitorEventLoopDelay({ resolution: 1 });
process.once("SIGTERM", async () => {
  await node.close(0);
  await buffer.close();
  process.exit(0);
});
process.on("message", () => {
  const [delayP50Ms, delayP99Ms, delayMaxMs] = [delays.percentile(50), delays.percentile(99), delays.max].map(
    (nanoseconds) => nanoseconds / 1e6,
  );
  global.gc?.();
  process.send!({ ...process.memoryUsage(), delayP50Ms, delayP99Ms, delayMaxMs });
  delays.enable();
  delays.reset();
});
process.send!({ address: node.address });
