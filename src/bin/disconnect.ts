// reprise disconnect: ends sessions.
import { Command } from "commander";
import { RepriseError } from "../client/index.js";
import { Exit, exitCodes } from "./exit.js";
import { type Fleet, reachAll } from "./fleet.js";
import { type BrokerChoice, broker, withOptions } from "./options.js";
import { print } from "./output.js";

export const disconnectCommand = (): Command =>
  withOptions(new Command("disconnect"), broker())
    .summary("end sessions")
    .description(
      "Ends sessions, on whatever node they are (see reprise sessions). Their peers may connect again and go on where they " +
        "were: to keep somebody out, take the rights or the token away.",
    )
    .argument("<SESSION...>")
    .action(disconnect);

async function disconnect(sessions: string[], given: BrokerChoice): Promise<void> {
  for (const session of sessions) {
    if (!/^[1-9]\d{0,19}$/.test(session)) throw new Exit(exitCodes.usage, `${session} is no id of a session`);
  }
  const fleet = await reachAll(given);
  try {
    for (const session of sessions) {
      const node = await endAt(fleet, session);
      if (node === undefined) throw new Exit(exitCodes.failed, `no node has a session ${session}`);
      await print(`session ${session} of ${node} has ended`);
    }
  } finally {
    await fleet.close();
  }
}

async function endAt({ nodes }: Fleet, session: string): Promise<string | undefined> {
  for (const { node, bus } of nodes) {
    try {
      await bus.admin.disconnect(session);
      return node;
    } catch (thrown) {
      if (!(thrown instanceof RepriseError && thrown.code === "session_not_found")) throw thrown;
    }
  }
  return undefined;
}
