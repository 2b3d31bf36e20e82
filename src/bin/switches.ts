// Options that are on or off. Their variables, and their keys in a configuration file, say which; of a flag it is enough
// that it is there.
import { type Command, InvalidArgumentError, type Option } from "commander";
import { Exit, exitCodes } from "./exit.js";

const words: Record<string, boolean> = { true: true, false: false, yes: true, no: false, on: true, off: false };

export function parseSwitch(text: string): boolean {
  const word = { 1: "true", 0: "false" }[text] ?? text.toLowerCase();
  if (Object.hasOwn(words, word)) return words[word]!;
  throw new InvalidArgumentError("Expected true or false.");
}

export const isSwitch = (option: Option): boolean => !option.required && !option.optional;

/** Before the action of each command: commander takes any value of a variable for what the flag says. */
export function readSwitches(command: Command): void {
  for (const option of command.options) {
    const { envVar } = option;
    const key = option.attributeName();
    if (envVar === undefined || !isSwitch(option) || command.getOptionValueSource(key) !== "env") continue;
    const text = process.env[envVar]!;
    try {
      command.setOptionValueWithSource(key, parseSwitch(text), "env");
    } catch {
      throw new Exit(exitCodes.usage, `${envVar} is ${JSON.stringify(text)}: expected true or false`);
    }
  }
}
