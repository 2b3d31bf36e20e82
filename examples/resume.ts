// Goes on after a crash of its own where it was: node --import tsx examples/resume.ts POSITION-FILE [HOST:PORT]
import { connect, filePositionStore } from "../src/client/index.js";

const [file = "orders.position", server = "127.0.0.1:50051"] = process.argv.slice(2);

await using bus = await connect(server);
await using orders = bus.subscribe("orders", {
  from: "earliest", // The first time. From then on it begins behind the last message processed.
  store: filePositionStore(file),
  saveIntervalMs: 0, // Before the next message: after a crash at most one is processed again.
  onGap: "throw", // Orders that cannot be delivered any more are not passed over.
});
process.once("SIGTERM", () => void orders.close());

for await (const order of orders) {
  console.log(`${order.offset}: ${order.text}`);
  // Here it is processed: the loop asks for the next one.
}
