// Whether the disk takes a write now: a file as large as a batch is written, synced if appends are, and removed.
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { batchBytes } from "../../wire/limits.js";
import type { Fsync } from "./durability.js";
import { bufferError } from "./failure.js";

const batch = Buffer.alloc(batchBytes);

/** @throws RepriseError `buffer_full`, `buffer_unavailable` */
export async function probe(folder: string, fsync: Fsync): Promise<void> {
  const path = join(folder, "probe");
  try {
    const file = await open(path, "w");
    try {
      await file.writeFile(batch);
      if (fsync === "always") await file.datasync();
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
  } catch (error) {
    throw bufferError(`folder ${folder}`, error);
  }
}
