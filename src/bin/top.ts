// reprise top: what the nodes are doing, looked at every second. On a terminal a table that is drawn anew each time, otherwise
// one after the other.
import { setTimeout as delay } from "node:timers/promises";
import { Command, Option } from "commander";
import type { Activity } from "../client/index.js";
import { type Fleet, reachAll } from "./fleet.js";
import { plain } from "./format.js";
import { type BrokerChoice, broker, withOptions } from "./options.js";
import { note, print } from "./output.js";
import { parseDuration } from "./quantity.js";
import { type Rates, ratesOf } from "./rates.js";
import { slowHead, slowRow } from "./sessions.js";
import { onStop } from "./stop.js";
import { table } from "./table.js";

interface TopOptions extends BrokerChoice {
  once?: boolean;
  json?: boolean;
  every: number;
}

const options = [
  ...broker(),
  new Option("--once", "look twice, print what was between, and end"),
  new Option("--every <DURATION>", "how often to look").default(1_000, "1s").argParser(parseDuration),
  new Option("--json", "print one JSON object for each look: time, nodes, channels, slow"),
];

export const topCommand = (): Command =>
  withOptions(new Command("top"), options)
    .summary("what the nodes are doing, live")
    .description(
      "Shows nodes, channels and slow subscribers of all nodes that are known, the worst first: subscribers that are behind, then " +
        "what is busiest. Ends with Ctrl-C.",
    )
    .action(top);

async function top(given: TopOptions): Promise<void> {
  const fleet = await reachAll(given);
  const stop = new AbortController();
  const release = onStop(() => stop.abort());
  try {
    let before = await look(fleet);
    while (!stop.signal.aborted) {
      await delay(given.every, undefined, { signal: stop.signal }).catch(() => {});
      if (stop.signal.aborted) break;
      const now = await look(fleet);
      await show(ratesOf(before, now), given);
      before = now;
      if (given.once === true) break;
    }
  } finally {
    release();
    await fleet.close();
  }
}

/** What each node that answers says. One that is silent has no row this time. */
async function look({ nodes }: Fleet): Promise<Activity[]> {
  const answers = await Promise.all(
    nodes.map(({ node, bus }) =>
      bus.admin.activity({ channels: 1_000, slow: 50, timeoutMs: 2_000 }).catch((thrown: Error) => {
        note(`${plain(node)}: ${thrown.message}`);
        return undefined;
      }),
    ),
  );
  // A connection that was lost may have led to another node behind the same address.
  const byNode = new Map(answers.flatMap((answer) => (answer === undefined ? [] : [[answer.node, answer]])));
  return [...byNode.values()];
}

/** Drawn over what was there, a line at a time, so that nothing flickers. */
const [home, restOfLine, restOfScreen] = ["\x1b[H", "\x1b[K", "\x1b[J"];

async function show(rates: Rates, { json }: TopOptions): Promise<void> {
  if (json === true) {
    await print(JSON.stringify({ time: new Date().toISOString(), ...rates }));
    return;
  }
  const { stdout } = process;
  const lines = linesOf(rates, stdout.isTTY ? stdout.rows - 1 : Number.POSITIVE_INFINITY);
  if (!stdout.isTTY) {
    for (const line of lines) await print(line);
    return;
  }
  const drawn = lines.map((line) => `${line.slice(0, stdout.columns)}${restOfLine}\n`);
  stdout.write(`${home}${drawn.join("")}${restOfScreen}`);
}

/** The three tables, of each as much as there is room for: channels make way for who is slow. */
export function linesOf({ nodes, channels, slow, slowCount, channelCount }: Rates, rows: number): string[] {
  const nodeLines = table([
    ["NODE", "SESSIONS", "SUBSCRIPTIONS", "BEHIND", "IN/S", "OUT/S", "MIB/S"],
    ...nodes.map((each) => [
      `${plain(each.node)}${each.ready ? "" : " (not ready)"}`,
      ...[each.sessions, each.subscriptions, each.slow, each.publishedPerSecond, each.deliveredPerSecond],
      Number((each.bytesPerSecond / 2 ** 20).toFixed(1)),
    ]),
  ]);
  const room = Math.max(4, rows - nodeLines.length - 4);
  const slowShown = slow.slice(0, Math.max(1, Math.floor(room / 2)));
  const channelsShown = channels.slice(0, Math.max(1, room - Math.max(1, slowShown.length) - 1));
  const channelLines = table([
    ["CHANNEL", "SUBSCRIBERS", "IN/S", "KIB/S", "HEAD", "BEHIND", "SECONDS"],
    ...channelsShown.map((each) => [
      ...[each.channel, each.subscribers, each.messagesPerSecond, Math.round(each.bytesPerSecond / 1_024)],
      ...[each.next - 1, each.lagMessages, Math.round(each.lagMs / 1_000)],
    ]),
  ]);
  const more = (what: string, all: number, shown: number) => (all > shown ? [`and ${all - shown} more ${what}`] : []);
  const slowLines =
    slow.length === 0 ? ["no subscriber is behind by more than 5 s"] : table([slowHead, ...slowShown.map(slowRow)]);
  return [
    ...nodeLines,
    "",
    ...channelLines,
    ...more("channels", channelCount, channelsShown.length),
    "",
    ...slowLines,
    ...more("subscribers", slowCount, slowShown.length),
  ];
}
