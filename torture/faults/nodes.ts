// What happens to the process of a node.
import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { revive } from "../revive.js";
import { type Deed, nobody } from "./deed.js";

export async function frozen(pid: number, ms: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await delay(ms);
  process.kill(pid, "SIGCONT");
}

/** Fewer than it has open. */
const fewFiles = 10;

/** Sets the soft limit alone: what the process may have is not lost. False where there is no `prlimit`. */
const limitFiles = (pid: number, files: string): boolean =>
  spawnSync("prlimit", ["--pid", String(pid), `--nofile=${files}:`]).status === 0;

const filesAllowed = (pid: number): string => {
  const options = ["--pid", String(pid), "--nofile", "--noheadings", "--raw", "--output", "SOFT"];
  return spawnSync("prlimit", options, { encoding: "utf8" }).stdout?.trim();
};

const hourMs = 3_600_000;

export const nodeDeeds = {
  async "node killed"({ node, lasts }) {
    await node.broker.kill();
    await delay(lasts);
    await revive(node.broker);
    return node.name;
  },
  async "node frozen"({ node, lasts }) {
    await frozen(node.broker.pid, lasts);
    return node.name;
  },
  async "node restarted"({ node }) {
    await node.broker.stop();
    await revive(node.broker);
    return node.name;
  },
  async "nodes replaced"({ nodes }) {
    const mortals = nodes.filter(({ mortal, broker }) => mortal && broker.isUp);
    for (const { broker } of mortals) {
      await broker.stop();
      await revive(broker);
    }
    return mortals.map(({ name }) => name).join(", ");
  },
  // Its clients are cut off as well: otherwise it would need no new files.
  async "node out of files"({ node, lasts }) {
    const { pid } = node.broker;
    const before = filesAllowed(pid);
    if (!limitFiles(pid, String(fewFiles))) return nobody;
    node.proxy.cut();
    await delay(lasts);
    limitFiles(pid, before);
    return node.name;
  },
  // Up to six hours, forwards or back; what is kept by age is kept for days.
  async "node clock moved"({ node, lasts, lot }) {
    await node.broker.moveClock(Math.round((lot - 0.5) * 12 * hourMs));
    await delay(lasts);
    await node.broker.moveClock(0);
    return node.name;
  },
} satisfies Record<string, Deed>;
