// A rolling deploy: nodes over one Redis are replaced one after the other while messages flow. Nothing is lost or there
// twice, nobody sees an error, and the sessions leave one after the other.
import type { Bus, State } from "../../src/client/index.js";
import { assert, suite, until } from "../harness.js";
import { startRedis } from "../redis.js";
import { type BrokerProcess, startBroker } from "./broker-process.js";
import { startFlow } from "./flow.js";
import { figure, form, full } from "./form.js";

const windowMs = 1_500;
const shape = { channel: "deploy", publishers: 10, subscribers: 20, perSecond: 1_000 };
const clients = shape.publishers + shape.subscribers;
const rounds = form({ short: 1, full: 5 });
const timeoutMs = form({ short: 90_000, full: 600_000 });

const test = suite("a rolling deploy under load");

/** What the node printed last of its drain. */
function drainedLine(broker: BrokerProcess): { moved: number; seconds: number; cut: number } {
  const line = broker.log.trim().split("\n").at(-1)!;
  const match = /^[\d:]+ drained: (\d+) sessions moved in ([\d.]+) s(?:, (\d+) did not go in time and were cut)?$/.exec(
    line,
  );
  if (match === null) throw new Error(`not what a drained node prints last: ${line}`);
  return { moved: Number(match[1]), seconds: Number(match[2]), cut: Number(match[3] ?? 0) };
}

test(
  "each node replaced by SIGTERM: nothing lost or twice, no error, sessions leave one after the other (P-29)",
  async (t) => {
    const redis = await startRedis(t);
    const args = ["--drain-window", `${windowMs}ms`];
    const nodes: BrokerProcess[] = [];
    for (let i = 0; i < 3; i++) nodes.push(await startBroker(t, { buffer: redis.url, args }));
    const flow = await startFlow(t, () => nodes.map(({ address }) => address), shape);
    const goes: { at: number; address: string }[] = [];
    for (const bus of flow.buses) {
      bus.onState((state) => state.kind === "draining" && goes.push({ at: performance.now(), address: state.address }));
    }
    for (let round = 0; round < rounds; round++) {
      for (const node of nodes) {
        const enough = flow.acked + 500;
        await until(() => flow.acked >= enough && flow.connected, "messages flow between all", 20_000);
        const here = flow.buses.filter(({ state }) => state.kind === "connected" && state.address === node.address);
        goes.length = 0;
        const begun = performance.now();
        const { code, seconds } = await node.stop();
        assert.is(code, 0, node.log);
        const { moved, cut, seconds: took } = drainedLine(node);
        const moments = goes.filter(({ address }) => address === node.address).map(({ at }) => at - begun);
        figure(
          `replaced ${node.address}`,
          `${moved} sessions moved in ${took} s, stopped after ${seconds.toFixed(1)} s`,
        );
        assert.is(cut, 0);
        assert.is(moments.length, moved, "each was told");
        assert.ok(Math.abs(moved - here.length) <= 3, `${moved} of ${here.length}`);
        checkSpread(moments);
        await node.start();
      }
    }
    const { messages, duplicates, lost, gaps } = await flow.finish();
    figure(
      "a rolling deploy",
      `${messages} messages, ${duplicates} resent although stored, ${lost} lost, ${gaps} gaps`,
    );
    assert.equal([lost, gaps, duplicates], [0, 0, 0]);
    checkStates(flow.states);
    if (full) await checkSettled(flow.buses, nodes);
  },
  { timeoutMs },
);

/** Over the window, not all at once: about as many in each half of it. */
function checkSpread(moments: readonly number[]): void {
  if (moments.length < 4) return;
  const sorted = [...moments].sort((a, b) => a - b);
  const between = sorted.slice(1).map((moment, i) => moment - sorted[i]!);
  assert.ok(sorted.at(-1)! - sorted[0]! > windowMs * 0.5, `all told within ${sorted.at(-1)! - sorted[0]!} ms`);
  assert.ok(Math.max(...between) < windowMs * 0.75, `${between}`);
}

function checkStates(states: readonly State[]): void {
  for (const state of states) {
    assert.is.not(state.kind, "failed");
    if (state.kind !== "reconnecting") continue;
    assert.is(state.reason.code, "draining", state.reason.message);
    assert.ok(state.nextTryMs <= 3_500, `${state.nextTryMs}`);
  }
}

/** All three have their share again. */
async function checkSettled(buses: readonly Bus[], nodes: readonly BrokerProcess[]): Promise<void> {
  const mean = clients / nodes.length;
  const count = (node: BrokerProcess) =>
    buses.filter(({ state }) => state.kind === "connected" && state.address === node.address).length;
  await until(
    () => nodes.every((node) => Math.abs(count(node) - mean) <= Math.max(2, 0.2 * mean)),
    "each node has its share",
    40_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}: ${nodes.map(count)}`);
  });
}

test.run();
