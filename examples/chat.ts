// A chat that survives restarts of the broker: node --import tsx examples/chat.ts NAME [HOST:PORT]
import { createInterface } from "node:readline";
import { connect, describeGap, last } from "../src/client/index.js";

const [name = "anonymous", server = "127.0.0.1:50051"] = process.argv.slice(2);

await using bus = await connect(server, { name });
await using chat = bus.subscribe("lobby", {
  from: last(20),
  echo: false,
  onGap: (gap) => console.error(describeGap(gap)),
});
bus.onState((state) => console.error(`(${state.kind})`));

const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  bus.publish("lobby", line).catch((error) => console.error(`not sent: ${line}: ${error.message}`));
});
// Ctrl-D leaves: the iteration ends, then the bus waits for what was typed last.
input.on("close", () => void chat.close());

for await (const message of chat) console.log(`${message.publisher}: ${message.text}`);
