// reprise pub: publishes its argument, once or many times, or the lines of standard input.
import { Command, InvalidArgumentError, Option } from "commander";
import type { PublishResult } from "../client/index.js";
import { dial } from "./dial.js";
import { Exit, exitCodes } from "./exit.js";
import { InFlight } from "./in-flight.js";
import { type BrokerChoice, broker, count, json, rate, timeout, withOptions } from "./options.js";
import { note, print } from "./output.js";
import { paced } from "./pace.js";
import { startProgress } from "./progress.js";
import { fromStdin, repeated, type Source } from "./source.js";

interface PubOptions extends BrokerChoice {
  name?: string;
  header: Record<string, string>;
  count?: number;
  rate?: number;
  json?: boolean;
  timeout: number;
}

const options = [
  ...broker(),
  new Option("--name <NAME>", "publish under this name").env("REPRISE_NAME"),
  new Option("--header <KEY=VALUE>", "a header for each message; repeatable").default({}, "none").argParser(addHeader),
  count("--count <N>", "publish DATA N times"),
  rate("--rate <N>", "publish no more than N messages a second"),
  timeout("how long to wait for the broker to store a message").default(30_000, "30s"),
  json("channel, epoch, offset, duplicate"),
];

export const pubCommand = (): Command =>
  withOptions(new Command("pub"), options)
    .summary("publish a message, or each line of standard input")
    .description(
      "Publishes DATA, or without it each line of standard input as a message. Ends when the broker has stored them all.",
    )
    .argument("<CHANNEL>")
    .argument("[DATA]", "put -- before DATA that begins with a dash")
    .action(pub);

function addHeader(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Expected KEY=VALUE.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

async function pub(channel: string, data: string | undefined, given: PubOptions): Promise<void> {
  if (data === undefined && given.count !== undefined) {
    throw new Exit(exitCodes.usage, "--count is for DATA; standard input is published once");
  }
  const bus = await dial({ ...given, timeoutMs: given.timeout });
  const source =
    data === undefined ? fromStdin(bus.limits.maxMessageBytes) : repeated(Buffer.from(data), given.count ?? 1);
  const tally = { stored: 0, duplicates: 0 };
  const failed = new AbortController();
  const inFlight = new InFlight(bus, channel, {
    timeoutMs: given.timeout,
    headers: given.header,
    stored: (result) => {
      tally.stored++;
      if (result.duplicate) tally.duplicates++;
      // No more can pile up here than is in flight.
      if (given.json) void print(toJson(channel, result));
    },
    // A line that never comes is not waited for, and one that is not due yet neither.
    failed() {
      failed.abort();
      source.close();
    },
  });
  const began = performance.now();
  const progress = startProgress(() => ({ ...source.taken(), detail: `${tally.stored} messages stored` }));
  try {
    await publishAll(source, inFlight, { numbered: data === undefined, rate: given.rate, failed: failed.signal });
  } finally {
    progress.end();
    inFlight.release();
    source.close();
    await bus.close({ timeoutMs: 0 });
  }
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const again = tally.duplicates > 0 ? `, ${tally.duplicates} of them by an earlier try` : "";
  const many = data === undefined || given.count !== undefined;
  if (many) note(`${tally.stored} messages stored in ${channel} in ${seconds} s${again}`);
}

interface Course {
  /** Errors name the line. */
  numbered: boolean;
  rate: number | undefined;
  failed: AbortSignal;
}

async function publishAll({ messages }: Source, inFlight: InFlight, { numbered, rate, failed }: Course): Promise<void> {
  let number = 0;
  try {
    for await (const message of rate === undefined ? messages : paced(messages, rate, failed)) {
      number++;
      await inFlight.publish(message, numbered ? number : undefined);
    }
  } catch (thrown) {
    // What the end of the input was due to, if it was due to a failure.
    await inFlight.end();
    throw thrown;
  }
  await inFlight.end();
}

const toJson = (channel: string, { position, duplicate }: PublishResult): string =>
  JSON.stringify({ channel, ...position, duplicate });
