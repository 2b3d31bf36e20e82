// What is wrong with how options were given: variables of the environment that look like options of ours, passwords on the
// command line. The environment holds much that is not for us (Kubernetes sets REPRISE_PORT for a service of that name),
// so what we do not know is no error; a slip of the pen is said.
import type { Command } from "commander";
import type { Log } from "../log/log.js";
import { nearest } from "./nearest.js";

const prefix = "REPRISE_";

/** The token has no flag. */
const without = ["REPRISE_TOKEN"];

export function warnOfVariables(command: Command, log: Log): void {
  const known = [...without, ...variablesOf(command)];
  const words = known.map((name) => name.slice(prefix.length));
  for (const name of Object.keys(process.env)) {
    if (!name.startsWith(prefix) || known.includes(name)) continue;
    const meant = nearest(name.slice(prefix.length), words);
    if (meant !== undefined) log.warn({}, `${name} means nothing; is ${prefix}${meant} meant?`);
  }
}

/** Of a command, and of those that it has. */
export const variablesOf = (command: Command): string[] => [
  ...command.options.flatMap(({ envVar }) => envVar ?? []),
  ...command.commands.flatMap(variablesOf),
];

/** Options that may hold a password, in a URL. */
const urls = ["buffer", "registry"];

/** A command line can be read by every user of the machine, the environment of a process by its own only. */
export function warnOfPasswords(command: Command, log: Log): void {
  for (const name of urls) {
    if (command.getOptionValueSource(name) !== "cli") continue;
    if (!/:\/\/[^/@]*:[^/@]+@/.test(String(command.getOptionValue(name)))) continue;
    const variable = `${prefix}${name.toUpperCase()}`;
    log.warn({}, `--${name} has a password, which other users of this machine can see: put it into ${variable}`);
  }
}
