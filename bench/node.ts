// A broker as a process of its own: the arguments are its buffer, what it retains, and its HTTP/2 window. Whatever it is sent, it answers
// with its memory after a garbage collection.
import { startBroker } from "../src/broker/index.js";
import { openBuffer, retentionPolicy } from "../src/buffer/index.js";

const buffer = await openBuffer(process.argv[2]!, {
  retention: retentionPolicy([process.argv[3] ?? "messages=1000000"]),
});
const windowBytes = process.argv[4];
const node = await startBroker({
  buffer,
  listen: "127.0.0.1:0",
  log: console.error,
  ...(windowBytes !== undefined && { windowBytes: Number(windowBytes) }),
});
process.once("SIGTERM", async () => {
  await node.close(0);
  await buffer.close();
  process.exit(0);
});
process.on("message", () => {
  global.gc?.();
  process.send!(process.memoryUsage());
});
process.send!({ address: node.address });
