// What may be on its way when nothing else sets the pace: the same for all systems.

export interface Window {
  /** Messages that may be unacknowledged. */
  unacked: number;
  /** Messages that the slowest subscriber may be behind; undefined without subscribers. */
  behind?: number;
}

/** Deliveries, all subscribers together. */
const deliveries = 2 ** 21;
/** Bytes of messages that are unacknowledged, and that a subscriber is behind. */
const unackedBytes = 2 ** 20;
const behindBytes = 2 ** 22;

const within = (low: number, high: number, value: number) => Math.floor(Math.min(high, Math.max(low, value)));

export function windowOf(size: number, subscribers: number): Window {
  const unacked = within(256, 8_192, unackedBytes / size);
  if (subscribers === 0) return { unacked };
  return { unacked, behind: within(256, 32_768, Math.min(deliveries / subscribers, behindBytes / size)) };
}
