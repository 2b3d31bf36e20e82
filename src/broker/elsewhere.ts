// Where sessions of this node can go when it drains: to the other ready nodes, so that these come out even.
import { drawFrom, type Load, levelAfter, loadsOf, type Room, roomBelow, shuffled } from "./balance.js";
import type { Nodes } from "./nodes.js";

export interface Elsewhere {
  /** Whether there is another ready node, be its address known or not. */
  readonly exists: boolean;
  /** Addresses for the next session, the best first. */
  next(): string[];
  close(): void;
}

/** Addresses that a peer is sent to at once; it is told of all nodes besides. */
export const mostAddresses = 3;

/** @param count how many sessions have yet to go */
export function createElsewhere(nodes: Nodes, count: () => number): Elsewhere {
  let loads: Load[] = [];
  let rooms: Room[] = [];
  const plan = () => {
    loads = loadsOf(nodes.elsewhere);
    rooms = roomBelow(levelAfter(count(), loads), loads);
  };
  plan();
  // A load that was read meanwhile holds some of our own sessions: only a new or a lost node is worth a new plan.
  const forget = nodes.onAddresses(plan);
  return {
    get exists() {
      return nodes.elsewhere.length > 0;
    },
    next() {
      const addresses = rooms.length > 0 ? drawFrom(rooms, Math.random) : shuffled(loads.map(({ address }) => address));
      return addresses.slice(0, mostAddresses);
    },
    close: forget,
  };
}
