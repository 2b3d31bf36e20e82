// A consumer that is killed: arguments address, position file, save interval, and the file in which it writes down what
// it has processed. SIGTERM ends it in good order.
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, filePositionStore } from "../../src/client/index.js";

const [address, path, saveIntervalMs, log] = process.argv.slice(2) as [string, string, string, string];
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

await using bus = await connect(address);
const subscription = bus.subscribe("c", {
  from: "earliest",
  store: filePositionStore(path),
  saveIntervalMs: Number(saveIntervalMs),
  signal: stop.signal,
  onGap: "throw",
});
for await (const message of subscription) {
  appendFileSync(log, `${message.text}\n`);
  await sleep(1);
}
