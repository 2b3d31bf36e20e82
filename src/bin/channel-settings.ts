// `channels` of a configuration file: settings of the channels that match a pattern. Of several entries that match, the
// last one that says something about a setting wins.
//
//   channels:
//     - pattern: chat.*
//       retain: { messages: 1000, age: 24h }
//       max-message: 16KiB
import { type Checks, sayBad } from "./checks.js";
import { unknownKey } from "./nearest.js";
import { parseSize } from "./quantity.js";
import type { Entry, Tree, Wrong } from "./yaml-tree.js";

export interface ChannelSettings {
  pattern: string;
  line: number;
  /** A rule of retention (--retain). */
  retain?: string;
  maxMessageBytes?: number;
}

const keys = ["pattern", "retain", "max-message"];
const limits = ["messages", "bytes", "age"];

export function readChannels(tree: Tree, checks: Checks, wrong: Wrong): ChannelSettings[] {
  if (tree.kind === "list") return tree.items.flatMap((item) => readChannel(item, checks, wrong) ?? []);
  wrong(tree.line, "channels: expected a list, each with a pattern and some of retain, max-message");
  return [];
}

function readChannel(tree: Tree, checks: Checks, wrong: Wrong): ChannelSettings | undefined {
  if (tree.kind !== "map") {
    wrong(tree.line, "channels: expected a pattern and some of retain, max-message");
    return undefined;
  }
  const found = (key: string) => tree.entries.find((entry) => entry.key === key)?.value;
  for (const { key, line } of tree.entries) {
    if (!keys.includes(key))
      wrong(line, `channels: ${key === "ack" || key === "permissions" ? elsewhere[key] : unknownKey(key, keys)}`);
  }
  const pattern = found("pattern");
  if (pattern?.kind !== "text" || !/^[A-Za-z0-9*._:/@-]{1,120}$/.test(pattern.text)) {
    wrong(pattern?.line ?? tree.line, 'channels: expected a pattern of channel names, for example "chat.*"');
    return undefined;
  }
  const settings: ChannelSettings = { pattern: pattern.text, line: tree.line };
  const [retain, size] = [found("retain"), found("max-message")];
  if (retain !== undefined) settings.retain = `${pattern.text} ${readRetain(retain, checks, wrong)}`;
  if (size !== undefined) settings.maxMessageBytes = readSize(size, wrong);
  return settings;
}

/** What one looks for here, and does not find. */
const elsewhere = {
  ack: "the ack level is that of the node; there is none for single channels",
  permissions: "who may do what on which channels is said in the file of --policy",
} as const;

function readRetain(tree: Tree, checks: Checks, wrong: Wrong): string {
  if (tree.kind !== "map" || tree.entries.length === 0) {
    wrong(
      tree.line,
      "channels: retain: expected some of messages, bytes, age, for example { messages: 1000, age: 24h }",
    );
    return "";
  }
  return tree.entries.map((entry) => readLimit(entry, checks, wrong)).join(" ");
}

function readLimit({ key, line, value }: Entry, checks: Checks, wrong: Wrong): string {
  const word = `${key}=${value.kind === "text" ? value.text : ""}`;
  if (!limits.includes(key)) wrong(line, `channels: retain: ${unknownKey(key, limits)}`);
  else {
    try {
      checks.retain?.(word);
    } catch (thrown) {
      wrong(line, `channels: ${sayBad(value, thrown)}`);
    }
  }
  return word;
}

function readSize(tree: Tree, wrong: Wrong): number {
  const text = tree.kind === "text" ? tree.text : "";
  try {
    return parseSize(text);
  } catch (thrown) {
    wrong(tree.line, `channels: max-message: ${sayBad(tree, thrown)}`);
    return 0;
  }
}
