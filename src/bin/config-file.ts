// The configuration file of `reprise serve`: a YAML map. Its keys are the flags without the dashes, and their values are
// read by what reads the flags; besides them there is `channels` (channel-settings.ts).
import { readFileSync } from "node:fs";
import { Option } from "commander";
import { type ChannelSettings, readChannels } from "./channel-settings.js";
import { type Checks, sayBad } from "./checks.js";
import { Exit, exitCodes } from "./exit.js";
import { unknownKey } from "./nearest.js";
import { isSwitch, parseSwitch } from "./switches.js";
import { type Entry, readYaml, type Tree, type Wrong } from "./yaml-tree.js";

export interface ConfigFile {
  path: string;
  /** By the names under which commander keeps options. */
  values: ReadonlyMap<string, unknown>;
  channels: readonly ChannelSettings[];
}

export const configOption = () =>
  new Option("--config <FILE>", "configuration in YAML, with these flags as keys, see reprise config doc").env(
    "REPRISE_CONFIG",
  );

/** Its key in a file, which is also the flag without the dashes. `--no-balance` turns `balance` off. */
export const keyOf = (option: Option): string => (option.negate ? option.name().replace(/^no-/, "") : option.name());

export const variableOf = (option: Option): string => `REPRISE_${keyOf(option).replaceAll("-", "_").toUpperCase()}`;

export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    throw new Exit(exitCodes.usage, `cannot read the configuration: ${(thrown as Error).message}`);
  }
}

/**
 * @param table the options that it may set
 * @throws Exit with all that is wrong, a line each
 */
export function readConfig(path: string, text: string, table: readonly Option[], checks: Checks): ConfigFile {
  const problems: { line: number; what: string }[] = [];
  const wrong: Wrong = (line, what) => problems.push({ line, what });
  const file = readRoot(readYaml(text, wrong), table, checks, wrong);
  if (problems.length === 0) return { path, ...file };
  problems.sort((a, b) => a.line - b.line);
  throw new Exit(exitCodes.usage, problems.map(({ line, what }) => `${path}:${line}: ${what}`).join("\n"));
}

function readRoot(root: Tree, table: readonly Option[], checks: Checks, wrong: Wrong): Omit<ConfigFile, "path"> {
  const values = new Map<string, unknown>();
  let channels: readonly ChannelSettings[] = [];
  if (root.kind !== "map") {
    wrong(root.line, "expected KEY: VALUE in each line, for example listen: 127.0.0.1:50051");
    return { values, channels };
  }
  for (const entry of root.entries) {
    const option = table.find((one) => keyOf(one) === entry.key);
    if (entry.key === "channels") channels = readChannels(entry.value, checks, wrong);
    else if (option === undefined) wrong(entry.line, unknownKey(entry.key, ["channels", ...table.map(keyOf)]));
    else values.set(option.attributeName(), readEntry(entry, option, checks, wrong));
  }
  return { values, channels };
}

/** Undefined: it cannot be used. */
function readEntry({ key, value }: Entry, option: Option, checks: Checks, wrong: Wrong): unknown {
  // What may be given more than once.
  const isList = Array.isArray(option.defaultValue);
  let read: unknown = isList ? [] : undefined;
  for (const item of value.kind === "list" && isList ? value.items : [value]) {
    try {
      read = readItem(item, option, read);
      for (const one of [read].flat()) checks[key]?.(String(one));
    } catch (thrown) {
      wrong(item.line, `${key}: ${sayBad(item, thrown)}`);
      return undefined;
    }
  }
  return read;
}

/** @param before what was read of the items before it, where there may be several */
function readItem(item: Tree, option: Option, before: unknown): unknown {
  if (item.kind !== "text") throw new Error(before === undefined ? "expected one value" : "expected texts");
  if (item.text === "") throw new Error("there is no value; leave the line out for the default");
  return isSwitch(option) ? parseSwitch(item.text) : (option.parseArg?.(item.text, before) ?? item.text);
}
