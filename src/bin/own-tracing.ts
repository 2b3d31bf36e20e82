// --trace: a module of the operator's that has set OpenTelemetry up. We bring no SDK: which one, and where spans go, is his.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Option } from "commander";
import type { Tracing } from "../broker/index.js";
import { Exit, exitCodes } from "./exit.js";

/** What the module exports. */
export interface OwnTracing extends Tracing {
  /** Called when the node has ended: spans may wait to be sent. */
  shutdown?(): Promise<void>;
}

export const traceOption = (): Option =>
  new Option(
    "--trace <FILE>",
    "make spans of appends: a module that sets OpenTelemetry up, see docs/operate.md (default: no)",
  ).env("REPRISE_TRACE");

/** @throws Exit if it cannot be used */
export async function openTracing(file: string): Promise<OwnTracing> {
  const found = (await import(pathToFileURL(resolve(file)).href).catch((thrown: Error) => {
    throw new Exit(exitCodes.usage, `--trace ${file} cannot be loaded: ${thrown.message}`);
  })) as Partial<OwnTracing>;
  const { context, propagation, trace } = found;
  if (context !== undefined && propagation !== undefined && trace !== undefined) return found as OwnTracing;
  throw new Exit(
    exitCodes.usage,
    `--trace ${file}: expected it to export context, propagation and trace of @opentelemetry/api`,
  );
}
