// reprise sessions: who is connected, and who is behind.
import { Command, Option } from "commander";
import type { SessionEntry, SlowSubscriber } from "../client/index.js";
import { type Fleet, reachAll } from "./fleet.js";
import { plain } from "./format.js";
import { type BrokerChoice, broker, json, withOptions } from "./options.js";
import { print } from "./output.js";
import { table } from "./table.js";

interface SessionsOptions extends BrokerChoice {
  slow?: boolean;
  json?: boolean;
}

const options = [
  ...broker(),
  new Option("--slow", "the subscriptions that are behind, the worst first"),
  json("node and session, name, peer, method, then what is known; with --slow channel, next, lagMessages, lagMs"),
];

export const sessionsCommand = (): Command =>
  withOptions(new Command("sessions"), options)
    .summary("list who is connected, on all nodes")
    .description(
      "Lists the live sessions of all nodes: this command's own too. With --slow, those that do not keep up.",
    )
    .action(sessions);

async function sessions(given: SessionsOptions): Promise<void> {
  const fleet = await reachAll(given);
  try {
    const lines = given.slow === true ? await slowLines(fleet, given) : await sessionLines(fleet, given);
    for (const line of lines) await print(line);
  } finally {
    await fleet.close();
  }
}

async function sessionLines({ nodes }: Fleet, { json }: SessionsOptions): Promise<string[]> {
  const found: (SessionEntry & { node: string })[] = [];
  for (const { node, bus } of nodes) for (const entry of await bus.admin.sessions()) found.push({ node, ...entry });
  if (json === true) return found.map((entry) => JSON.stringify(entry));
  return table([
    ["NODE", "SESSION", "NAME", "PEER", "METHOD", "SINCE", "SUBSCRIPTIONS"],
    ...found.map(({ node, session, name, peer, method, connectedAtMs, subscriptions }) => [
      ...[plain(node), session, plain(name) || "-", peer, method],
      new Date(connectedAtMs).toISOString(),
      subscriptions.length,
    ]),
  ]);
}

async function slowLines({ nodes }: Fleet, { json }: SessionsOptions): Promise<string[]> {
  const found: (SlowSubscriber & { node: string })[] = [];
  for (const { node, bus } of nodes) for (const entry of await bus.admin.slow()) found.push({ node, ...entry });
  found.sort((a, b) => b.lagMs - a.lagMs);
  if (json === true) return found.map((entry) => JSON.stringify(entry));
  return table([slowHead, ...found.map(slowRow)]);
}

export const slowHead = ["NODE", "SESSION", "NAME", "PEER", "CHANNEL", "BEHIND", "SECONDS"];

export const slowRow = ({
  node,
  session,
  name,
  peer,
  channel,
  lagMessages,
  lagMs,
}: SlowSubscriber & { node: string }) => [
  ...[plain(node), session, plain(name) || "-", peer, channel],
  lagMessages,
  Math.round(lagMs / 1_000),
];
