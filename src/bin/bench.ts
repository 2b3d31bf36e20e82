// reprise bench: what a deployment gives, measured from here.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { headerBytes } from "./bench/payload.js";
import { Fault, type Figures, type Load, measure } from "./bench/run.js";
import { windowOf } from "./bench/window.js";
import { dial } from "./dial.js";
import { Exit, exitCodes } from "./exit.js";
import { broker, count, rate, withOptions } from "./options.js";
import { print } from "./output.js";
import { startProgress } from "./progress.js";
import { parseDuration, parseSize } from "./quantity.js";

interface BenchOptions {
  server: string[];
  publishers: number;
  subscribers: number;
  channels: number;
  channel: string;
  size: number;
  rate?: number;
  window?: number;
  duration: number;
  json?: string;
}

const options = [
  ...broker(),
  count("--publishers <N>", "each on a connection of its own").default(1),
  count("--subscribers <N>", "each on a connection of its own, and of all channels").default(10),
  count("--channels <N>", "publishers go through them in turn").default(1),
  new Option("--channel <NAME>", "where; with several channels, what their names begin with").default(
    "",
    "bench/ and random letters",
  ),
  new Option("--size <SIZE>", `of a message, ${headerBytes} B or more`).argParser(parseSize).default(128, "128"),
  rate("--rate <N>", "messages a second, of all publishers together; without it as many as there can be"),
  count("--window <N>", "without --rate: messages that a publisher may have unacknowledged").conflicts("rate"),
  new Option("--duration <DURATION>", "of the measurement, after a second of warm-up")
    .argParser(parseDuration)
    .default(10_000, "10s"),
  new Option("--json <FILE>", "write load and figures, or what went wrong, to a file too"),
];

export const benchCommand = (): Command =>
  withOptions(new Command("bench"), options)
    .summary("measure a broker: deliveries, acknowledgements, latency")
    .description(
      "Publishes and subscribes, and checks that every subscriber gets every message once, in order and undamaged; if not, " +
        "there are no figures but FAIL, with exit code 1. With --rate latency counts from the moment a message was due. " +
        "All clients are in this one process, which may be what limits them: several may run at the same time, on " +
        "channels of their own. What was published stays until the channel's retention ends it.",
    )
    .action(bench);

async function bench(given: BenchOptions): Promise<void> {
  if (given.size < headerBytes) throw new Exit(exitCodes.usage, `--size is ${headerBytes} B at least`);
  const load = loadOf(given);
  const begun = new Date();
  const progress = startProgress(() => ({ done: Date.now() - begun.getTime(), total: given.duration, detail: "" }));
  let notices = 0;
  // What happens to the first connection happens to the others as well: it is told once.
  const notice = () => (notices++ === 0 ? undefined : () => {});
  const open = () => dial({ ...given, notice: notice() });
  const keep = (outcome: object) => {
    const { window: _, ...rest } = load;
    const told = { begun: begun.toISOString(), server: given.server, load: rest, ...outcome };
    if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify(told, undefined, 1)}\n`);
  };
  try {
    const figures = await measure(open, load);
    progress.end();
    await print(shown(load, figures));
    keep({ figures });
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    keep({ fault: thrown.message });
    throw new Exit(exitCodes.failed, `FAIL: ${thrown.message}`);
  } finally {
    progress.end();
  }
}

function loadOf({ channels, channel, publishers, subscribers, size, rate, window, duration }: BenchOptions): Load {
  const name = channel === "" ? `bench/${randomBytes(6).toString("hex")}` : channel;
  const usual = windowOf(size, subscribers);
  return {
    channels: channels === 1 ? [name] : Array.from({ length: channels }, (_, i) => `${name}.${i + 1}`),
    publishers,
    subscribers,
    size,
    rate,
    window: { ...usual, unacked: window ?? usual.unacked },
    seconds: duration / 1_000,
  };
}

function shown(load: Load, figures: Figures): string {
  const { deliveriesPerSecond, ackedPerSecond, latencyMs, clientCpuUsPerDelivery } = figures;
  const many = (n: number, what: string) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
  const each = (perSecond: number) => Math.round(perSecond).toLocaleString("en");
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  const { rate, channels } = load;
  const pace = rate === undefined ? "unpaced" : `${rate.toLocaleString("en")} messages a second`;
  return [
    `load        ${many(load.publishers, "publisher")}, ${many(load.subscribers, "subscriber")}, ${many(channels.length, "channel")}, ${load.size} B, ${pace}, ${load.seconds} s`,
    `deliveries  ${each(deliveriesPerSecond)} /s`,
    `acked       ${each(ackedPerSecond)} /s`,
    `latency     p50 ${ms(latencyMs.p50)}, p99 ${ms(latencyMs.p99)}, p99.9 ${ms(latencyMs.p999)}${rate === undefined ? ", with full windows" : ""}`,
    `client CPU  ${clientCpuUsPerDelivery.toFixed(2)} µs a delivery`,
    "complete    each subscriber got every message once and in order",
  ].join("\n");
}
