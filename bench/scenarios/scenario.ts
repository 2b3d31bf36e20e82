// What a scenario is to the benchmark: cases, each of which measures one system once.
import type { SystemName } from "../systems/index.js";

export interface Form {
  /** The form that is done in minutes. */
  short: boolean;
  /** Of warm-up and measurement. */
  warmSeconds: number;
  seconds: number;
}

export type Parameters = Readonly<Record<string, number>>;

/** By name. What they mean stands in `columns`. */
export type Figures = Readonly<Record<string, number>>;

export interface Case {
  system: SystemName;
  parameters: Parameters;
  /** Throws Fault if the figures would be worth nothing. */
  run(): Promise<Figures>;
}

export interface Scenario {
  name: string;
  /** What is done, in a sentence. */
  title: string;
  /** The figures with their units, as heads of a table. */
  columns: Readonly<Record<string, string>>;
  cases(form: Form): Case[];
}

export interface Row {
  scenario: string;
  system: SystemName;
  parameters: Parameters;
  figures: Figures;
  /** Why there are no figures. */
  fault?: string;
}

/** Every system with every combination. */
export const combine = (
  systems: readonly SystemName[],
  combinations: readonly Parameters[],
  run: (system: SystemName, parameters: Parameters) => Promise<Figures>,
): Case[] =>
  combinations.flatMap((parameters) =>
    systems.map((system) => ({ system, parameters, run: () => run(system, parameters) })),
  );
