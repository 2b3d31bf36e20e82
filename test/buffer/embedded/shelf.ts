// What a log needs, without the buffer around it.

import { Durability, type Fsync } from "../../../src/buffer/embedded/durability.js";
import { Files } from "../../../src/buffer/embedded/files.js";
import { EpochFloor } from "../../../src/buffer/embedded/floor.js";
import type { Shelf } from "../../../src/buffer/embedded/shelf.js";
import { retentionPolicy } from "../../../src/buffer/retention.js";
import type { T } from "../../harness.js";
import { collect } from "../../log.js";

/** Over an existing folder; segments take 1,000 bytes. Its files are closed after the test. */
export function openShelf(
  t: T,
  folder: string,
  fsync: Fsync,
  retention: string[] = [],
): Shelf & { warnings: string[] } {
  const files = new Files(folder);
  const durability = new Durability(files, fsync);
  t.after(async () => {
    await durability.close();
    await files.close();
  });
  const warnings: string[] = [];
  return {
    files,
    durability,
    isSynced: () => fsync === "always",
    floor: new EpochFloor(folder),
    copiedAt: 0,
    retention: retentionPolicy(retention),
    segmentBytes: 1_000,
    now: Date.now,
    operator: collect(warnings),
    warnings,
  };
}
