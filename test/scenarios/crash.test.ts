// Brokers that end while messages flow, killed or stopped: nothing acknowledged is missing, nothing is there twice, and
// the clients go on by themselves with the next one.
import { setTimeout as delay } from "node:timers/promises";
import { assert, suite, type T, until } from "../harness.js";
import { type BrokerProcess, startBroker } from "./broker-process.js";
import { bufferNames, buffers } from "./buffers.js";
import { startFlood } from "./flood.js";
import { type Flow, startFlow } from "./flow.js";
import { figure, form, full } from "./form.js";
import { startFrozen } from "./frozen.js";

const rounds = form({ short: 3, full: 40 });
const timeoutMs = form({ short: 60_000, full: 600_000 });
/** Acknowledged messages between two ends: the flow runs again. */
const messagesBetween = 3_000;
/** What a node that stops allows its peers. */
const graceSeconds = 5;
const shape = { channel: "crash", publishers: 3, subscribers: 3, inFlight: 100 };

const test = suite("a broker that ends while messages flow");

async function endAgainAndAgain(flow: Flow, end: () => Promise<void>): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const enough = flow.acked + messagesBetween;
    await until(() => flow.acked >= enough && flow.connected, "messages flow between all", 20_000);
    await delay(Math.random() * 100);
    await end();
  }
}

async function start(t: T, name: (typeof bufferNames)[number]): Promise<{ broker: BrokerProcess; flow: Flow }> {
  const { buffer } = await buffers[name](t);
  const broker = await startBroker(t, { buffer });
  return { broker, flow: await startFlow(t, broker.address, shape) };
}

for (const name of bufferNames) {
  test(
    `${name}: killed, every acked message is there, once, in order (P-9, P-11)`,
    async (t) => {
      const { broker, flow } = await start(t, name);
      await endAgainAndAgain(flow, async () => {
        await broker.kill();
        await broker.start();
      });
      const { messages, duplicates, lost, gaps } = await flow.finish();
      figure(`${name}, killed ${rounds} times`, `${messages} messages, ${duplicates} of them resent although stored`);
      assert.is(lost, 0);
      assert.is(gaps, 0);
      if (full) assert.ok(duplicates > 0, "some were killed between storing and answering");
    },
    { timeoutMs },
  );

  test(
    `${name}: stopped, it ends in good order and in time, and the clients go on (P-6)`,
    async (t) => {
      const { broker, flow } = await start(t, name);
      const seconds: number[] = [];
      await endAgainAndAgain(flow, async () => {
        const stopped = await broker.stop();
        assert.is(stopped.code, 0, broker.log);
        seconds.push(stopped.seconds);
        await broker.start();
      });
      const { messages, duplicates, lost, gaps } = await flow.finish();
      const slowest = Math.max(...seconds).toFixed(2);
      figure(
        `${name}, stopped ${rounds} times`,
        `${messages} messages, ${duplicates} resent, slowest stop ${slowest} s`,
      );
      assert.is(lost, 0);
      assert.is(gaps, 0);
      assert.is(duplicates, 0, "what a stopping node accepted it also answers");
      assert.ok(Math.max(...seconds) < graceSeconds, `stopping took ${slowest} s`);
      const told = flow.states.filter(({ kind }) => kind === "draining").length;
      assert.is(told, rounds * (shape.publishers + shape.subscribers), "every client was told each time");
      const reasons = flow.states.flatMap((state) => (state.kind === "reconnecting" ? [state.reason.code] : []));
      assert.ok(
        reasons.every((code) => code === "draining" || code === "unavailable"),
        reasons.join(),
      );
    },
    { timeoutMs },
  );
}

test(
  "stopped, it does not wait for a peer that is frozen for longer than its grace (P-6)",
  async (t) => {
    const { buffer } = await buffers.embedded(t);
    const broker = await startBroker(t, { buffer });
    const flood = await startFlood(t, broker.address, "flood");
    const frozen = startFrozen(t, broker.address, "flood");
    flood.resume();
    await frozen.reading;
    frozen.freeze();
    const enough = flood.acked + 100_000;
    await until(() => flood.acked > enough, "the frozen one falls behind");
    await flood.stop();
    const { code, seconds } = await broker.stop();
    figure("stopped with a frozen subscriber", `after ${seconds.toFixed(1)} s`);
    assert.is(code, 0, broker.log);
    assert.ok(seconds < graceSeconds + 3, `stopping took ${seconds} s`);
  },
  { timeoutMs },
);

test.run();
