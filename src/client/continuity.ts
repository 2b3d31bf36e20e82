// Whether what arrives continues what was received. The broker promises it (P-17); the reader checks it all the same.
import type { BatchHeader } from "../wire/batch.js";
import type { Position } from "../wire/position.js";

/**
 * What a batch is to a reader that has received everything up to `received`:
 * - `next`: it begins, or goes on, right behind it
 * - `seen`: all of it was received before
 * - `break`: messages are missing, or would be replaced, without a gap that says so
 */
export function continuity(received: Position, batch: BatchHeader): "next" | "seen" | "break" {
  if (batch.epoch < received.epoch) return "seen";
  const expected = received.offset + 1;
  // Offsets below the beginning of a new epoch belong to the one before.
  if (batch.epoch > received.epoch) return batch.first === expected ? "next" : "break";
  if (batch.first + batch.count <= expected) return "seen";
  return batch.first <= expected ? "next" : "break";
}
