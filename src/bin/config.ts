// reprise config: what a broker would be set to, and whether it would begin with it.
import { Argument, Command } from "commander";
import { stringify } from "yaml";
import type { ChannelPermission } from "./channel-permissions.js";
import type { ChannelSettings } from "./channel-settings.js";
import { configurationPage, defaultOf } from "./config-page.js";
import { type Configured, configText, configuredBy } from "./configured.js";
import { Exit, exitCodes } from "./exit.js";
import { withOptions } from "./options.js";
import { print } from "./output.js";
import { parseDuration, parseSize, writeDuration, writeSize } from "./quantity.js";
import { type ServeOptions, serveOptions } from "./serve.js";
import { checkServe } from "./serve-check.js";
import { masked, originOf, type Setting } from "./settings.js";

export function configCommand(): Command {
  const command = new Command("config").summary("check and show how a broker is configured");
  command.description("The configuration of reprise serve: its flags, the environment, a file.");
  for (const subcommand of [checkCommand(), printCommand(), docCommand()]) command.addCommand(subcommand);
  return command;
}

const file = () => new Argument("[FILE]", "the configuration file (default: that of --config or REPRISE_CONFIG)");

const checkCommand = (): Command =>
  withOptions(new Command("check"), serveOptions)
    .summary("check a configuration file")
    .description(
      "Says whether reprise serve would begin with this file, here and with this environment; exit code 2 if not. It opens " +
        "and connects nothing.",
    )
    .addArgument(file())
    .action(async (path: string | undefined, _: ServeOptions, command: Command) => {
      const found = await read(path, command);
      if (found.file === undefined) throw new Exit(exitCodes.usage, "which file? reprise config check FILE");
      await checkServe(found);
      await print(`${found.file.path}: all right`);
    });

const printCommand = (): Command =>
  withOptions(new Command("print"), serveOptions)
    .summary("print the configuration and where each value comes from")
    .description(
      "Prints what reprise serve would be set to, given the same, as a configuration file without passwords.",
    )
    .addArgument(file())
    .action(async (path: string | undefined, _: ServeOptions, command: Command) => {
      const found = await read(path, command);
      for (const setting of found.settings) await print(lineOf(setting, found.file?.path));
      const channels = found.file?.channels ?? [];
      if (channels.length > 0) await print("channels:");
      for (const channel of channels) await print(channelText(channel, found.file!.path));
    });

const docCommand = (): Command =>
  new Command("doc")
    .summary("print the page about all of it")
    .description("Prints docs/configuration.md.")
    .action(async () => {
      await print(configurationPage(serveOptions).trimEnd());
    });

async function read(path: string | undefined, command: Command): Promise<Configured> {
  if (path !== undefined) command.setOptionValueWithSource("config", path, "cli");
  return configuredBy(command, configText(command));
}

/** Where comments begin. */
const column = 48;

function lineOf(setting: Setting, path: string | undefined): string {
  const { option, key, value, from } = setting;
  const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
  if (isEmpty) return `# ${key}: ${from === "default" ? defaultOf(option) || "not set" : "empty"}`;
  return `${`${key}: ${yaml(textOf(setting))}`.padEnd(column - 1)} # ${originOf(setting, path)}`;
}

/** As one writes it into a file. */
function textOf({ option, value }: Setting): unknown {
  if (option.parseArg === parseDuration) return writeDuration(value as number);
  if (option.parseArg === parseSize) return writeSize(value as number);
  return typeof value === "string" ? masked(value) : value;
}

/** All scalars are texts, as they are read: `1.2` needs no quotes. */
const yaml = (value: unknown): string =>
  Array.isArray(value)
    ? JSON.stringify(value)
    : stringify(String(value), { schema: "failsafe", lineWidth: 0 }).trimEnd();

function channelText(settings: ChannelSettings, path: string): string {
  const { pattern, retain, maxMessageBytes, ack, permissions, line } = settings;
  const words = retain?.split(" ").slice(1) ?? [];
  return [
    `${`  - pattern: ${JSON.stringify(pattern)}`.padEnd(column - 1)} # ${path}:${line}`,
    ...(words.length === 0 ? [] : [`    retain: { ${words.map((word) => word.replace("=", ": ")).join(", ")} }`]),
    ...(maxMessageBytes === undefined ? [] : [`    max-message: ${writeSize(maxMessageBytes)}`]),
    ...(ack === undefined ? [] : [`    ack: ${ack}`]),
    ...(permissions === undefined ? [] : [`    permissions:${permissions.length === 0 ? " []" : ""}`]),
    ...(permissions ?? []).map((permission) => `      - { ${permissionText(permission)} }`),
  ].join("\n");
}

function permissionText({ allows, operations, roles, identities }: ChannelPermission): string {
  const words = { [allows ? "allow" : "deny"]: operations, roles, identities };
  const said = Object.entries(words).filter(([, each]) => each.length > 0);
  return said.map(([key, each]) => `${key}: ${yaml(each)}`).join(", ");
}
