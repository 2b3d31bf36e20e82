// reprise explain: why a subscriber did or did not get a message, from what the nodes remember.
import { Command, Option } from "commander";
import type { NodeEvents } from "../client/index.js";
import { Exit, exitCodes } from "./exit.js";
import { reachAll } from "./fleet.js";
import { type BrokerChoice, broker, count, json, withOptions } from "./options.js";
import { print } from "./output.js";
import { type Question, storyOf } from "./story.js";

interface ExplainOptions extends BrokerChoice, Question {
  json?: boolean;
}

const options = [
  ...broker(),
  new Option("--session <SESSION>", "what happened to this session"),
  new Option("--channel <CHANNEL>", "on this channel"),
  count("--offset <N>", "what became of this message of the channel, for the session or for all that were subscribed"),
  json(
    "what the nodes remember: node, kind, time, session, name, peer, method, channel, epoch, offset, from, to, reason",
  ),
];

/** What nodes are asked for: all that concerns one session or channel. */
const mostEvents = 10_000;

export const explainCommand = (): Command =>
  withOptions(new Command("explain"), options)
    .summary("why a subscriber did or did not get a message")
    .description(
      "Tells what the nodes remember of a session or a channel: each remembers some ten thousand events, and once a second " +
        "how far subscriptions have come, for a minute or more.",
    )
    .action(explain);

async function explain(given: ExplainOptions): Promise<void> {
  const { session, channel, offset, json } = given;
  if (session === undefined && channel === undefined) {
    throw new Exit(exitCodes.usage, "explain what? Say --session, or --channel and --offset");
  }
  if (offset !== undefined && channel === undefined) throw new Exit(exitCodes.usage, "--offset needs --channel");
  if (session !== undefined && !/^[1-9]\d{0,19}$/.test(session)) {
    throw new Exit(exitCodes.usage, `${session} is no id of a session`);
  }
  const fleet = await reachAll(given);
  const told: NodeEvents[] = [];
  try {
    for (const { bus } of fleet.nodes)
      told.push(await bus.admin.events({ session, channel, offset, limit: mostEvents }));
  } finally {
    await fleet.close();
  }
  const lines = json === true ? told.flatMap(toJson) : storyOf(told, { session, channel, offset });
  for (const line of lines) await print(line);
}

const toJson = ({ node, events }: NodeEvents): string[] =>
  events.map(({ atMs, ...event }) => JSON.stringify({ node, time: new Date(atMs).toISOString(), ...event }));
