// Whether players have begun: on a busy machine a process takes long to do its first thing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../test/scope.js";
import type { Player } from "./cast.js";

const mostMs = 180_000;

/** Resolves when each publisher has been acknowledged something, and each subscriber has a subscription. */
export function begun(folder: string, players: readonly Player[]): Promise<void> {
  // Each is read until it has begun and then no more: after half an hour a log is long, and the nodes' way to their store
  // leads through this process.
  const missing = new Set(players);
  const looked = () => {
    for (const player of missing) if (hasBegun(join(folder, `${player.who}.jsonl`))) missing.delete(player);
    return missing.size === 0;
  };
  return until(looked, "all players begin", mostMs);
}

function hasBegun(path: string): boolean {
  try {
    return /"kind":"(ack|start)"/.test(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return false;
  }
}
