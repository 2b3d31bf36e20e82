// reprise nodes: which nodes there are.
import { Command } from "commander";
import type { NodeEntry } from "../client/index.js";
import { dial } from "./dial.js";
import { type BrokerChoice, broker, json, withOptions } from "./options.js";
import { print } from "./output.js";

interface NodesOptions extends BrokerChoice {
  json?: boolean;
}

const options = [...broker(), json("node, address, zone, version, state, sessions, started, warnings")];

export const nodesCommand = (): Command =>
  withOptions(new Command("nodes"), options)
    .summary("list the nodes")
    .description("Lists the live nodes that share a store, with their load, and what they warn of.")
    .action(nodes);

async function nodes(given: NodesOptions): Promise<void> {
  const bus = await dial(given);
  try {
    const entries = await bus.nodes();
    for (const line of given.json ? entries.map(toJson) : toTable(entries)) await print(line);
  } finally {
    await bus.close();
  }
}

const toJson = ({ startedAtMs, warnings, ...rest }: NodeEntry): string =>
  JSON.stringify({ ...rest, started: new Date(startedAtMs).toISOString(), warnings });

function toTable(entries: readonly NodeEntry[]): string[] {
  const now = Date.now();
  const rows = [
    ["NODE", "ADDRESS", "ZONE", "VERSION", "STATE", "SESSIONS", "UPTIME"],
    ...entries.map(({ node, address, zone, version, state, sessions, startedAtMs }) =>
      [node, address, zone, version, state, String(sessions), uptime(now - startedAtMs)].map((cell) => cell || "-"),
    ),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  const warnings = entries.flatMap(({ node, warnings }) => warnings.map((warning) => `warning: ${node}: ${warning}`));
  return [...lines, ...warnings];
}

const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
] as const;

/** In the largest unit that fits, and what remains in the next. The clock of the node may be ahead of ours. */
function uptime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const largest = units.findIndex(([, size]) => seconds >= size);
  if (largest === -1) return "0s";
  const [unit, size] = units[largest]!;
  const next = units[largest + 1];
  const rest = next === undefined ? "" : ` ${Math.floor((seconds % size) / next[1])}${next[0]}`;
  return `${Math.floor(seconds / size)}${unit}${rest}`;
}
