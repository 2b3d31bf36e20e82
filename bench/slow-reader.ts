// The consumer of slow-consumer.ts: slow until it is told how many were published, then fast until it has them all.
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../src/client/index.js";

export interface SlowReading {
  /** Messages. */
  delivered: number;
  /** Of those, while it was slow. */
  during: number;
  /** Messages in gaps. */
  missed: number;
  /** Bytes by which the memory of the process grew at most. */
  grown: number;
  /** How often it was told that it lags. */
  lagged: number;
  /** What was out of order, if anything. */
  wrong: string | undefined;
}

const [address, delayMs, bufferBytes] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])];
const reading: SlowReading = { delivered: 0, during: 0, missed: 0, grown: 0, lagged: 0, wrong: undefined };
let published: number | undefined;
let next = 1;
process.on("message", (message: { published: number }) => {
  published = message.published;
  reading.during = reading.delivered;
});

const bus = await connect(address, { bufferBytes });
const subscription = bus.subscribe("slow", {
  onGap({ from, to }) {
    if (from !== next) reading.wrong ??= `a gap from ${from}, expected ${next}`;
    reading.missed += to - from + 1;
    next = to + 1;
  },
});
const counting = (async () => {
  for await (const { kind } of subscription.events()) if (kind === "lagging") reading.lagged++;
})();
await subscription.ready;

const before = process.memoryUsage().rss;
const sampler = setInterval(() => {
  if (published === undefined) reading.grown = Math.max(reading.grown, process.memoryUsage().rss - before);
}, 50);
process.send!("ready");

for await (const { offset } of subscription) {
  if (offset !== next) reading.wrong ??= `got ${offset}, expected ${next}`;
  next = offset + 1;
  reading.delivered++;
  if (published === undefined) await sleep(delayMs);
  else if (offset === published) break;
}
clearInterval(sampler);
await counting;
await bus.close();
process.send!(reading);
process.disconnect();
