// The progress of a job, for whoever looks and whenever: node --import tsx examples/job.ts run|watch [JOB] [HOST:PORT]
import { setTimeout as sleep } from "node:timers/promises";
import { connect, json, last } from "../src/client/index.js";

interface Progress {
  done: number;
  of: number;
}

const [role, job = "backup", server = "127.0.0.1:50051"] = process.argv.slice(2);

await using bus = await connect(server, { name: `${role} ${process.pid}` });
const progress = bus.typed(`jobs/${job}`, json<Progress>());

async function run(of = 20): Promise<void> {
  for (let done = 1; done <= of; done++) {
    await sleep(50); // The work. It does not wait for the broker; what it reports meanwhile is sent later, in order.
    progress.publish({ done, of }).catch((error) => console.error(`not reported: ${error.message}`));
  }
}

async function watch(): Promise<void> {
  // The last report says it all, so nobody has to wait for the next.
  for await (const { value, publisher } of progress.subscribe({ from: last(1) })) {
    console.log(`${job} (${publisher}): ${Math.round((100 * value.done) / value.of)} %`);
    if (value.done === value.of) break;
  }
}

// At the end the bus waits for what is not stored yet.
await (role === "run" ? run() : watch());
