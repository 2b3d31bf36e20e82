// What the logs of a folder share.
import type { RetentionPolicy } from "../retention.js";
import type { Durability } from "./durability.js";
import type { Files } from "./files.js";
import type { EpochFloor } from "./floor.js";

export interface Shelf {
  files: Files;
  durability: Durability;
  floor: EpochFloor;
  retention: RetentionPolicy;
  /** A segment takes about so many bytes. */
  segmentBytes: number;
  /** Unix ms. */
  now(): number;
  warn(message: string): void;
}
