// The clock of a node is set, forwards and back, while it runs: what it delivers stays what was published, in order.
import { connect, type Message } from "../../src/client/index.js";
import { assert, suite, until } from "../harness.js";
import { startBroker } from "./broker-process.js";
import { buffers } from "./buffers.js";

const test = suite("the clock of a node is set");

const hoursMs = 6 * 3_600_000;

// Redis has a clock of its own.
test("embedded: subscribers go on, times of messages do not fall", async (t) => {
  const broker = await startBroker(t, await buffers.embedded(t));
  const bus = await connect(broker.address);
  const heard: Message[] = [];
  const listen = (async () => {
    for await (const message of bus.subscribe("c", { from: "earliest" })) heard.push(message);
  })();
  t.after(() => listen);
  t.after(() => bus.close({ timeoutMs: 0 }));
  for (const aheadMs of [0, hoursMs, 0, -hoursMs, 0]) {
    await broker.moveClock(aheadMs);
    for (let i = 0; i < 3; i++) await bus.publish("c", `${aheadMs}`);
  }
  await until(() => heard.length === 15, "all of it is heard", 20_000);
  assert.equal(
    heard.map(({ offset }) => offset),
    heard.map((_, i) => i + 1),
  );
  const times = heard.map(({ storedAt }) => storedAt);
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
  );
  assert.ok(times.at(-1)! > Date.now() + hoursMs / 2, "the clock was moved");
});

test.run();
