// A quiet channel, one message whose delivery through Pub/Sub is lost on its way to all nodes: the comparison of heads
// finds it. What makes this hard is that nothing follows that would show the hole.
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "../../src/client/index.js";
import { assert, suite, until } from "../harness.js";
import { startRedis } from "../redis.js";
import { figure, form } from "./form.js";
import { startNodes } from "./nodes.js";

const rounds = form({ short: 4, full: 20 });
const mostSeconds = 2;
const channel = "quiet";

const test = suite("a quiet channel");

test(
  "a message that Pub/Sub loses reaches remote subscribers within 2 s",
  async (t) => {
    const nodes = await startNodes(t, await startRedis(t), 3);
    const [here, ...remote] = nodes;
    const publisher = await connect(here!.broker.address);
    t.after(() => publisher.close());
    /** When each remote subscriber was told each offset. */
    const arrivals: number[][] = [];
    for (const { broker } of remote) {
      const bus = await connect(broker.address);
      t.after(() => bus.close());
      const times: number[] = [];
      arrivals.push(times);
      const subscription = bus.subscribe(channel, { from: "earliest" });
      await subscription.ready;
      void (async () => {
        for await (const { offset } of subscription) times[offset] = performance.now();
      })();
    }
    const arrived = (offset: number) => () => arrivals.every((times) => times[offset] !== undefined);

    const seconds: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      // At any time between two comparisons. The first one creates the channel.
      await delay(Math.random() * 1_000);
      for (const { line } of remote) line.swallow(channel);
      await publisher.publish(channel, `swallowed ${round}`);
      const begun = performance.now();
      await until(arrived(round), `message ${round} arrives`);
      for (const { line } of remote) assert.is(line.swallowed, round, "it was lost on every line");
      seconds.push(...arrivals.map((times) => (times[round]! - begun) / 1_000));
    }

    // It was not always slow.
    const offset = rounds + 1;
    const published = performance.now();
    await publisher.publish(channel, "undisturbed");
    await until(arrived(offset), "the last message arrives");
    const fast = Math.max(...arrivals.map((times) => times[offset]!)) - published;
    figure("undisturbed", `after ${fast.toFixed(1)} ms`);
    figure("not delivered by Pub/Sub", `after ${seconds.map((time) => time.toFixed(2)).join(" ")} s`);
    assert.ok(Math.max(...seconds) < mostSeconds, `it took ${Math.max(...seconds)} s`);
  },
  { timeoutMs: form({ short: 30_000, full: 120_000 }) },
);

test.run();
