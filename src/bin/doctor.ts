// reprise doctor: what a node would find on this machine, configured as `reprise serve` would be.
import { access } from "node:fs/promises";
import { Command } from "commander";
import type { Finding } from "../store/index.js";
import { ackRules, type Configured, configText, configuredBy } from "./configured.js";
import { inspectMachine } from "./doctor/machine.js";
import { inspectPorts } from "./doctor/ports.js";
import { inspectRunning, type Running } from "./doctor/running.js";
import { inspectSecurity } from "./doctor/security.js";
import { Exit, exitCodes } from "./exit.js";
import { json, serverFlag, tokenFlag, withOptions } from "./options.js";
import { note, print } from "./output.js";
import { openLog } from "./own-log.js";
import { serveOptions } from "./serve.js";
import { checkServe } from "./serve-check.js";
import { type TlsFlags, tlsFlags } from "./tls-flags.js";
import { warnOfVariables } from "./variables.js";

export interface DoctorOptions extends TlsFlags {
  server?: string[];
  tokenFile?: string;
  json?: boolean;
}

const options = [
  serverFlag(),
  tokenFlag(),
  ...tlsFlags().filter((flag) => !serveOptions.some((other) => other.long === flag.long)),
  json("level (ok, warn or fail), subject, sentence"),
];

export const doctorCommand = (): Command =>
  withOptions(new Command("doctor"), [...serveOptions, ...options])
    .summary("check what a broker needs, and say what to do")
    .description(
      "Checks what reprise serve would need, given the same flags, environment and file: Redis and its settings, the data " +
        "folder, ports, TLS, limits of the machine, clocks; with --server also a node that runs. Changes nothing. Exit code 1 " +
        "if something would fail.",
    )
    .action(doctor);

async function doctor(_: unknown, command: Command): Promise<void> {
  const own = command.opts<DoctorOptions>();
  const tally = { ok: 0, warn: 0, fail: 0 };
  const tell = async (findings: readonly Finding[]) => {
    for (const finding of findings) {
      tally[finding.level]++;
      await print(own.json ? JSON.stringify(finding) : lineOf(finding));
    }
  };
  const { log } = await openLog({ logFormat: "text", logLevel: "warn" });
  warnOfVariables(command, log);
  const configured = await configuredBy(command, configText(command), serveOptions);
  await tell(await inspectConfiguration(configured));
  const { given } = configured;
  await tell(await inspectMachine(given));
  const { server } = own;
  const version = command.parent?.version() ?? "";
  const running =
    server && (await inspectRunning({ ...own, server, insecure: given.insecure, http: given.http, version }));
  if (running !== undefined) await tell(running.found);
  await tell(await inspectPorts(given, running));
  await tell(await inspectSecurity(configured));
  await tell(await inspectStoreOf(configured, running));
  note(`${tally.ok} ok, ${tally.warn} ${tally.warn === 1 ? "warning" : "warnings"}, ${tally.fail} failed`);
  if (tally.fail > 0) throw new Exit(exitCodes.failed, "");
}

const lineOf = ({ level, subject, sentence }: Finding): string => `${level.padEnd(4)}  ${subject}: ${sentence}`;

async function inspectConfiguration(configured: Configured): Promise<Finding[]> {
  const subject = "configuration";
  const { given } = configured;
  try {
    await checkServe(configured);
    // What it does when it is loaded is its own affair, so it is not.
    if (given.trace !== undefined) await access(given.trace);
    return [{ level: "ok", subject, sentence: "a node would begin with it" }];
  } catch (thrown) {
    return [{ level: "fail", subject, sentence: (thrown as Error).message }];
  }
}

async function inspectStoreOf(configured: Configured, running: Running | undefined): Promise<Finding[]> {
  const { buffer, ack, registry } = configured.given;
  const { inspectStore, parseAckLevel } = await import("../store/index.js");
  let ackLevel: ReturnType<typeof parseAckLevel> | undefined;
  try {
    ackLevel = ack === undefined ? undefined : parseAckLevel(ack);
  } catch {
    // It was said with the configuration.
  }
  const found = await inspectStore(buffer, { ackLevel, ackRules: await ackRules(configured), registry });
  // The node that runs is the one to have it.
  return running?.answers ? found.filter(({ subject }) => !/^folder .* lock$/.test(subject)) : found;
}
