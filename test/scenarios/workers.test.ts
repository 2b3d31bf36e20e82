// Processes of several workers over one Redis under load, while workers are killed and a process is stopped: nothing is
// lost or told twice; and sessions come out even by workers though no peer can choose one.
import { readFileSync } from "node:fs";
import { assert, suite, until } from "../harness.js";
import { startRedis } from "../redis.js";
import { type BrokerProcess, startBroker } from "./broker-process.js";
import { type Flow, startFlow } from "./flow.js";
import { figure, form } from "./form.js";

const shape = { channel: ["a", "b"], publishers: 4, subscribers: 12, perSecond: 1_000 };
const clients = shape.publishers + shape.subscribers;
const kills = form({ short: 3, full: 30 });
const timeoutMs = form({ short: 90_000, full: 600_000 });

const test = suite("workers");

async function flowing(flow: Flow): Promise<void> {
  const enough = flow.acked + 300;
  await until(() => flow.acked >= enough && flow.connected, "messages flow between all", 20_000);
}

function workersOf({ pid }: BrokerProcess): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.trim().split(" ").filter(Boolean).map(Number);
}

/** Sessions by node. */
function spreadOf({ buses }: Flow): Map<string, number> {
  const spread = new Map<string, number>();
  for (const { state } of buses) {
    if (state.kind === "connected") spread.set(state.node, (spread.get(state.node) ?? 0) + 1);
  }
  return spread;
}

test(
  "one killed after the other (P-10, P-11, P-16)",
  async (t) => {
    const redis = await startRedis(t);
    const broker = await startBroker(t, { buffer: redis.url, args: ["--workers", "2", "--node", "w"] });
    const flow = await startFlow(t, broker.address, shape);
    await flowing(flow);
    // They came together, and a worker that is busy is passed over.
    const spread = [...spreadOf(flow).values()];
    assert.ok(spread.length === 2 && spread.every((sessions) => sessions >= clients / 4), `${spread}`);
    flow.lap();
    for (let i = 0; i < kills; i++) {
      const before = workersOf(broker);
      process.kill(before[i % before.length]!, "SIGKILL");
      await until(
        () => workersOf(broker).filter((pid) => !before.includes(pid)).length === 1,
        "it is replaced",
        20_000,
      );
      await flowing(flow);
    }
    const { messages, deliveries, reconnections, stallMs } = flow.lap();
    const { duplicates, lost, gaps } = await flow.finish();
    figure(`${kills} of 2 workers killed`, `${messages} messages, ${deliveries} deliveries, ${duplicates} resent`);
    figure("", `${reconnections} reconnections, longest stall ${(stallMs / 1_000).toFixed(2)} s`);
    assert.ok(reconnections >= kills, `${reconnections} reconnections`);
    assert.is(lost, 0);
    assert.is(gaps, 0);
  },
  { timeoutMs },
);

test(
  "a process beside another: its workers get their share, and when it stops, the other has all (P-6, P-29)",
  async (t) => {
    const redis = await startRedis(t);
    const args = ["--drain-window", "1s"];
    const old = await startBroker(t, { buffer: redis.url, args: ["--workers", "2", "--node", "old", ...args] });
    const flow = await startFlow(t, old.address, shape);
    await flowing(flow);
    await startBroker(t, { buffer: redis.url, args: ["--node", "fresh", ...args] });
    const third = clients / 3;
    const isEven = () => Math.abs((spreadOf(flow).get("fresh") ?? 0) - third) <= 2;
    await until(isEven, "of three nodes behind two addresses each has a third", 30_000);
    figure("sessions of 2 workers and 1 node", JSON.stringify(Object.fromEntries(spreadOf(flow))));
    const here = clients - (spreadOf(flow).get("fresh") ?? 0);
    const { code } = await old.stop();
    assert.is(code, 0, old.log);
    const [, moved, cut] = /drained: (\d+) sessions moved in [\d.]+ s(.*)\n$/.exec(old.log) ?? [];
    assert.ok(Math.abs(Number(moved) - here) <= 2, `${moved} of ${here} moved: ${old.log}`);
    assert.is(cut, "");
    await flowing(flow);
    assert.equal([...spreadOf(flow)], [["fresh", clients]]);
    const { lost, gaps } = await flow.finish();
    assert.is(lost, 0);
    assert.is(gaps, 0);
    assert.equal(
      flow.states
        .flatMap((state) => (state.kind === "reconnecting" ? [state.reason.code] : []))
        .filter((code) => code !== "draining"),
      [],
      "nobody was left by anything but a notice",
    );
  },
  { timeoutMs },
);

test.run();
