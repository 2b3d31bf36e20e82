// Whether players have begun: on a busy machine a process takes long to do its first thing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../test/scope.js";
import type { Player } from "./cast.js";

const mostMs = 180_000;

/** Resolves when each publisher has been acknowledged something, and each subscriber has a subscription. */
export const begun = (folder: string, players: readonly Player[]): Promise<void> =>
  until(() => players.every(({ who }) => hasBegun(join(folder, `${who}.jsonl`))), "all players begin", mostMs);

function hasBegun(path: string): boolean {
  try {
    return /"kind":"(ack|start)"/.test(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return false;
  }
}
