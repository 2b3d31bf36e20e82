// `--from`: where to start reading, as one writes it on a command line.
import { InvalidArgumentError, Option } from "commander";
import { type From, last, since } from "../client/index.js";
import { readDuration } from "./quantity.js";

const fromHelp = "new, earliest, -N (the last N), an offset, an ISO time, or a duration ago such as 10m";

export const from = () => new Option("--from <START>", `where to start: ${fromHelp}`).argParser(parseFrom);

function parseFrom(text: string): From {
  if (text === "new" || text === "earliest") return text;
  const number = Number(text);
  if (/^-\d+$/.test(text) && Number.isSafeInteger(number)) return last(-number);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= 1) return number;
  const agoMs = readDuration(text);
  if (agoMs !== undefined) return since(agoMs);
  // Date.parse alone would take almost anything for a date.
  const timeMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(timeMs) && timeMs >= 0) return since(new Date(timeMs));
  throw new InvalidArgumentError(`Expected ${fromHelp}.`);
}
