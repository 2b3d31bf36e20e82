// The folder of an embedded buffer as it is found, without opening it or changing anything.
import { access, constants, readdir, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { lockHolder } from "./lock.js";
import { putAside } from "./recovery.js";

export interface FolderState {
  /** It does not exist yet; then the rest is about the folder that it would be created in. */
  missing: boolean;
  writable: boolean;
  /** Bytes that this user may still write. */
  freeBytes: number;
  /** The process that has it open. */
  holder: number | undefined;
  /** On a file system of another machine, to which the lock does not reach. */
  remote: boolean;
  /** Files that were put aside because nothing in them could be read. */
  damaged: string[];
}

/** NFS, SMB and CIFS, by statfs(2). */
const remoteTypes = [0x6969, 0xfe534d42, 0xff534d42, 0x517b];

export async function inspectFolder(folder: string): Promise<FolderState> {
  const entries = await readdir(folder).catch(() => undefined);
  const place = entries === undefined ? await nearestParent(folder) : folder;
  const writable = await access(place, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  const { bavail, bsize, type } = await statfs(place);
  const channels = await readdir(`${folder}/channels`).catch((): string[] => []);
  return {
    missing: entries === undefined,
    writable,
    freeBytes: bavail * bsize,
    holder: lockHolder(entries ?? []),
    remote: remoteTypes.includes(type),
    damaged: channels.filter((name) => name.endsWith(putAside)),
  };
}

async function nearestParent(folder: string): Promise<string> {
  for (let place = resolve(folder); ; place = dirname(place)) {
    const exists = await access(place).then(
      () => true,
      () => false,
    );
    if (exists || place === dirname(place)) return place;
  }
}
