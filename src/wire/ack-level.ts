// What an acknowledgement means (docs/protocol.md P-9). Each level includes those before it.

/**
 * - `stored`: the message survives the crash of any broker process
 * - `fsynced`: also the crash of the machine that stores it
 */
export type AckLevel = "stored" | "fsynced";

const levels: readonly AckLevel[] = ["stored", "fsynced"];

/** Whether an acknowledgement that means `given` keeps the promise of `wanted`. */
export const satisfies = (given: AckLevel, wanted: AckLevel): boolean =>
  levels.indexOf(given) >= levels.indexOf(wanted);
