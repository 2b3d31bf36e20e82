// A peer in a process or a thread of its own: publishes its share, waits for everybody's, reports what it received, and
// ends by itself, because the client keeps nothing open.
import cluster from "node:cluster";
import { parentPort, workerData } from "node:worker_threads";
import { connect } from "../../src/client/index.js";

export interface Assignment {
  address: string;
  name: string;
  /** Messages that this peer publishes. */
  own: number;
  /** Messages of all peers together. */
  all: number;
}

async function run({ address, name, own, all }: Assignment): Promise<string[]> {
  await using bus = await connect(address, { name });
  const subscription = bus.subscribe("c", { from: "earliest" });
  await subscription.ready;
  const published = Promise.all(Array.from({ length: own }, (_, i) => bus.publish("c", `${name} ${i}`)));
  const received: string[] = [];
  for await (const message of subscription) if (received.push(message.text) === all) break;
  await published;
  return received;
}

if (cluster.isWorker) {
  const received = await run(JSON.parse(process.env.ASSIGNMENT!) as Assignment);
  await new Promise((resolve) => process.send!(received, resolve));
  // Its end of the channel to the primary is all that is open now.
  process.disconnect();
} else {
  parentPort!.postMessage(await run(workerData as Assignment));
}
