// Folders of the embedded buffer: opened, copied as a crash would leave them, damaged, and looked into.
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReplayBuffer } from "../../../src/buffer/buffer.js";
import type { Body } from "../../../src/buffer/embedded/body.js";
import { parseFileName } from "../../../src/buffer/embedded/name.js";
import { placeOf } from "../../../src/buffer/embedded/place.js";
import { walk } from "../../../src/buffer/embedded/walk.js";
import { type EmbeddedOptions, openEmbedded } from "../../../src/buffer/embedded.js";
import { retentionPolicy } from "../../../src/buffer/retention.js";
import { type T, temporaryFolder } from "../../harness.js";

export type Options = Partial<Omit<EmbeddedOptions, "retention">> & { retention?: string[] };

/** Opens a folder, a new one unless it is named; closed after the test. */
export async function open(t: T, { retention = [], ...options }: Options = {}): Promise<ReplayBuffer> {
  const folder = options.folder ?? temporaryFolder(t);
  const buffer = await openEmbedded({
    fsync: "everysec",
    ...options,
    folder,
    retention: retentionPolicy(retention),
  });
  t.after(() => buffer.close());
  return buffer;
}

export const channelsFolder = (folder: string): string => join(folder, "channels");

/** The files of the channel's segments, oldest first. */
export async function segmentsOf(folder: string, channel: string): Promise<string[]> {
  const names = await readdir(channelsFolder(folder));
  return names.filter((name) => parseFileName(name)?.channel === channel).sort();
}

/**
 * What a crash of the process would leave of an open folder: everything but the lock, and taken for the folder itself. `to`
 * is emptied before.
 */
export async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    if (!name.startsWith("lock.") && name !== "place") await cp(join(from, name), join(to, name), { recursive: true });
  }
  await placeOf(to, true, 0);
}

export interface Record {
  start: number;
  end: number;
  body: Body;
}

/** The intact records of a segment's file. */
export async function recordsOf(path: string): Promise<Record[]> {
  const bytes = await readFile(path);
  const { marker } = parseFileName(path.slice(path.lastIndexOf("/") + 1))!;
  const records: Record[] = [];
  const read = async (position: number, length: number) => bytes.subarray(position, position + length);
  await walk({ marker, read }, 0, bytes.length, bytes.length, (start, size, body) => {
    if (body !== undefined) records.push({ start, end: start + size, body });
    return true;
  });
  return records;
}

export async function change(path: string, edit: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(path, edit(await readFile(path)));
}
