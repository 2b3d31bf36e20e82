// What the logs of a folder share.
import type { Log } from "../../log/log.js";
import type { RetentionPolicy } from "../retention.js";
import type { Durability } from "./durability.js";
import type { Files } from "./files.js";
import type { EpochFloor } from "./floor.js";

export interface Shelf {
  files: Files;
  durability: Durability;
  /** Whether what is appended to a channel is on the disk before it is answered. */
  isSynced(channel: string): boolean;
  floor: EpochFloor;
  /** Epochs from before then are of a log that may have gone on elsewhere (place.ts). Unix ms; 0: there are none. */
  copiedAt: number;
  retention: RetentionPolicy;
  /** A segment takes about so many bytes. */
  segmentBytes: number;
  /** Unix ms. */
  now(): number;
  /** What concerns a channel is told with its name. */
  operator: Log;
}
