// Options that several commands share. The table of a command is a list of these and its own; flags, environment names
// and --help all come from it.
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseCount, parseDuration, parseRate } from "./quantity.js";
import { type ContextTls, tlsFlags } from "./tls-flags.js";

export const defaultServer = "127.0.0.1:50051";

/** What the options of `broker()` come to. */
export interface BrokerChoice {
  server: string[];
  tokenFile?: string;
  /** Undefined: no TLS. */
  tls?: ContextTls | undefined;
  insecure?: boolean;
}

/** Without anything that takes its place when it is missing. */
export const serverFlag = () =>
  new Option(
    "--server <HOST:PORT>",
    "the broker; several nodes separated by commas; or where they are found: etcd://…, dns://NAME:PORT",
  ).argParser(parseServers);

/** The endpoints in a URL of etcd are separated by commas, too. */
const oneServer = /\s*etcds?:\/\/[^/?]*(?:[/?][^,]*)?|[^,]+/g;

function parseServers(text: string): string[] {
  const found = text.match(oneServer) ?? [""];
  const servers = found.map((address) => address.trim());
  if (found.join() === text && servers.every((address) => address !== "")) return servers;
  throw new InvalidArgumentError("Expected HOST:PORT, or several separated by commas.");
}

/** Of a file: what stands in flags is seen by everybody on the machine. */
export const tokenFlag = () =>
  new Option("--token-file <FILE>", "file of the token that the broker knows us by (or the token in REPRISE_TOKEN)");

/** Its name is that of the flag of serve, which allows the same. */
export const insecureFlag = () => new Option("--insecure", "send the token to other machines without TLS, too");

/** Of every command that talks to a broker; choice.ts says which one it is. */
export const broker = () => [
  serverFlag().env("REPRISE_SERVER").default([defaultServer], defaultServer),
  tokenFlag().env("REPRISE_TOKEN_FILE"),
  new Option("--context <NAME>", "the broker of a context, see reprise context").env("REPRISE_CONTEXT"),
  ...[...tlsFlags(), insecureFlag()].map((flag) =>
    flag.env(`REPRISE_${flag.name().replaceAll("-", "_").toUpperCase()}`),
  ),
];

export const json = (what: string) => new Option("--json", `print one JSON object a line: ${what}`);

export const timeout = (what: string) => new Option("--timeout <DURATION>", what).argParser(parseDuration);

export const count = (flags: string, what: string) => new Option(flags, what).argParser(parseCount);

export const rate = (flags: string, what: string) => new Option(flags, what).argParser(parseRate);

export const compress = (what: string) => new Option("--compress", `${what}, for slow lines`).env("REPRISE_COMPRESS");

/** Gives a command its table. */
export function withOptions(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}
