// Positions in a file: one line of JSON with all channels of the store, and a checksum. It is replaced, never written to: a
// new file is written and synced, takes the old one's name, and the folder is synced. So at any moment, and after a crash
// of the process or of the machine, there is either the old file or the new one, whole.
import { randomBytes } from "node:crypto";
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { RepriseError } from "../wire/errors.js";
import type { Position } from "../wire/position.js";
import type { PositionStore } from "./position-store.js";

type Positions = Record<string, Position>;

/**
 * Keeps positions in the file `path`, which the first save creates; its folder must exist. The store may be shared by any
 * number of subscriptions, of several buses too, as long as each has a channel of its own.
 *
 * A file that is damaged, or is none of these, is an error: never a start from the beginning. Delete it to begin anew.
 *
 * The file is for one process at a time. If a second one saves into it too, the next save of the first fails; until then
 * the file holds, whole, what the last of them saved.
 */
export function filePositionStore(path: string): PositionStore {
  /** As the file holds them, and what is about to be written. */
  let positions: Positions | undefined;
  /** What the file holds; undefined: there is none. */
  let text: string | undefined;
  let writing: Promise<void> = Promise.resolve();
  /** The write that is not begun yet, which takes all positions with it that come until then. */
  let next: Promise<void> | undefined;

  const loaded = async (): Promise<Positions> => {
    if (positions !== undefined) return positions;
    await removeLeftovers(path);
    const found = await readText(path);
    // Another call may have been faster.
    if (positions === undefined) {
      positions = found === undefined ? emptyPositions() : parse(path, found);
      text = found;
    }
    return positions;
  };
  const write = async (): Promise<void> => {
    next = undefined;
    const content = format(positions!);
    if ((await readText(path)) !== text) throw unexpected(path, "somebody else has changed or removed it");
    await replace(path, content);
    text = content;
  };
  return {
    async load(channel) {
      return (await loaded())[channel];
    },
    async save(channel, { epoch, offset }) {
      (await loaded())[channel] = { epoch, offset };
      if (next === undefined) {
        next = writing.then(write, write);
        writing = next;
      }
      await next;
    },
  };
}

// Without a prototype: a channel may be called "constructor".
const emptyPositions = (): Positions => Object.create(null) as Positions;

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw thrown;
  }
}

const format = (positions: Positions): string =>
  `${JSON.stringify({ positions, crc32: crc32(JSON.stringify(positions)).toString(16) })}\n`;

function parse(path: string, text: string): Positions {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw unexpected(path, text === "" ? "it is empty" : "it does not hold positions, or is damaged", cause);
  }
  const { positions } = (content ?? {}) as { positions?: Positions };
  // Byte for byte what `format` writes, the checksum and the end of the line with it.
  if (positions === undefined || format(positions) !== text) {
    throw unexpected(path, "it does not hold positions, or is damaged");
  }
  return Object.assign(emptyPositions(), positions);
}

const unexpected = (path: string, what: string, cause?: unknown): RepriseError =>
  new RepriseError("position_store_failed", `the position file ${path}: ${what}`, { cause });

async function replace(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await synced(temporary, "wx", (file) => file.writeFile(content));
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
  // The name is in the folder.
  await synced(dirname(path), "r");
}

async function synced(
  path: string,
  flags: string,
  write?: (file: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await write?.(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What processes that were killed during a save have left. */
async function removeLeftovers(path: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const pid = name.startsWith(prefix) && /^(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name.slice(prefix.length))?.[1];
    if (pid && !isAlive(Number(pid))) await rm(join(dirname(path), name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
