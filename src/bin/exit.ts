// How a command ends: its exit code, and one sentence on stderr when something went wrong.
import { CommanderError } from "commander";
import type { RepriseError } from "../client/index.js";

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  cannotConnect: 3,
  timeout: 5,
  gap: 6,
} as const;

export const exitHelp = `
Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 cannot connect, 5 timeout, 6 gap (with --strict)`;

/** Ends the command with this exit code and, unless it is empty, this sentence. */
export class Exit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

function codeOf(error: RepriseError): number {
  switch (error.code) {
    case "unavailable":
    case "tls_failed":
    case "unsupported_version":
      return exitCodes.cannotConnect;
    case "deadline_exceeded":
      return exitCodes.timeout;
    case "invalid_argument":
    case "invalid_channel":
      return exitCodes.usage;
    default:
      return exitCodes.failed;
  }
}

/** Says what went wrong, and returns the exit code. What nobody expected shows its stack. */
export async function report(thrown: unknown): Promise<number> {
  // Commander has said it already.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (thrown instanceof Exit) {
    if (thrown.message !== "") process.stderr.write(`reprise: ${thrown.message}\n`);
    return thrown.exitCode;
  }
  // Loaded here: commands that talk to no broker do without it.
  const { RepriseError } = await import("../client/index.js");
  if (thrown instanceof RepriseError) {
    process.stderr.write(`reprise: ${thrown.message} (${thrown.advice})\n`);
    return codeOf(thrown);
  }
  process.stderr.write(`reprise: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
  return exitCodes.failed;
}
