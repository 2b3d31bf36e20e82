// Many worker processes report to one: node --import tsx examples/monitor.ts [WORKERS] [REPORTS] [HOST:PORT]
import { fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../src/client/index.js";

const [workers = "3", reports = "10", server = "127.0.0.1:50051"] = process.argv.slice(2);

async function work(): Promise<void> {
  await using bus = await connect(server, { name: `worker ${process.pid}` });
  for (let report = 1; report <= Number(reports); report++) {
    const { rss } = process.memoryUsage();
    await bus.publish("monitor", JSON.stringify({ report, rss }), { headers: { pid: `${process.pid}` } });
    await sleep(20);
  }
}

async function watch(): Promise<void> {
  await using bus = await connect(server, { name: "monitor" });
  await using subscription = bus.subscribe("monitor");
  // Fixed before the first worker starts: nothing it reports can be missed.
  await subscription.ready;
  for (let i = 0; i < Number(workers); i++) fork(process.argv[1]!, process.argv.slice(2));
  let done = 0;
  for await (const message of subscription) {
    const { report, rss } = JSON.parse(message.text) as { report: number; rss: number };
    console.log(`${message.publisher}: report ${report}, ${Math.round(rss / 2 ** 20)} MiB`);
    if (report === Number(reports)) done++;
    if (done === Number(workers)) break;
  }
}

// Only a forked process has somebody to send to.
await (process.send ? work() : watch());
