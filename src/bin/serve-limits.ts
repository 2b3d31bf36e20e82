// The limits that `reprise serve` is given: how much of the node its peers may take.
import { InvalidArgumentError, Option } from "commander";
import type { Quota, Quotas } from "../broker/index.js";
import { parseCount, parseDuration, parseRate, parseSize } from "./quantity.js";

export interface LimitFlags {
  limit: [Quota, number][];
}

/** By the names that people use. docs/security.md has what each means. */
const table: Record<string, { quota: Quota; parse: (text: string) => number }> = {
  connections: { quota: "connections", parse: parseCount },
  "connections-per-address": { quota: "connectionsPerAddress", parse: parseCount },
  "connections-per-identity": { quota: "connectionsPerIdentity", parse: parseCount },
  handshakes: { quota: "handshakes", parse: parseRate },
  "handshakes-per-address": { quota: "handshakesPerAddress", parse: parseRate },
  unused: { quota: "unusedMs", parse: parseDuration },
  sessions: { quota: "sessions", parse: parseCount },
  "sessions-per-identity": { quota: "sessionsPerIdentity", parse: parseCount },
  channels: { quota: "channels", parse: parseCount },
  messages: { quota: "messages", parse: parseRate },
  bytes: { quota: "bytes", parse: parseSize },
  "messages-per-identity": { quota: "messagesPerIdentity", parse: parseRate },
  "bytes-per-identity": { quota: "bytesPerIdentity", parse: parseSize },
  memory: { quota: "memory", parse: parseMemory },
};

export const limitOption = () =>
  new Option(
    "--limit <NAME=VALUE>",
    "a limit for peers, repeatable: sessions=N, messages=N (a second), memory=SIZE and others, see docs/security.md",
  )
    .env("REPRISE_LIMIT")
    .default([], "none; limits in the variable are separated by ;")
    .argParser((text, before: [Quota, number][]) => [
      ...before,
      ...text
        .split(";")
        .filter((rule) => rule.trim() !== "")
        .map(parseLimit),
    ]);

function parseLimit(text: string): [Quota, number] {
  const [, name = "", value = ""] = /^\s*([a-z-]+)=(\S+)\s*$/.exec(text) ?? [];
  if (!Object.hasOwn(table, name)) {
    throw new InvalidArgumentError(`Expected NAME=VALUE; the names are ${Object.keys(table).join(", ")}.`);
  }
  const { quota, parse } = table[name]!;
  return [quota, parse(value)];
}

/** Sizes of messages end at 1 GiB, memory does not. */
function parseMemory(text: string): number {
  const gibibytes = /^(\d+)GiB$/.exec(text);
  return gibibytes === null ? parseSize(text) : Math.max(1, Number(gibibytes[1])) * 2 ** 30;
}

export const quotasOf = ({ limit }: LimitFlags): Partial<Quotas> => Object.fromEntries(limit);
