// The name of a segment's file says whose it is, where it begins, and by which marker its records are recognised:
//
//   chat.lobby,0000000000000001-9f86d081.log
//
// so that one listing of the folder tells which channels exist, and a segment whose first bytes are damaged can still
// be read. Names are lower case only, because two channels may differ in nothing but case and some file systems do
// not tell them apart: capitals are written small and named behind a `%`, four characters of the channel to each hex
// digit. For the longest channel (120 capitals) that makes 180 bytes; file systems allow 255.
import { checkChannel } from "../../wire/channel.js";

export interface SegmentName {
  channel: string;
  /** Offset of the segment's first message. */
  first: number;
  /** 1 to 2^32 - 1, random: no message can be made to look like a record. */
  marker: number;
}

const written: Record<string, string> = { ":": "=", "/": "+", "@": "~" };
const read: Record<string, string> = { "=": ":", "+": "/", "~": "@" };

export function fileName(name: SegmentName): string {
  const small = name.channel.toLowerCase().replace(/[:/@]/g, (character) => written[character]!);
  const first = String(name.first).padStart(16, "0");
  return `${small}${capitals(name.channel)},${first}-${name.marker.toString(16).padStart(8, "0")}.log`;
}

/** Undefined for a file that is not a segment. */
export function parseFileName(file: string): SegmentName | undefined {
  const match = /^([a-z0-9._=+~-]+)(?:%([0-9a-f]{1,30}))?,([0-9]{16})-([0-9a-f]{8})\.log$/.exec(file);
  if (match === null) return undefined;
  const small = match[1]!.replace(/[=+~]/g, (character) => read[character]!);
  const mask = match[2] ?? "";
  const channel = Array.from(small, (character, i) => (isMarked(mask, i) ? character.toUpperCase() : character)).join(
    "",
  );
  const name = { channel, first: Number(match[3]), marker: Number.parseInt(match[4]!, 16) };
  try {
    checkChannel(channel);
  } catch {
    return undefined;
  }
  return fileName(name) === file && name.first >= 1 && name.marker >= 1 ? name : undefined;
}

/** `%` and the mask of the capitals, empty if there are none. */
function capitals(channel: string): string {
  let mask = "";
  for (let start = 0; start < channel.length; start += 4) {
    let digit = 0;
    for (let i = 0; i < 4; i++) {
      const character = channel[start + i] ?? "";
      if (character >= "A" && character <= "Z") digit |= 8 >> i;
    }
    mask += digit.toString(16);
  }
  mask = mask.replace(/0+$/, "");
  return mask === "" ? "" : `%${mask}`;
}

const isMarked = (mask: string, i: number): boolean =>
  (Number.parseInt(mask[i >> 2] ?? "0", 16) & (8 >> (i & 3))) !== 0;
