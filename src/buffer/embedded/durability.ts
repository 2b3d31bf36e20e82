// When what was written gets to the disk: before it is answered (`sync`), within about a second, or whenever the system sees
// fit. In any case before the buffer is closed.
import { isMissing } from "./failure.js";
import type { Files } from "./files.js";

export type Fsync = "always" | "everysec" | "no";

const everysecMs = 900;

/** Called when a later sync fails: what was written may not survive the machine. */
export type SyncFailed = (error: unknown) => void;

export class Durability {
  readonly #fsync: Fsync;
  readonly #files: Files;
  /** Files written since they were last synced. */
  #dirty = new Map<string, SyncFailed>();
  /** Files were created since the folder was last synced. */
  #folderDirty = false;
  #timer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> = Promise.resolve();

  constructor(files: Files, fsync: Fsync) {
    this.#files = files;
    this.#fsync = fsync;
  }

  /** The file was written, or created, and will be synced as the policy says. */
  written(name: string, created: boolean, failed: SyncFailed): void {
    this.#dirty.set(name, failed);
    this.#folderDirty ||= created;
    if (this.#fsync !== "everysec" || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.syncAll();
    }, everysecMs).unref();
  }

  /** Syncs the file now. Rejects if it fails. */
  async sync(name: string, created: boolean): Promise<void> {
    await this.#files.sync(name);
    this.#dirty.delete(name);
    if (created) await this.#files.syncFolder();
  }

  /** The file is gone. */
  forget(name: string): void {
    this.#dirty.delete(name);
  }

  /** Syncs whatever was written before. Never rejects. */
  syncAll(): Promise<void> {
    this.#syncing = this.#syncing.then(async () => {
      const dirty = this.#dirty;
      this.#dirty = new Map();
      await Promise.all(Array.from(dirty, ([name, failed]) => this.#files.sync(name).catch(unlessGone(failed))));
      if (!this.#folderDirty) return;
      this.#folderDirty = false;
      await this.#files.syncFolder().catch((error) => {
        this.#folderDirty = true;
        for (const failed of dirty.values()) failed(error);
      });
    });
    return this.#syncing;
  }

  /** Nothing may be written any more. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.syncAll();
  }
}

/** A file that retention removed meanwhile needs no sync. */
const unlessGone = (failed: SyncFailed) => (error: unknown) => {
  if (!isMissing(error)) failed(error);
};
