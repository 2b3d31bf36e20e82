// The benchmark: Reprise and its peers under the same loads, on this machine.
//
//   npm run bench                                 everything (hours)
//   npm run bench -- --short --json FILE          what the targets need, in less than 5 minutes
//   npm run bench -- --only fan-out,reprise       scenarios and systems whose names contain one of the words
//
// What is measured, and how: docs/performance.md. Exit code 1: in some case a message was lost, repeated, damaged or out of
// order; targets that are not met are no error.

import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { versions } from "./arena.js";
import { groupBy } from "./group.js";
import { installPeers } from "./peers.js";
import { charts } from "./report/charts.js";
import { markdown, type Name, number, targetTable } from "./report/markdown.js";
import { makeReport } from "./report/report.js";
import { scenarios } from "./scenarios/index.js";
import type { Case, Form, Row, Scenario } from "./scenarios/scenario.js";
import { Fault } from "./subscribers.js";
import { NotOffered } from "./system.js";
import { systemNamed, systemNames } from "./systems/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    json: { type: "string" },
    /** A folder for the Markdown table and the charts. */
    out: { type: "string" },
    /** A folder for CPU profiles of the Reprise broker. */
    profile: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
  },
});

if (values.profile !== undefined) process.env.REPRISE_BENCH_PROFILE = resolve(values.profile);

const form: Form = {
  short: values.short,
  warmSeconds: values.short ? 1.5 : 2,
  seconds: Number(values.seconds ?? (values.short ? 3 : 8)),
};
const rounds = Number(values.rounds ?? (values.short ? 1 : 3));
const words = [...values.only, ...positionals].flatMap((word) => word.split(","));

/** Words name scenarios, or systems, or both; several of a kind are alternatives. */
function chosen(names: readonly string[]): (name: string) => boolean {
  const fitting = words.filter((word) => names.some((name) => name.includes(word)));
  return (name) => fitting.length === 0 || fitting.some((word) => name.includes(word));
}

async function measure(scenario: Scenario, { system, parameters, run }: Case): Promise<Row | undefined> {
  const row = { scenario: scenario.name, system, parameters };
  const shown = Object.entries(parameters).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`${scenario.name}  ${system}  ${shown.join(", ")}: `);
  try {
    const figures = await run();
    console.log(
      Object.entries(figures)
        .map(([name, value]) => `${name} ${number(value)}`)
        .join(", "),
    );
    return { ...row, figures };
  } catch (error) {
    if (error instanceof NotOffered) {
      console.log(`not offered: ${error.message.split("\n")[0]}`);
      return undefined;
    }
    const fault = error instanceof Fault ? error.message : String(error instanceof Error ? error.stack : error);
    console.log(`FAIL: ${fault}`);
    process.exitCode = 1;
    return { ...row, figures: {}, fault: fault.split("\n")[0]! };
  }
}

async function run(): Promise<void> {
  const unknown = words.filter(
    (word) => ![...scenarios.map(({ name }) => name), ...systemNames].some((name) => name.includes(word)),
  );
  if (unknown.length > 0) throw new Error(`neither a scenario nor a system has a name with ${unknown.join(", ")}`);
  const begun = new Date();
  const rows: Row[] = [];
  const systems = chosen(systemNames);
  const measured = scenarios.filter(({ name }) => chosen(scenarios.map(({ name }) => name))(name));
  for (const scenario of measured) {
    const groups = groupBy(
      scenario.cases(form).filter(({ system }) => systems(system)),
      ({ parameters }) => JSON.stringify(parameters),
    );
    for (const cases of groups.values()) {
      for (let round = 0; round < rounds; round++) {
        // Who is first has the machine as the others left it: turn and turn about.
        for (const one of round % 2 === 0 ? cases : cases.toReversed()) {
          const row = await measure(scenario, one);
          if (row !== undefined) rows.push(row);
        }
      }
    }
  }
  const kind = words.length > 0 ? "part" : values.short ? "short" : "full";
  const report = makeReport(rows, versions, kind, begun);
  const names = new Map<string, Name>();
  for (const name of systemNames) names.set(name, await systemNamed(name));
  const shown = report.targets.filter(({ measured }) => kind !== "part" || measured !== null);
  console.log(`\n${targetTable(shown)}`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 1)}\n`);
  if (values.out !== undefined) {
    mkdirSync(values.out, { recursive: true });
    writeFileSync(join(values.out, "benchmark.md"), markdown(report, scenarios, names));
    for (const [file, svg] of charts(report.rows, names)) writeFileSync(join(values.out, file), svg);
  }
}

// The folders of the servers go when the process exits.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
installPeers();
await run();
