// A subscriber as a process of its own, so that it can be stopped: the public client, and what it was told. Arguments:
// HOST:PORT and the channel. Tells its parent when it is subscribed, and when it has begun to read, and answers whatever it is sent with the state
// of its trail.
import { connect } from "../../src/client/index.js";
import { Trail } from "./trail.js";

const [address, channel] = process.argv.slice(2) as [string, string];
const trail = new Trail(1);
/** How many connections it took. */
let connections = 0;

const bus = await connect(address, {
  onState: ({ kind }) => {
    if (kind === "connected") connections++;
  },
});
const subscription = bus.subscribe(channel, {
  from: "earliest",
  onGap: (gap) => trail.gap(gap, gap.position),
});
process.on("disconnect", () => process.exit());
process.on("message", () => {
  const { next, ranges, fault } = trail;
  process.send!({ next, ranges, fault, connections });
});
await subscription.ready;
process.send!("ready");
for await (const message of subscription) {
  if (trail.received === 0) process.send!("reading");
  if (message.data.readUInt32BE() !== message.offset)
    trail.fail(`message ${message.data.readUInt32BE()} at ${message.offset}`);
  trail.messages(message.offset, message.offset);
}
