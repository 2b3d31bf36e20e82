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

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");

const parametersOf = ({ parameters }: Row): string =>
  Object.entries(parameters)
    .map(([name, value]) => (name === "size" ? `${value} B` : `${value.toLocaleString("en")} ${name}`))
    .join(", ");

export function targetTable(targets: readonly Target[]): string {
  return table(
    ["what, against which", "target", "measured", ""],
    targets.map(({ name, target, measured, met }) => [
      name,
      target,
      measured === null ? "no figure" : number(measured),
      met ? "met" : measured === null ? "" : "**not met**",
    ]),
  );
}

function scenarioTables(scenario: Scenario, rows: readonly Row[], names: ReadonlyMap<string, Name>): string {
  const columns = Object.entries(scenario.columns);
  const groups = groupBy(rows, parametersOf);
  const tables = [...groups].map(([parameters, rows]) => {
    const lines = rows.map(({ system, figures, fault }) => {
      const { title, durability } = names.get(system)!;
      const cells = columns.map(([name]) => (fault === undefined ? number(figures[name]!) : ""));
      if (fault !== undefined) cells[0] = `FAIL: ${fault}`;
      return [title, durability, ...cells];
    });
    return `${parameters}\n\n${table(["", "an acknowledgement means", ...columns.map(([, head]) => head)], lines)}`;
  });
  return `## ${scenario.name}\n\n${scenario.title}\n\n${tables.join("\n\n")}`;
}

export function markdown(report: Report, scenarios: readonly Scenario[], names: ReadonlyMap<string, Name>): string {
  const parts = scenarios
    .map((scenario) => ({ scenario, rows: report.rows.filter((row) => row.scenario === scenario.name) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ scenario, rows }) => scenarioTables(scenario, rows, names));
  const { machine, versions, commit, form, begun, seconds } = report;
  const head = [
    `# Benchmark, ${form} form`,
    `${begun.slice(0, 10)}, commit ${commit}, ${Math.round(seconds / 60)} min. ${machine}. ${versions.join(", ")}.`,
    "## Targets",
    targetTable(report.targets),
  ];
  return `${[...head, ...parts].join("\n\n")}\n`;
}
