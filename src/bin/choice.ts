// Which broker a command talks to: a flag before the environment, the environment before the context in use, that before
// the default. A flag, and the environment, may name the server itself or a context; if they do both, the server wins.
import type { Command } from "commander";
import { type Context, findContext, readContexts } from "./contexts.js";
import { type TlsFlags, tlsOf, tlsWords } from "./tls-flags.js";

/** Before the action of each command. */
export function chooseBroker(command: Command): void {
  const takesServer = command.options.some((option) => option.attributeName() === "context");
  if (!takesServer) return;
  const context = chooseServer(command);
  // What a flag says, or the environment, counts instead of what the context does.
  command.setOptionValueWithSource(
    "tls",
    tlsOf({ tls: context?.tls !== undefined, ...context?.tls, ...flagsOf(command) }),
    "choice",
  );
}

function flagsOf(command: Command): TlsFlags {
  const given = command.opts<TlsFlags>();
  const flags: TlsFlags = {};
  if (given.tls === true) flags.tls = true;
  for (const word of tlsWords) if (given[word] !== undefined) flags[word] = given[word];
  return flags;
}

/** The context, if it is one that says where the server is. The file is read only if it has a say. */
function chooseServer(command: Command): Context | undefined {
  const { context } = command.opts<{ context?: string }>();
  const isGiven = (by: string) => command.getOptionValueSource("server") === by;
  const isNamed = (by: string) => command.getOptionValueSource("context") === by;
  if (isGiven("cli") || (isGiven("env") && !isNamed("cli"))) return undefined;
  const contexts = readContexts();
  const name = context ?? contexts.current;
  if (name === undefined) return undefined;
  const chosen = findContext(contexts, name);
  const { server, tokenFile, insecure } = chosen;
  command.setOptionValueWithSource("server", server, "context");
  // A token is for the broker that it came with.
  if (tokenFile !== undefined && command.getOptionValueSource("tokenFile") !== "cli") {
    command.setOptionValueWithSource("tokenFile", tokenFile, "context");
  }
  if (insecure) command.setOptionValueWithSource("insecure", insecure, "context");
  command.setOptionValueWithSource("context", name, command.getOptionValueSource("context") ?? "config");
  return chosen;
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
