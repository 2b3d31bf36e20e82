// Options that several commands share. The table of a command is a list of these and its own; flags, environment names
// and --help all come from it.
import { type Command, Option } from "commander";
import { fromHelp, parseFrom } from "./from.js";
import { parseCount, parseDuration } from "./quantity.js";

export const defaultServer = "127.0.0.1:50051";

export const server = () =>
  new Option("--server <HOST:PORT>", "the broker; several nodes separated by commas")
    .env("REPRISE_SERVER")
    .default([defaultServer], defaultServer)
    .argParser((text) => text.split(",").map((address) => address.trim()));

export const json = (what: string) => new Option("--json", `print one JSON object a line: ${what}`);

export const from = () => new Option("--from <START>", `where to start: ${fromHelp}`).argParser(parseFrom);

export const timeout = (what: string) => new Option("--timeout <DURATION>", what).argParser(parseDuration);

export const count = (flags: string, what: string) => new Option(flags, what).argParser(parseCount);

/** Gives a command its table. */
export function withOptions(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}
