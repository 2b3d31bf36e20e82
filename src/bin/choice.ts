// Which broker a command talks to: a flag before the environment, the environment before the context in use, that before
// the default. A flag, and the environment, may name the server itself or a context; if they do both, the server wins.
import type { Command } from "commander";
import { findContext, readContexts } from "./contexts.js";

/** Before the action of each command. The file is read only if it has a say. */
export function chooseServer(command: Command): void {
  const { context } = command.opts<{ context?: string }>();
  const isGiven = (by: string) => command.getOptionValueSource("server") === by;
  const isNamed = (by: string) => command.getOptionValueSource("context") === by;
  const takesServer = command.options.some((option) => option.attributeName() === "server");
  if (!takesServer || isGiven("cli") || (isGiven("env") && !isNamed("cli"))) return;
  const contexts = readContexts();
  const name = context ?? contexts.current;
  if (name === undefined) return;
  const { server, tokenFile } = findContext(contexts, name);
  command.setOptionValueWithSource("server", server, "context");
  // A token is for the broker that it came with.
  if (tokenFile !== undefined && command.getOptionValueSource("tokenFile") !== "cli") {
    command.setOptionValueWithSource("tokenFile", tokenFile, "context");
  }
  command.setOptionValueWithSource("context", name, command.getOptionValueSource("context") ?? "config");
}

/** Where the server came from, for people. */
export function originOf(command: Command): string {
  const { context } = command.opts<{ context?: string }>();
  const namedBy: Record<string, string> = { cli: "--context", env: "REPRISE_CONTEXT", config: "reprise context use" };
  switch (command.getOptionValueSource("server")) {
    case "cli":
      return "--server";
    case "env":
      return "REPRISE_SERVER";
    case "context":
      return `context ${context}, named by ${namedBy[command.getOptionValueSource("context") ?? ""]}`;
    default:
      return "the default";
  }
}
