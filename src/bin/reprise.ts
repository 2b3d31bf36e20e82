#!/usr/bin/env node
// The command line: one file per command.
import { readFileSync } from "node:fs";
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js";
import { Command } from "commander";
import { benchCommand } from "./bench.js";
import { certCommand } from "./cert.js";
import { channelsCommand } from "./channels.js";
import { chatCommand } from "./chat.js";
import { chooseBroker } from "./choice.js";
import { configCommand } from "./config.js";
import { contextCommand } from "./context.js";
import { disconnectCommand } from "./disconnect.js";
import { doctorCommand } from "./doctor.js";
import { drainCommand } from "./drain.js";
import { exitHelp, report } from "./exit.js";
import { explainCommand } from "./explain.js";
import { historyCommand } from "./history.js";
import { membersCommand } from "./members.js";
import { nodesCommand } from "./nodes.js";
import { pubCommand } from "./pub.js";
import { retentionCommand } from "./retention.js";
import { serveCommand } from "./serve.js";
import { sessionsCommand } from "./sessions.js";
import { subCommand } from "./sub.js";
import { readSwitches } from "./switches.js";
import { tokenCommand } from "./token.js";
import { topCommand } from "./top.js";

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

for (const command of [
  serveCommand(),
  pubCommand(),
  subCommand(),
  chatCommand(),
  channelsCommand(),
  membersCommand(),
  historyCommand(),
  nodesCommand(),
  sessionsCommand(),
  disconnectCommand(),
  retentionCommand(),
  topCommand(),
  explainCommand(),
  drainCommand(),
  benchCommand(),
  contextCommand(),
  configCommand(),
  doctorCommand(),
  certCommand(),
  tokenCommand(),
]) {
  program.addCommand(inherit(command, program));
}

function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent).addHelpText("after", exitHelp);
  for (const subcommand of command.commands) inherit(subcommand, command);
  return command;
}

// What goes wrong is said in our own words; gRPC's are for those who ask for them.
if (process.env.GRPC_VERBOSITY === undefined) setLogVerbosity(logVerbosity.NONE);

// An empty variable is one that is not set.
for (const [name, value] of Object.entries(process.env)) {
  if (name.startsWith("REPRISE_") && value === "") delete process.env[name];
}

try {
  await program.parseAsync();
} catch (thrown) {
  process.exitCode = report(thrown);
}
