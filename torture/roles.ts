// What the processes of the workload are told when they start, in their only argument, as JSON; and later, by messages.
import type { AckLevel } from "../src/client/index.js";

interface Role {
  folder: string;
  /** Names its log. */
  who: string;
  addresses: string[];
}

export interface PublisherRole extends Role {
  seed: number;
  channels: string[];
  /** About so many messages a second; 0: without any pause. */
  perSecond: number;
  /** Goes to no node that promises less. */
  ackLevel: AckLevel;
}

/** The calls by which programs without the client library publish. */
export const ways = ["publish", "publishStream", "biStream", "connect"] as const;

export interface OutsidePublisherRole extends PublisherRole {
  way: (typeof ways)[number];
}

export interface SubscriberRole extends Role {
  channels: string[];
  from: "new" | "earliest";
  /** Keeps its positions in this file. */
  positions?: string;
  /** Killed before, whose positions these are. */
  continues?: string;
  /** Enters the first channel under this id, and watches who else is there. */
  member?: string;
  /** ms that each message takes. */
  slowMs?: number;
}

/**
 * `measure`: a subscriber puts down what it holds. `hurry`: the workload is over; nothing is slow any more. `look`: all is
 * quiet; who is a member? `finish`: publishers settle everything, subscribers stop where they are; then the process ends.
 */
export type Order = "measure" | "hurry" | "look" | "finish";

export const roleOf = <R extends Role>(): R => JSON.parse(process.argv[2]!) as R;

/** The process ends with the harness, at the latest. */
export function onOrder(take: (order: Order) => void): void {
  process.on("disconnect", () => process.exit(1));
  process.on("message", (order: Order) => take(order));
}
