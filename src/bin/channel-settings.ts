// `channels` of a configuration file: settings of the channels that match a pattern. Of several entries that match, the
// last one that says something about a setting wins; permissions add up.
//
//   channels:
//     - pattern: chat.*
//       retain: { messages: 1000, age: 24h }
//       max-message: 16KiB
//       ack: fsynced
//       permissions: [{ allow: subscribe, roles: [reader] }]
import { type ChannelPermission, readPermissions } from "./channel-permissions.js";
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
  /** What an acknowledgement means there besides what it means everywhere (--ack). */
  ack?: string;
  permissions?: ChannelPermission[];
}

const settable = ["retain", "max-message", "ack", "permissions"];
const keys = ["pattern", ...settable];
const limits = ["messages", "bytes", "age"];

export function readChannels(tree: Tree, checks: Checks, wrong: Wrong): ChannelSettings[] {
  if (tree.kind === "list") return tree.items.flatMap((item) => readChannel(item, checks, wrong) ?? []);
  wrong(tree.line, `channels: expected a list, each with a pattern and some of ${settable.join(", ")}`);
  return [];
}

function readChannel(tree: Tree, checks: Checks, wrong: Wrong): ChannelSettings | undefined {
  if (tree.kind !== "map") {
    wrong(tree.line, `channels: expected a pattern and some of ${settable.join(", ")}`);
    return undefined;
  }
  const found = (key: string) => tree.entries.find((entry) => entry.key === key)?.value;
  for (const { key, line } of tree.entries) {
    if (!keys.includes(key)) wrong(line, `channels: ${unknownKey(key, keys)}`);
  }
  const pattern = found("pattern");
  if (pattern?.kind !== "text" || !/^[A-Za-z0-9*._:/@-]{1,120}$/.test(pattern.text)) {
    wrong(pattern?.line ?? tree.line, 'channels: expected a pattern of channel names, for example "chat.*"');
    return undefined;
  }
  const settings: ChannelSettings = { pattern: pattern.text, line: tree.line };
  const [retain, size, ack, permissions] = settable.map(found);
  if (retain !== undefined) settings.retain = `${pattern.text} ${readRetain(retain, checks, wrong)}`;
  if (size !== undefined) settings.maxMessageBytes = readSize(size, wrong);
  if (ack !== undefined) settings.ack = readAck(ack, checks, wrong);
  if (permissions !== undefined) settings.permissions = readPermissions(permissions, checks, wrong);
  return settings;
}

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

function readAck(tree: Tree, checks: Checks, wrong: Wrong): string {
  const text = tree.kind === "text" ? tree.text : "";
  try {
    checks.ack?.(text);
  } catch (thrown) {
    wrong(tree.line, `channels: ${sayBad(tree, thrown)}`);
  }
  return text;
}
