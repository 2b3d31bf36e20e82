// The subscribers of compression.ts, each with a connection of its own. Asked for a number of messages, it answers when all
// of them have so many.
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { connect } from "../src/client/index.js";

export interface Received {
  /** On all connections until now. */
  bytes: number;
}

const [address, subscribers, how] = [process.argv[2]!, Number(process.argv[3]), process.argv[4]];

const sockets: Socket[] = [];
subscribe("net.client.socket", (message) => void sockets.push((message as { socket: Socket }).socket));

/** Messages, of each subscriber. */
const counts: number[] = [];
let goal: number | undefined;

function check(): void {
  if (goal === undefined || counts.some((count) => count < goal!)) return;
  goal = undefined;
  process.send!({ bytes: sockets.reduce((sum, socket) => sum + socket.bytesRead, 0) });
}

async function read(index: number): Promise<void> {
  const bus = await connect(address, { compression: how === "compressed" && "subscribe" });
  const subscription = bus.subscribe("bench");
  await subscription.ready;
  void (async () => {
    for await (const batch of subscription.batches()) {
      counts[index]! += batch.length;
      if (counts[index]! >= (goal ?? Number.POSITIVE_INFINITY)) check();
    }
  })();
}

process.once("SIGTERM", () => process.exit(0));
for (let i = 0; i < subscribers; i++) {
  counts.push(0);
  await read(i);
}
process.on("message", ({ until }: { until: number }) => {
  goal = until;
  check();
});
process.send!("ready");
