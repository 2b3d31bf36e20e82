// What the logs of a folder share.
import type { Log } from "../../log/log.js";
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
  /** What concerns a channel is told with its name. */
  operator: Log;
}
