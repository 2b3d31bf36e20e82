// A report as tables for people.
import { groupBy } from "../group.js";
import type { Row, Scenario } from "../scenarios/scenario.js";
import type { Target } from "../targets.js";
import type { Report } from "./report.js";

export interface Name {
  title: string;
  durability: string;
}

export function number(value: number): string {
  if (Number.isNaN(value)) return "";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");

export const targetTable = (targets: readonly Target[]): string =>
  table(
    ["what, against which", "target", "measured", ""],
    targets.map(({ name, target, measured, met }) => [
      name,
      target,
      measured === null ? "no figure" : number(measured),
      met ? "met" : measured === null ? "" : "**not met**",
    ]),
  );

function scenarioTable(
  { name, title, columns }: Scenario,
  rows: readonly Row[],
  names: ReadonlyMap<string, Name>,
): string {
  const parameters = Object.keys(rows[0]!.parameters);
  const heads = [...parameters.map((name) => (name === "size" ? "B a message" : name)), "", ...Object.values(columns)];
  const lines = rows.map((row) => [
    ...parameters.map((name) => row.parameters[name]!.toLocaleString("en")),
    names.get(row.system)!.title,
    ...(row.fault === undefined
      ? Object.keys(columns).map((column) => number(row.figures[column]!))
      : [
          `FAIL: ${row.fault}`,
          ...Object.keys(columns)
            .slice(1)
            .map(() => ""),
        ]),
  ]);
  return `## ${name}\n\n${title}\n\n${table(heads, lines)}`;
}

const systemTable = (rows: readonly Row[], names: ReadonlyMap<string, Name>): string =>
  table(
    ["", "an acknowledged message is"],
    [...groupBy(rows, ({ system }) => system).keys()].map((system) => {
      const { title, durability } = names.get(system)!;
      return [title, durability];
    }),
  );

export function markdown(report: Report, scenarios: readonly Scenario[], names: ReadonlyMap<string, Name>): string {
  const { machine, versions, commit, form, begun, seconds, rows, targets } = report;
  const head = [
    `# Benchmark, ${form} form`,
    `${begun.slice(0, 10)}, commit ${commit}, ${Math.round(seconds / 60)} min. ${machine}. ${versions.join(", ")}.`,
    "## Targets",
    targetTable(targets),
    "## Systems",
    systemTable(rows, names),
  ];
  const tables = scenarios
    .map((scenario) => ({ scenario, rows: rows.filter((row) => row.scenario === scenario.name) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ scenario, rows }) => scenarioTable(scenario, rows, names));
  return `${[...head, ...tables].join("\n\n")}\n`;
}
