// The open files of a folder of segments. There may be far more segments than a process may have files open: only so
// many are, first of all those in use, then those used last. A use that finds all of them in use waits for one.
import * as fs from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const open = promisify(fs.open);
const close = promisify(fs.close);
const read = promisify(fs.read);
const writev = promisify(fs.writev);
const fdatasync = promisify(fs.fdatasync);
const fsync = promisify(fs.fsync);
const ftruncate = promisify(fs.ftruncate);
const stat = promisify(fs.stat);
const rename = promisify(fs.rename);
const unlink = promisify(fs.unlink);

const maxOpen = 256;

/** A call occupies a thread for as long as the disk takes; of the four there are, one is left to readers. */
const concurrentSyncs = 3;

interface OpenFile {
  fd: Promise<number>;
  users: number;
  /** Closes when its last user is through. */
  doomed: boolean;
}

export class Files {
  readonly folder: string;
  /** In the order of their last use, oldest first. */
  readonly #open = new Map<string, OpenFile>();
  /** Closes under way. */
  readonly #closing = new Set<Promise<void>>();
  readonly #waitingForFile: (() => void)[] = [];
  #syncs = 0;
  readonly #waitingForSync: (() => void)[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Creates an empty file; fails if there is one of that name. */
  async create(name: string): Promise<void> {
    await this.#use(name, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL, async () => {});
  }

  /** At most `length` bytes from `position` on: fewer only where the file ends. */
  async read(name: string, position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    await this.#use(name, fs.constants.O_RDWR, async (fd) => {
      while (filled < length) {
        const { bytesRead } = await read(fd, bytes, filled, length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
    });
    return bytes.subarray(0, filled);
  }

  /** Writes all of it or fails: then some of it may have been written. */
  async write(name: string, buffers: readonly Buffer[], position: number): Promise<void> {
    await this.#use(name, fs.constants.O_RDWR, async (fd) => {
      let left = buffers;
      for (let at = position; left.length > 0; ) {
        const { bytesWritten } = await writev(fd, left, at);
        at += bytesWritten;
        left = behind(left, bytesWritten);
      }
    });
  }

  async truncate(name: string, size: number): Promise<void> {
    await this.#use(name, fs.constants.O_RDWR, (fd) => ftruncate(fd, size));
  }

  async sync(name: string): Promise<void> {
    await this.#syncing(() => this.#use(name, fs.constants.O_RDWR, (fd) => fdatasync(fd)));
  }

  /** Makes durable which files there are. */
  async syncFolder(): Promise<void> {
    await this.#syncing(async () => {
      const fd = await open(this.folder, fs.constants.O_RDONLY);
      await fsync(fd).finally(() => close(fd));
    });
  }

  /** Size in bytes, and when it was last written, Unix ms. */
  async stat(name: string): Promise<{ size: number; mtimeMs: number }> {
    return stat(join(this.folder, name));
  }

  /** Removes the file's name; those that are reading it read on. */
  async unlink(name: string): Promise<void> {
    this.#forget(name);
    await unlink(join(this.folder, name));
  }

  async rename(from: string, to: string): Promise<void> {
    this.#forget(from);
    await rename(join(this.folder, from), join(this.folder, to));
  }

  /** Nothing may be used any more. */
  async close(): Promise<void> {
    for (const [name, file] of this.#open) this.#close(name, file);
    await Promise.all(this.#closing);
  }

  async #use<Result>(name: string, flags: number, task: (fd: number) => Promise<Result>): Promise<Result> {
    while (!this.#open.has(name) && this.#open.size >= maxOpen && !this.#closeIdle()) {
      await new Promise<void>((resolve) => this.#waitingForFile.push(resolve));
    }
    let file = this.#open.get(name);
    if (file === undefined) file = { fd: open(join(this.folder, name), flags), users: 0, doomed: false };
    else this.#open.delete(name);
    this.#open.set(name, file);
    file.users++;
    try {
      return await task(await file.fd);
    } catch (error) {
      // A new opening sees what the disk has to say; this one may have been told of an error already.
      this.#close(name, file);
      throw error;
    } finally {
      file.users--;
      if (file.doomed) this.#close(name, file);
      this.#waitingForFile.shift()?.();
    }
  }

  /** Closes the file that was used longest ago among those nobody uses; false if there is none. */
  #closeIdle(): boolean {
    for (const [name, file] of this.#open) {
      if (file.users > 0) continue;
      this.#close(name, file);
      return true;
    }
    return false;
  }

  #forget(name: string): void {
    const file = this.#open.get(name);
    if (file !== undefined) this.#close(name, file);
  }

  #close(name: string, file: OpenFile): void {
    if (this.#open.get(name) === file) this.#open.delete(name);
    file.doomed = true;
    if (file.users > 0) return;
    const closing = file.fd.then(close).catch(() => undefined);
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }

  async #syncing(sync: () => Promise<void>): Promise<void> {
    if (this.#syncs >= concurrentSyncs) await new Promise<void>((resolve) => this.#waitingForSync.push(resolve));
    else this.#syncs++;
    try {
      await sync();
    } finally {
      const next = this.#waitingForSync.shift();
      if (next === undefined) this.#syncs--;
      else next();
    }
  }
}

/** What is left of `buffers` behind their first `written` bytes. */
function behind(buffers: readonly Buffer[], written: number): readonly Buffer[] {
  let first = 0;
  for (; first < buffers.length && buffers[first]!.length <= written; first++) written -= buffers[first]!.length;
  if (written === 0) return buffers.slice(first);
  return [buffers[first]!.subarray(written), ...buffers.slice(first + 1)];
}
