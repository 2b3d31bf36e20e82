// What a session costs a node that only holds it: N sessions on connections of their own, first without subscriptions,
// then with one each to a channel that they share. Memory a session and a subscription, and CPU for keeping them.
//
//   npm run bench:idle-sessions -- [--sessions 5000] [--seconds 30]
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { asked, program, told } from "./child.js";
import { cpuOf, loadOf, machine } from "./measure.js";
import { startRedis, stopAll } from "./redis.js";

const { values } = parseArgs({
  options: { sessions: { type: "string", default: "5000" }, seconds: { type: "string", default: "30" } },
});

/** In one client process. */
const sessionsOfProcess = 1_000;
const KiB = 1024;

interface State {
  heap: number;
  resident: number;
  load: number;
}

async function stateOf(node: ChildProcess): Promise<State> {
  await sleep(3_000);
  const { heapUsed, external, rss } = await asked<NodeJS.MemoryUsage>(node, { what: "memory" });
  const [load = 0] = await loadOf([node.pid!], Number(values.seconds));
  return { heap: heapUsed + external, resident: rss, load };
}

async function run(children: ChildProcess[], folder: string): Promise<void> {
  const started = (child: ChildProcess) => {
    children.push(child);
    return child;
  };
  const redis = await startRedis(folder);
  started(redis.child);
  const node = started(program("node.ts", redis.url));
  const { address } = await told<{ address: string }>(node);
  const count = Number(values.sessions);
  const empty = await stateOf(node);
  const [begun, cpuBegun] = [performance.now(), cpuOf(node.pid!)];
  const peers: { child: ChildProcess; sessions: number }[] = [];
  for (let opened = 0; opened < count; opened += sessionsOfProcess) {
    const sessions = Math.min(sessionsOfProcess, count - opened);
    const child = started(program("idle-peers.ts", address, `${sessions}`));
    await told(child);
    peers.push({ child, sessions });
  }
  const connecting = (performance.now() - begun) / 1_000;
  const connectingCpu = (cpuOf(node.pid!) - cpuBegun) / count / 1_000;
  const connected = await stateOf(node);
  for (const { child, sessions } of peers) {
    await asked(child, { subscribe: Array.from({ length: sessions }, () => ["shared"]) });
  }
  const subscribed = await stateOf(node);

  const grown = (now: State, then: State) =>
    `${((now.resident - then.resident) / count / KiB).toFixed(1)} KiB resident, of which ${((now.heap - then.heap) / count / KiB).toFixed(1)} KiB heap and buffers`;
  console.log(`machine            ${machine()}`);
  console.log(
    `sessions           ${count.toLocaleString("en")}, connected one process after the other in ${connecting.toFixed(1)} s`,
  );
  console.log(`a connection made  ${connectingCpu.toFixed(2)} ms of the node's CPU`);
  console.log(
    `empty node         ${(empty.resident / KiB / KiB).toFixed(0)} MiB resident, ${empty.load.toFixed(1)} % of a core`,
  );
  console.log(`a session          ${grown(connected, empty)}`);
  console.log(`a subscription     ${grown(subscribed, connected)}`);
  console.log(
    `idle CPU           ${connected.load.toFixed(1)} % of a core; subscribed ${subscribed.load.toFixed(1)} %`,
  );
}

const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
const children: ChildProcess[] = [];
try {
  await run(children, folder);
} finally {
  await stopAll(children);
  rmSync(folder, { recursive: true, force: true });
}
