// reprise sub: prints the messages of channels as they come.
import { Command, Option } from "commander";
import { type Bus, type From, filePositionStore } from "../client/index.js";
import { dial } from "./dial.js";
import { Exit, exitCodes } from "./exit.js";
import { messageFields, printGap, printMessage } from "./format.js";
import { from } from "./from.js";
import { type BrokerChoice, broker, compress, count, json, timeout, withOptions } from "./options.js";
import { startReplay } from "./replay.js";
import { onStop } from "./stop.js";

interface SubOptions extends BrokerChoice {
  from: From;
  positionFile?: string;
  json?: boolean;
  compress?: boolean;
  count?: number;
  untilCaughtUp?: boolean;
  strict?: boolean;
  timeout?: number;
}

const options = [
  ...broker(),
  from().default("new"),
  new Option("--position-file <FILE>", "go on behind what was printed last; --from is for the first time"),
  count("--count <N>", "end after N messages, of all channels together"),
  new Option("--until-caught-up", "end when everything stored so far has been printed"),
  timeout("end after this time; with --count or --until-caught-up it is then a failure"),
  new Option("--strict", "end at the first gap, with exit code 6"),
  compress("have the messages sent compressed"),
  json(messageFields),
];

export const subCommand = (): Command =>
  withOptions(new Command("sub"), options)
    .summary("print the messages of channels as they come")
    .description(
      "Prints each message of the channels as a line, with several channels behind the channel's name and a tab. " +
        "Goes on over disconnections where it was. Ends with Ctrl-C.",
    )
    .argument("<CHANNEL...>")
    .action(sub);

async function sub(channels: string[], given: SubOptions): Promise<void> {
  const bus = await dial(given);
  const stop = new AbortController();
  const release = onStop(() => stop.abort());
  let late = false;
  const timer =
    given.timeout &&
    setTimeout(() => {
      late = true;
      stop.abort();
    }, given.timeout);
  try {
    const printed = await printAll(bus, [...new Set(channels)], given, stop);
    const goal = given.untilCaughtUp || given.count !== undefined;
    if (late && goal) throw new Exit(exitCodes.timeout, `timed out after ${printed} messages`);
  } finally {
    clearTimeout(timer);
    release();
    await bus.close({ timeoutMs: 0 });
  }
}

/** Returns how many were printed, once `stop` is aborted or the goal is reached. */
async function printAll(bus: Bus, channels: string[], given: SubOptions, stop: AbortController): Promise<number> {
  const as = { json: given.json === true, prefix: channels.length > 1 };
  const replay = given.untilCaughtUp ? await startReplay(bus, channels) : undefined;
  const store = given.positionFile === undefined ? undefined : filePositionStore(given.positionFile);
  let printed = 0;
  const follow = async (channel: string): Promise<void> => {
    const subscription = bus.subscribe(channel, {
      from: given.from,
      signal: stop.signal,
      store,
      onGap: async (what) => {
        await printGap(what, as);
        // Thrown, so that the position stays before the gap: whoever comes back meets it again.
        if (given.strict) throw new Exit(exitCodes.gap, "");
      },
      onCaughtUp: () => (given.untilCaughtUp ? subscription.close() : undefined),
    });
    for await (const message of subscription) {
      await printMessage(message, as);
      replay?.passed(channel, message.offset);
      printed++;
      if (printed === given.count) stop.abort();
    }
  };
  await Promise.all(channels.map(follow)).finally(() => {
    stop.abort();
    replay?.end();
  });
  return printed;
}
