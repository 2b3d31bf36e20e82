// SIGHUP makes `reprise serve` read its configuration file again, and its certificates. What can be changed while it runs
// is changed; of the rest it is said that it takes a restart.
import type { Command } from "commander";
import type { Log } from "../log/log.js";
import { ackRules, type Configured, configText, configuredBy } from "./configured.js";
import { checkServe } from "./serve-check.js";
import { isReloaded, originOf, restartsFor } from "./settings.js";

/** Told the text of the file, if there is one. It was checked. */
export type Reload = (text: string | undefined) => Promise<void> | void;

/** Whether there is anything to be read again. Without, the signal keeps its usual meaning. */
export const canReload = ({ given, file }: Configured): boolean => file !== undefined || given.tlsCert !== undefined;

/** Returns what gives the signal back its usual meaning. */
export function onHangup(command: Command, begun: Configured, log: Log, reload: Reload): () => void {
  if (!canReload(begun)) return () => {};
  let turn = Promise.resolve();
  const hangup = () => {
    turn = turn.then(() => readAgain(command, begun, log, reload));
  };
  process.on("SIGHUP", hangup);
  return () => process.off("SIGHUP", hangup);
}

async function readAgain(command: Command, begun: Configured, log: Log, reload: Reload): Promise<void> {
  let text: string | undefined;
  try {
    text = configText(command);
    if (text !== undefined) await take(command, begun, log, text);
  } catch (thrown) {
    log.error({}, `the configuration stays as it was: ${(thrown as Error).message}`);
    text = undefined;
  }
  // The certificates in any case.
  await reload(text);
}

async function take(command: Command, begun: Configured, log: Log, text: string): Promise<void> {
  const now = await configuredBy(command, text);
  await checkServe(now);
  const { path } = now.file!;
  const hasNewLevels = JSON.stringify(await ackRules(begun)) !== JSON.stringify(await ackRules(now));
  for (const key of [...restartsFor(begun.settings, now.settings), ...(hasNewLevels ? ["channels: ack"] : [])]) {
    log.warn({}, `${path}: ${key} has changed, which takes a restart`);
  }
  // The file says it, and yet it does not count.
  for (const setting of now.settings) {
    const { key, option, from } = setting;
    if (!isReloaded(key) || from === "file" || !now.file!.values.has(option.attributeName())) continue;
    log.warn({}, `${path}: ${key} is not taken from it: ${originOf(setting, path)} counts before it`);
  }
  log.info({}, `${path} was read again: retain, channels, limit and log-level are as it says now`);
}
