// What a node says of itself, as it lies in a registry: JSON, so that people and other programs can read it there. It is
// read as anybody's writing: it is shown on terminals, and peers connect to its address.

export interface NodeEntry {
  /** Name of the process, unique. */
  node: string;
  /** Where peers reach it, HOST:PORT; empty: it has not been told. */
  address: string;
  /** Where it stands (a data centre, a rack); empty: not told. */
  zone: string;
  version: string;
  /** `draining`: it sends its sessions away and accepts none. */
  state: "ready" | "draining";
  /** Its load: live sessions. */
  sessions: number;
  /** Unix ms, by the node's clock. */
  startedAtMs: number;
  /** What it found dangerous in its configuration or that of its store, a sentence each. */
  warnings: readonly string[];
}

/** In characters; an encoded entry is larger by its names and escapes. */
export const longestWord = 255;
const longestWarning = 500;
const mostWarnings = 20;
const longestEntry = 64 * 1024;

const isCount = (value: unknown, most: number): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= most;

/** One line of text: nothing that moves a cursor, nothing that is not Unicode. */
const isText = (value: unknown, longest: number): value is string =>
  typeof value === "string" && value.length <= longest && !/[\p{Cc}\p{Cs}]/u.test(value);

/** Whether it may be the name of a node or a zone. */
export const isWord = (value: unknown): value is string => isText(value, longestWord);

/** Whether it is HOST:PORT, with the address of IPv6 in brackets. */
export function isAddress(value: unknown): value is string {
  const port = isWord(value) ? Number(/^(?:\[[\da-f:.]+\]|[^\s:/[\]@]+):(\d{1,5})$/i.exec(value)?.[1]) : 0;
  return port >= 1 && port <= 65_535;
}

/** Warnings that are too many or too long are cut. */
export function encodeNodeEntry(entry: NodeEntry): string {
  const warnings = entry.warnings.slice(0, mostWarnings).map((warning) => warning.slice(0, longestWarning));
  return JSON.stringify({ ...entry, warnings: warnings.map((text) => text.replace(/[\p{Cc}\p{Cs}]/gu, " ")) });
}

/** Undefined if it is not an entry, or not the one of `node`. */
export function readNodeEntry(node: string, text: string): NodeEntry | undefined {
  const value = text.length <= longestEntry ? parse(text) : undefined;
  if (typeof value !== "object" || value === null || node === "") return undefined;
  const { address, zone, version, state, sessions, startedAtMs, warnings } = value as Record<string, unknown>;
  if ((value as { node?: unknown }).node !== node || !isWord(node)) return undefined;
  if (!isWord(zone) || !isWord(version) || (address !== "" && !isAddress(address))) return undefined;
  if (state !== "ready" && state !== "draining") return undefined;
  if (!isCount(sessions, 2 ** 32 - 1) || !isCount(startedAtMs, Number.MAX_SAFE_INTEGER)) return undefined;
  if (!Array.isArray(warnings) || warnings.length > mostWarnings) return undefined;
  if (!warnings.every((warning) => isText(warning, longestWarning))) return undefined;
  return { node, address, zone, version, state, sessions, startedAtMs, warnings };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
