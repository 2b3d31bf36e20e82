// A run as it is kept: every figure, what it was measured on, and how far the targets were met.

import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import { resolve } from "node:path";
import { groupBy } from "../group.js";
import type { Row } from "../scenarios/scenario.js";
import { judge, type Target } from "../targets.js";

export interface Report {
  machine: string;
  versions: string[];
  /** With `+` if there was more than the commit. */
  commit: string;
  form: "short" | "full" | "part";
  /** ISO. */
  begun: string;
  seconds: number;
  rows: Row[];
  targets: Target[];
}

export function makeReport(
  rows: readonly Row[],
  versions: Iterable<string>,
  form: Report["form"],
  begun: Date,
): Report {
  const merged = medians(rows);
  return {
    machine: machine(),
    versions: [`Node ${process.version.slice(1)}`, ...new Set(versions)].filter((version) => version !== ""),
    commit: commit(),
    form,
    begun: begun.toISOString(),
    seconds: Math.round((Date.now() - begun.getTime()) / 1000),
    rows: merged,
    targets: judge(merged),
  };
}

export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]!.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`;

export function commit(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: resolve(import.meta.dirname, "../.."), encoding: "utf8" }).trim();
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+");
  } catch {
    return "unknown";
  }
}

/** One row for each case: the median of its rounds, or the fault of the round that had one. */
function medians(rows: readonly Row[]): Row[] {
  const groups = groupBy(rows, ({ scenario, system, parameters }) => JSON.stringify([scenario, system, parameters]));
  return [...groups.values()].map((rounds) => {
    const failed = rounds.find(({ fault }) => fault !== undefined);
    if (failed !== undefined) return failed;
    const names = Object.keys(rounds[0]!.figures);
    const figures = Object.fromEntries(names.map((name) => [name, median(rounds.map((row) => row.figures[name]!))]));
    return { ...rounds[0]!, figures };
  });
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
