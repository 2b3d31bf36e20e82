// reprise channels: what channels there are.
import { Command, Option } from "commander";
import type { Bus, Channel } from "../client/index.js";
import { dial } from "./dial.js";
import { Exit, exitCodes } from "./exit.js";
import { type BrokerChoice, broker, json, withOptions } from "./options.js";
import { print } from "./output.js";
import { parseCount } from "./quantity.js";

interface ChannelsOptions extends BrokerChoice {
  prefix?: string;
  json?: boolean;
}

const options = [
  ...broker(),
  new Option("--prefix <TEXT>", "only channels whose names begin so"),
  json("channel, epoch, first, next, messages, bytes, subscribers"),
];

export const channelsCommand = (): Command =>
  withOptions(new Command("channels"), options)
    .summary("list the channels")
    .description("Lists the channels with the messages and bytes they hold, and their subscribers on this node.")
    .action(channels)
    .addCommand(trimCommand())
    .addCommand(deleteCommand());

const trimCommand = () =>
  withOptions(new Command("trim"), [
    ...broker(),
    new Option("--before <OFFSET>", "the first offset to be kept").argParser(parseCount).makeOptionMandatory(),
  ])
    .description(
      "Removes what a channel holds before an offset, whole batches. Subscribers that are not there yet hear of a gap.",
    )
    .argument("<CHANNEL>")
    .action(async (channel: string, given: BrokerChoice & { before: number }) => {
      await onBus(given, async (bus) => {
        const { first, next } = await bus.admin.trim(channel, given.before);
        await print(`${channel} holds ${next - first} messages, from offset ${first} on`);
      });
    });

const deleteCommand = () =>
  withOptions(new Command("delete"), [...broker(), new Option("--yes", "do it: it cannot be taken back")])
    .description("Removes a channel whole. Its subscribers stay and hear of a gap; the next publish creates it anew.")
    .argument("<CHANNEL>")
    .action(async (channel: string, given: BrokerChoice & { yes?: boolean }) => {
      await onBus(given, async (bus) => {
        const { first, next } = await bus.channel(channel);
        const what = `${channel} with ${next - first} messages`;
        if (given.yes !== true) throw new Exit(exitCodes.usage, `this would remove ${what} for good: say --yes`);
        await bus.admin.delete(channel);
        await print(`removed ${what}`);
      });
    });

async function onBus(given: BrokerChoice, work: (bus: Bus) => Promise<void>): Promise<void> {
  const bus = await dial(given);
  try {
    await work(bus);
  } finally {
    await bus.close({ timeoutMs: 0 });
  }
}

async function channels(given: ChannelsOptions): Promise<void> {
  const bus = await dial(given);
  try {
    if (!given.json) await print(row("CHANNEL", "MESSAGES", "BYTES", "FIRST", "LAST", "SUBSCRIBERS"));
    for await (const channel of bus.channels({ prefix: given.prefix })) {
      await print(given.json ? toJson(channel) : toRow(channel));
    }
  } finally {
    await bus.close();
  }
}

const messagesOf = ({ first, next }: Channel): number => next - first;

function toJson(info: Channel): string {
  const { channel, epochs, first, next, bytes, subscribers } = info;
  const epoch = epochs.at(-1)?.epoch;
  return JSON.stringify({ channel, epoch, first, next, messages: messagesOf(info), bytes, subscribers });
}

const toRow = (info: Channel): string =>
  row(info.channel, messagesOf(info), info.bytes, info.first, info.next - 1, info.subscribers);

/** In columns that hold for any number of channels, because the pages that are yet to come are not known. */
const row = (channel: string, ...cells: (string | number)[]): string =>
  [channel.padEnd(32), ...cells.map((cell) => String(cell).padStart(12))].join(" ").trimEnd();
