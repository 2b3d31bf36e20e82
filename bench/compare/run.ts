// One run of one system: the load, the faults of a schedule, and the history that comes of it.
import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { asked, program, told } from "../child.js";
import type { FaultLine, History, PublisherLine, SubscriberLine } from "./history.js";
import { type Path, startPath } from "./path.js";
import { calmMs, type Fault } from "./schedule.js";
import type { Node } from "./system.js";
import { systemNamed } from "./systems/index.js";

export interface Load {
  subscribers: number;
  /** Messages a second. */
  rate: number;
  /** Bytes. */
  size: number;
  seconds: number;
}

/** So long after the last message somebody may still be behind. */
const patienceMs = 60_000;

/** What runs, to be undone in the opposite order. */
type Undo = (() => Promise<unknown>)[];

/** Nodes that are up take the connections in turn. */
interface Site {
  nodes: readonly Node[];
  up: Set<number>;
  turn: number;
}

export async function run(
  name: string,
  folder: string,
  load: Load,
  schedule: readonly Fault[],
  say: (line: string) => void,
): Promise<{ version: string; history: History }> {
  const undo: Undo = [];
  try {
    const servers = await (await systemNamed(name)).start(folder);
    undo.push(() => servers.stop());
    const site: Site = { nodes: servers.nodes, up: new Set(servers.nodes.keys()), turn: 0 };
    const follow = async () => join(undo, site, "compare/subscriber.ts", name);
    const subscribers = await Promise.all(Array.from({ length: load.subscribers }, follow));
    const { rate, size, seconds } = load;
    const publisher = await join(undo, site, "compare/publisher.ts", name, `${rate}`, `${size}`, `${seconds}`);
    const publishing = asked<{ lines: PublisherLine[] }>(publisher.child, { go: true });
    const paths = subscribers.map(({ path }) => path);
    const faults: FaultLine[] = [];
    const begun = performance.now();
    for (const fault of schedule) {
      await delay(fault.after);
      // Servers that took long to start again have used up the time.
      if (performance.now() - begun + fault.lasts > seconds * 1_000 - calmMs) break;
      const line = await commit(fault, site, paths);
      say(`  ${line.kind}, ${line.until - line.since} ms, ${line.hit.length} subscribers`);
      faults.push(line);
    }
    const { lines } = await publishing;
    const children = subscribers.map(({ child }) => child);
    await settle(children, lines);
    const histories = await Promise.all(
      children.map(async (child) => (await asked<{ lines: SubscriberLine[] }>(child, { lines: true })).lines),
    );
    return { version: servers.version, history: { publisher: lines, subscribers: histories, faults } };
  } finally {
    for (const stop of undo.reverse()) await stop();
  }
}

/** A client process on a path of its own, ready. */
async function join(
  undo: Undo,
  site: Site,
  file: string,
  name: string,
  ...args: string[]
): Promise<{ path: Path; child: ChildProcess }> {
  const path = await startPath(() => nextOf(site));
  undo.push(() => path.close());
  const child = program(file, name, path.address, ...args);
  undo.push(() => ended(child));
  await told(child);
  return { path, child };
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await gone;
}

function nextOf(site: Site) {
  const up = [...site.up].sort();
  const index = up[site.turn++ % up.length];
  return index === undefined ? undefined : { index, port: site.nodes[index]!.port };
}

/** Does it and undoes it. */
async function commit(fault: Fault, site: Site, paths: readonly Path[]): Promise<FaultLine> {
  const chosen = fault.subscribers.map((index) => paths[index]!);
  let hit = fault.subscribers;
  const since = Date.now();
  if (fault.kind === "cut") for (const path of chosen) path.cut();
  if (fault.kind === "black hole") {
    for (const path of chosen) path.block();
    await delay(fault.lasts);
    for (const path of chosen) path.unblock();
  }
  if (fault.kind === "node killed") {
    const index = fault.node % site.nodes.length;
    hit = [...paths.keys()].filter((one) => paths[one]!.node === index);
    site.up.delete(index);
    await site.nodes[index]!.kill();
    await delay(fault.lasts);
    await site.nodes[index]!.start();
    site.up.add(index);
  }
  return { kind: fault.kind, since, until: Date.now(), hit };
}

/** Waits until all subscribers have seen the last message that was acknowledged. */
async function settle(children: readonly ChildProcess[], lines: readonly PublisherLine[]): Promise<void> {
  const last = lines.reduce((most, line) => (line.kind === "acked" ? Math.max(most, line.to) : most), 0);
  const late = performance.now() + patienceMs;
  const behind = async () => {
    const seen = await Promise.all(children.map((child) => asked<{ highest: number }>(child, { seen: true })));
    return seen.some(({ highest }) => highest < last);
  };
  while ((await behind()) && performance.now() < late) await delay(100);
}
