// What a node is set to, and who said so: a flag before the environment, the environment before the configuration file,
// that before the default.
import type { Command, Option } from "commander";
import { type ConfigFile, keyOf, variableOf } from "./config-file.js";

export interface Setting {
  option: Option;
  key: string;
  /** Undefined: it is not set, and there is no default that could be printed. */
  value: unknown;
  from: "flag" | "variable" | "file" | "default";
}

/** @param options those of the command that a file may set, too */
export const settingsOf = (
  command: Command,
  options: readonly Option[],
  file: Pick<ConfigFile, "values"> | undefined,
): Setting[] => options.map((option) => settingOf(command, option, file));

function settingOf(command: Command, option: Option, file: Pick<ConfigFile, "values"> | undefined): Setting {
  const name = option.attributeName();
  const key = keyOf(option);
  const value: unknown = command.getOptionValue(name);
  const source = command.getOptionValueSource(name);
  if (source === "cli") return { option, key, value, from: "flag" };
  if (source === "env") return { option, key, value, from: "variable" };
  if (file?.values.has(name)) return { option, key, value: file.values.get(name), from: "file" };
  return { option, key, value, from: "default" };
}

/** As commander gives them to a command. */
export const givenBy = <Given extends object>(settings: readonly Setting[]): Given =>
  Object.fromEntries(
    settings.filter(({ value }) => value !== undefined).map(({ option, value }) => [option.attributeName(), value]),
  ) as Given;

/** For people. */
export function originOf({ option, key, from }: Setting, path: string | undefined): string {
  if (from === "flag") return `--${option.name()}`;
  if (from === "variable") return option.envVar ?? variableOf(option);
  return from === "file" ? `${path}: ${key}` : "default";
}

/** What a file says now has no effect on a running node, except for these. */
const reloaded: readonly string[] = ["retain", "limit", "log-level"];

/** Keys whose change takes a restart. */
export const restartsFor = (before: readonly Setting[], after: readonly Setting[]): string[] =>
  after
    .filter(
      ({ key, value }, i) => !reloaded.includes(key) && JSON.stringify(value) !== JSON.stringify(before[i]!.value),
    )
    .map(({ key }) => key);

/** Whether SIGHUP makes a running node take it over. */
export const isReloaded = (key: string): boolean => reloaded.includes(key);

/**
 * A value without passwords: those in URLs, `…://user:password@…`, and in their parameters. Rather too much is hidden than
 * too little.
 */
export const masked = (text: string): string =>
  text
    .replace(/(:\/\/[^:@/?#]*:).*@/, "$1***@")
    .replace(/([?&][^=&]*(?:password|secret|token)[^=&]*=)[^&]*/gi, "$1***");
