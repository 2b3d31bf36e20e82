// The reader of flow-control.ts: told to, it replays so many messages through a window of so many bytes, and says when it has.
import { connect } from "../src/client/index.js";

const [address, windowBytes, messages] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])];
const bus = await connect(address, { windowBytes, discover: false });

process.once("SIGTERM", () => process.exit(0));
process.once("message", async () => {
  for await (const { offset } of bus.subscribe("bench", { from: "earliest" })) if (offset >= messages) break;
  process.send!("done");
});
process.send!("ready");
