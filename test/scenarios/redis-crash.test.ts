// Redis killed and started again under load, with its append-only file: nobody is disconnected, publishing pauses and
// goes on, and what was acknowledged is there once, in order. Redis hands its file to the system before it answers,
// except while an fsync of `everysec` is slow: what a kill takes then must be announced to publishers and subscribers.
import { setTimeout as delay } from "node:timers/promises";
import { assert, suite, until } from "../harness.js";
import { startRedis } from "../redis.js";
import { startBroker } from "./broker-process.js";
import { startFlow } from "./flow.js";
import { figure, form } from "./form.js";

/** How long Redis is away, each time. An append is tried for 10 s: beyond that its publisher is told to come again. */
const outagesMs = form({
  short: [0, 500, 0],
  full: [...Array.from({ length: 30 }, (_, i) => (i % 3) * 500), 15_000, 0],
});
const messagesBetween = 3_000;

const test = suite("Redis killed under load");

test(
  "nobody is disconnected, and nothing acknowledged is lost in silence (P-9)",
  async (t) => {
    const redis = await startRedis(t);
    const broker = await startBroker(t, { buffer: redis.url });
    const flow = await startFlow(t, broker.address, { channel: "crash", publishers: 3, subscribers: 3, inFlight: 100 });
    for (const outageMs of outagesMs) {
      const enough = flow.acked + messagesBetween;
      await until(() => flow.acked >= enough, "messages flow", 30_000);
      await delay(Math.random() * 100);
      await redis.kill();
      await delay(outageMs);
      await redis.start();
    }
    const enough = flow.acked + messagesBetween;
    await until(() => flow.acked >= enough, "messages flow again", 30_000);
    const { messages, duplicates, lost, gaps, resets } = await flow.finish();
    figure(`Redis killed ${outagesMs.length} times`, `${messages} messages, ${duplicates} resent although stored`);
    figure("lost by Redis, and announced", `${lost} messages to their publishers, ${gaps} gaps to subscribers`);
    assert.is(resets, 0, "what was announced was exact");
    // Only a publisher of whom Redis lost acknowledged messages leaves, to come back under a new producer id (P-12).
    const reasons = flow.states.flatMap((state) => (state.kind === "reconnecting" ? [state.reason.code] : []));
    const others = reasons.filter((code) => code !== "sequence_skipped" || lost === 0);
    assert.equal(others, [], "nobody was disconnected");
    assert.match(broker.log, /Redis at .* is not connected/);
    assert.match(broker.log, /Redis at .* is connected again/);
  },
  { timeoutMs: form({ short: 60_000, full: 300_000 }) },
);

test("a broker can be stopped while Redis is away, and another goes on when it is back (P-6, P-9)", async (t) => {
  const redis = await startRedis(t);
  const broker = await startBroker(t, { buffer: redis.url });
  const flow = await startFlow(t, broker.address, { channel: "crash", publishers: 3, subscribers: 3, inFlight: 100 });
  await until(() => flow.acked >= messagesBetween, "messages flow");
  await redis.kill();
  const { code, seconds } = await broker.stop();
  figure("stopped while Redis is away", `after ${seconds.toFixed(1)} s`);
  assert.is(code, 0, broker.log);
  assert.ok(seconds < 10, `stopping took ${seconds} s`);
  await redis.start();
  await broker.start();
  const enough = flow.acked + messagesBetween;
  await until(() => flow.acked >= enough, "messages flow again", 20_000);
  await flow.finish();
});

test.run();
