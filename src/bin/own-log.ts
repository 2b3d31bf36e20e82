// The log of `reprise serve`, on standard error: lines of JSON, by pino, or lines for people. Its level can change while it
// runs, and holds for all that was derived from it.
import { Option } from "commander";
import { createLog, type Log, type LogFields, type LogLevel, type WriteLine } from "../log/log.js";
import { hasColours, note } from "./output.js";

export interface LogFlags {
  logFormat: "auto" | "text" | "json";
  logLevel: LogLevel;
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export const logOptions = (): Option[] => [
  new Option("--log-format <FORMAT>", "how it logs: text for people, json a line, auto: text on a terminal, else json")
    .env("REPRISE_LOG_FORMAT")
    .default("auto")
    .choices(["auto", "text", "json"]),
  new Option("--log-level <LEVEL>", "what it logs: this and what is worse")
    .env("REPRISE_LOG_LEVEL")
    .default("info")
    .choices(levels),
];

export interface OwnLog {
  log: Log;
  format: "text" | "json";
  setLevel(level: LogLevel): void;
}

export async function openLog({ logFormat, logLevel }: LogFlags): Promise<OwnLog> {
  const format = logFormat === "auto" ? (process.stderr.isTTY ? "text" : "json") : logFormat;
  const write = format === "text" ? writeText : await openJson();
  let least = levels.indexOf(logLevel);
  return {
    log: createLog((level, fields, message) => {
      if (levels.indexOf(level) >= least) write(level, fields, message);
    }),
    format,
    setLevel(level) {
      least = levels.indexOf(level);
    },
  };
}

async function openJson(): Promise<WriteLine> {
  // Loaded here: who sits at a terminal does without.
  const { pino, stdTimeFunctions } = await import("pino");
  const options = {
    level: "debug",
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
  };
  // Written at once: what a process says last is why it ended.
  const logger = pino(options, process.stderr);
  return (level, fields, message) => logger[level](fields, message);
}

const writeText: WriteLine = (level, fields, message) => {
  const time = new Date().toTimeString().slice(0, 8);
  note(`${hasColours(process.stderr) ? `\x1b[2m${time}\x1b[0m` : time} ${textOf(level, fields, message)}`);
};

/** A line for people, without its time. A terminal shows one node, so that is left out. */
export function textOf(level: LogLevel, { node, ...fields }: LogFields, message: string): string {
  const words = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${wordOf(String(value))}`);
  return printable(`${prefixes[level]}${message}${words.join("")}`);
}

const prefixes = { debug: "debug: ", info: "", warn: "warning: ", error: "error: " };

/** Nothing in a line looks like the beginning of another one, or does something to a terminal. */
const printable = (text: string): string => text.replaceAll("\n", "\n  ").replace(/(?!\n)\p{Cc}/gu, "\ufffd");

const wordOf = (text: string): string => (/^[\w.:/@+[\]-]+$/.test(text) ? text : JSON.stringify(text));
