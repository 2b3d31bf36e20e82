#!/usr/bin/env node
// The command line: one file per command.
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { chooseBroker } from "./choice.js";
import { allCommands, commands } from "./commands.js";
import { exitHelp, report } from "./exit.js";
import { readSwitches } from "./switches.js";

// What goes wrong is said in our own words; gRPC's, which looks at this when it is loaded, are for those who ask for them.
process.env.GRPC_VERBOSITY ??= "NONE";

// An empty variable is one that is not set.
for (const [name, value] of Object.entries(process.env)) {
  if (name.startsWith("REPRISE_") && value === "") delete process.env[name];
}

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const program = new Command("reprise")
  .description("A broadcast message broker: every peer of a channel receives every message, in one order.")
  .version(version)
  .exitOverride()
  // What stands behind a subcommand is the subcommand's, also where the command takes the same.
  .enablePositionalOptions()
  .showHelpAfterError("(--help shows what is allowed)")
  .hook("preAction", (_, command) => {
    readSwitches(command);
    chooseBroker(command);
  })
  .addHelpText("after", exitHelp);

// A command waits for its own code only. Whoever asks for help, or mistypes a command, is shown all of them.
const [first = ""] = process.argv.slice(2);
const asked = Object.hasOwn(commands, first) ? [await commands[first]!()] : await allCommands();
for (const command of asked) program.addCommand(inherit(command, program));

function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent).addHelpText("after", exitHelp);
  for (const subcommand of command.commands) inherit(subcommand, command);
  return command;
}

try {
  await program.parseAsync();
} catch (thrown) {
  process.exitCode = await report(thrown);
}
