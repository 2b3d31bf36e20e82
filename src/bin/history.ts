// reprise history: prints what a channel holds, and ends.
import { Command } from "commander";
import { type From, last } from "../client/index.js";
import { dial } from "./dial.js";
import { messageFields, printGap, printMessage } from "./format.js";
import { from } from "./from.js";
import { type BrokerChoice, broker, count, json, withOptions } from "./options.js";
import { startReplay } from "./replay.js";

interface HistoryOptions extends BrokerChoice {
  from: From;
  limit?: number;
  json?: boolean;
}

const options = [
  ...broker(),
  from().default(last(100), "-100"),
  count("--limit <N>", "at most N messages"),
  json(messageFields),
];

export const historyCommand = (): Command =>
  withOptions(new Command("history"), options)
    .summary("print what a channel holds")
    .description("Prints the messages stored in the channel, a line each, and ends where nothing newer is.")
    .argument("<CHANNEL>")
    .action(history);

async function history(channel: string, given: HistoryOptions): Promise<void> {
  const bus = await dial(given);
  const as = { json: given.json === true, prefix: false };
  const onGap = async (gap: Parameters<typeof printGap>[0]) => {
    await printGap(gap, as);
  };
  try {
    const replay = await startReplay(bus, [channel], given.limit);
    try {
      for await (const message of bus.history(channel, { from: given.from, limit: given.limit, onGap })) {
        await printMessage(message, as);
        replay.passed(channel, message.offset);
      }
    } finally {
      replay.end();
    }
  } finally {
    await bus.close();
  }
}
