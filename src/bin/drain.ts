// reprise drain: a node sends its sessions elsewhere and stops.
import { Command, Option } from "commander";
import { type DrainProgress, drainNode } from "../client/index.js";
import { drainedLine } from "./drained.js";
import { Exit, exitCodes } from "./exit.js";
import { type BrokerChoice, broker, withOptions } from "./options.js";
import { print } from "./output.js";
import { startProgress } from "./progress.js";
import { parseDuration } from "./quantity.js";
import { tokenOf } from "./token-source.js";

interface DrainOptions extends BrokerChoice {
  window?: number;
}

const options = [
  ...broker(),
  new Option("--window <DURATION>", "over which sessions are told to go (default: what the node is set to)").argParser(
    parseDuration,
  ),
];

export const drainCommand = (): Command =>
  withOptions(new Command("drain"), options)
    .summary("move a node's sessions elsewhere and stop it")
    .description(
      "Makes one node send its sessions to the other nodes, one after the other, and stop, with all workers if it is one " +
        "of several. It cannot be taken back: the drain goes on when this command is stopped.",
    )
    .action(drain);

async function drain({ server, tls, insecure, window, tokenFile }: DrainOptions): Promise<void> {
  const [address, ...others] = server;
  if (address === undefined || others.length > 0) {
    throw new Exit(exitCodes.usage, `which one? A drain is of one node, not of ${server.length}: use --server`);
  }
  let last: DrainProgress | undefined;
  const progress = startProgress(() => {
    const { sessions = 0, moved = 0, cut = 0 } = last ?? {};
    return { done: moved + cut, total: sessions, detail: `${moved} of ${sessions} sessions moved` };
  });
  try {
    for await (const now of drainNode(address, { tls, insecure, windowMs: window, token: tokenOf(tokenFile) }))
      last = now;
  } finally {
    progress.end();
  }
  await print(drainedLine(last!));
}
