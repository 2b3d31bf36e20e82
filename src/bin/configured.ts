// What `reprise serve` is to do, put together from its flags, the environment and a configuration file.
import type { Command, Option } from "commander";
import type { Permission } from "../auth/index.js";
import type { AckRule } from "../store/index.js";
import { type ChannelRules, retentionRules } from "./channel-rules.js";
import { type ConfigFile, readConfig, readText } from "./config-file.js";
import type { ServeOptions } from "./serve.js";
import { givenBy, type Setting, settingsOf } from "./settings.js";

export interface Configured {
  given: ServeOptions;
  settings: readonly Setting[];
  file: ConfigFile | undefined;
}

const pathOf = (command: Command): string | undefined => command.opts<{ config?: string }>().config;

/** The text of the configuration file as it is now; undefined: none is named. @throws Exit if it cannot be read */
export function configText(command: Command): string | undefined {
  const path = pathOf(command);
  return path === undefined ? undefined : readText(path);
}

/** The options that a file may set. */
const settable = (options: readonly Option[]): Option[] =>
  options.filter((option) => option.attributeName() !== "config");

/**
 * @param command one with the options of serve
 * @param options these, if it has others besides
 * @param text of its configuration file: whoever reads that once and passes it on is sure that others see the same
 * @throws Exit with all that is wrong with the file
 */
export async function configuredBy(
  command: Command,
  text: string | undefined,
  options: readonly Option[] = command.options,
): Promise<Configured> {
  const table = settable(options);
  const file = text === undefined ? undefined : await read(pathOf(command)!, text, table);
  const settings = settingsOf(command, table, file);
  return { given: givenBy(settings), settings, file };
}

async function read(path: string, text: string, table: readonly Option[]): Promise<ConfigFile> {
  const [{ parseAckLevel, retentionPolicy }, { parseOperations }] = await Promise.all([
    import("../store/index.js"),
    import("../auth/index.js"),
  ]);
  const retain = (rule: string) => retentionPolicy([rule]);
  return readConfig(path, text, table, { ack: parseAckLevel, retain, operations: parseOperations });
}

/** @throws RepriseError `invalid_argument` */
export async function channelRules({ settings, file }: Configured): Promise<ChannelRules> {
  const [{ retentionPolicy }, { messageSizes }] = await Promise.all([
    import("../store/index.js"),
    import("../broker/index.js"),
  ]);
  const sizes = (file?.channels ?? []).flatMap(({ pattern, maxMessageBytes: maxBytes }) =>
    maxBytes === undefined ? [] : [{ pattern, maxBytes }],
  );
  return { retention: retentionPolicy(retentionRules(settings, file)), messageSizes: messageSizes(sizes) };
}

/** What acknowledgements mean on single channels besides. */
export async function ackRules({ file }: Configured): Promise<AckRule[]> {
  const { parseAckLevel } = await import("../store/index.js");
  return (file?.channels ?? []).flatMap(({ pattern, ack }) =>
    ack === undefined ? [] : [{ pattern, level: parseAckLevel(ack) }],
  );
}

/** Who may do what on single channels besides. */
export async function permissionsOf({ file }: Configured): Promise<Permission[]> {
  const { parseOperations } = await import("../auth/index.js");
  return (file?.channels ?? []).flatMap(({ pattern: channels, permissions = [] }) =>
    permissions.map(({ operations, ...rest }) => ({ ...rest, channels, operations: parseOperations(...operations) })),
  );
}
