// What an acknowledgement means (docs/protocol.md P-9).
import { RepriseError } from "./errors.js";

/**
 * - `stored`: the message survives the crash of any broker process
 * - `fsynced`: also the crash of the machine that stores it
 * - `replicated:n`, n from 1 to 5: also the loss of that machine, if a replica that confirmed takes its place
 *
 * The others include `stored`, and `replicated:2` includes `replicated:1`; of `fsynced` and `replicated:n` neither
 * includes the other.
 */
export type AckLevel = "stored" | "fsynced" | `replicated:${number}`;

/** How many replicas have confirmed; 0 for the levels that do not ask them. */
export const replicasOf = (level: AckLevel): number => Number(/^replicated:(\d+)$/.exec(level)?.[1] ?? 0);

/** @throws RepriseError `invalid_argument` */
export function parseAckLevel(text: string): AckLevel {
  if (text === "stored" || text === "fsynced") return text;
  const replicas = /^replicated:([1-5])$/.exec(text)?.[1];
  if (replicas !== undefined) return `replicated:${Number(replicas)}`;
  const expected = "expected stored, fsynced, or replicated:N with N from 1 to 5";
  throw new RepriseError("invalid_argument", `ack level ${JSON.stringify(text)}: ${expected}`);
}

/** Whether an acknowledgement that means `given` keeps the promise of `wanted`. */
export function satisfies(given: AckLevel, wanted: AckLevel): boolean {
  if (wanted === "stored" || given === wanted) return true;
  return wanted !== "fsynced" && replicasOf(given) >= replicasOf(wanted);
}
