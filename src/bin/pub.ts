// reprise pub: publishes its argument, or the lines of standard input.
import { Command, InvalidArgumentError, Option } from "commander";
import type { PublishResult } from "../client/index.js";
import { dial } from "./dial.js";
import { InFlight } from "./in-flight.js";
import { linesOf } from "./lines.js";
import { json, server, timeout, withOptions } from "./options.js";
import { note, print } from "./output.js";

interface PubOptions {
  server: string[];
  name?: string;
  header: Record<string, string>;
  json?: boolean;
  timeout: number;
}

const options = [
  server(),
  new Option("--name <NAME>", "publish under this name").env("REPRISE_NAME"),
  new Option("--header <KEY=VALUE>", "a header for each message; repeatable").default({}, "none").argParser(addHeader),
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
  const bus = await dial({ server: given.server, name: given.name, timeoutMs: given.timeout });
  const tally = { stored: 0, duplicates: 0 };
  const inFlight = new InFlight(bus, channel, {
    timeoutMs: given.timeout,
    headers: given.header,
    stored: (result) => {
      tally.stored++;
      if (result.duplicate) tally.duplicates++;
      // No more can pile up here than is in flight.
      if (given.json) void print(toJson(channel, result));
    },
    // A line that never comes is not waited for.
    failed: () => process.stdin.destroy(),
  });
  const began = performance.now();
  try {
    if (data === undefined) await publishLines(inFlight, bus.limits.maxMessageBytes);
    else await inFlight.publish(Buffer.from(data));
    await inFlight.end();
  } finally {
    inFlight.release();
    await bus.close({ timeoutMs: 0 });
  }
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const again = tally.duplicates > 0 ? `, ${tally.duplicates} of them by an earlier try` : "";
  if (data === undefined) note(`${tally.stored} messages stored in ${channel} in ${seconds} s${again}`);
}

async function publishLines(inFlight: InFlight, maxBytes: number): Promise<void> {
  const { stdin } = process;
  if (stdin.isTTY) note("each line is a message; Ctrl-D ends");
  let number = 0;
  try {
    for await (const line of linesOf(stdin, maxBytes)) await inFlight.publish(line, ++number);
  } catch (thrown) {
    // What the end of the input was due to, if it was due to a failure.
    await inFlight.end();
    throw thrown;
  } finally {
    stdin.destroy();
  }
}

const toJson = (channel: string, { position, duplicate }: PublishResult): string =>
  JSON.stringify({ channel, ...position, duplicate });
