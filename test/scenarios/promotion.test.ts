// The master of the store killed under load and its replica promoted, by hand, after the replica had been cut off from it
// for a moment. With `replicated:1` nothing that was acknowledged is lost; with `stored` it is, and told to publishers and
// subscribers.
import { setTimeout as delay } from "node:timers/promises";
import { startProxy } from "../buffer/redis-proxy.js";
import { assert, suite, until } from "../harness.js";
import { startRedis } from "../redis.js";
import { startReplica } from "../redis-replica.js";
import { startBroker } from "./broker-process.js";
import { startFlow } from "./flow.js";
import { figure, form } from "./form.js";

const rounds = form({ short: 1, full: 10 });
const messagesBetween = 2_000;

const test = suite("a replica promoted under load");

for (const level of ["replicated:1", "stored"] as const) {
  test(
    `${level} (P-9)`,
    async (t) => {
      let master = await startRedis(t);
      let link = await startProxy(t, master.port);
      let replica = await startReplica(t, link);
      const address = await startProxy(t, master.port);
      const buffer = `redis://127.0.0.1:${address.port}`;
      const broker = await startBroker(t, { buffer, args: ["--ack", level] });
      const options = { channel: "promotion", publishers: 3, subscribers: 3, inFlight: 100 };
      const flow = await startFlow(t, broker.address, options);
      for (let round = 0; round < rounds; round++) {
        const enough = flow.acked + messagesBetween;
        await until(() => flow.acked >= enough, "messages flow", 30_000);
        link.stall("");
        await delay(100 + Math.random() * 100);
        await master.kill();
        await replica.promote();
        master = replica;
        // Before publishers come there: until it has a replica of its own it cannot keep the level.
        link = await startProxy(t, master.port);
        replica = await startReplica(t, link);
        address.moveTo(master.port);
      }
      const enough = flow.acked + messagesBetween;
      await until(() => flow.acked >= enough, "messages flow again", 30_000);
      const { messages, duplicates, lost, gaps } = await flow.finish();
      figure(`${level}, promoted ${rounds} times`, `${messages} messages, ${duplicates} resent although stored`);
      figure("lost, and announced", `${lost} messages to their publishers, ${gaps} gaps to subscribers`);
      if (level === "stored") assert.ok(lost > 0 && gaps > 0, "a replica that was cut off had all of it");
      else assert.is(lost, 0);
    },
    { timeoutMs: form({ short: 60_000, full: 300_000 }) },
  );
}

test.run();
