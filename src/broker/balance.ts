// How sessions are spread over nodes, from numbers alone: how many this node should send away, and how many each of the
// others has room for.
//
// A session is sent to an address, and behind an address there may be several nodes: the workers of a process, or what a
// load balancer has. Which of them gets it is theirs to decide. So what is compared is addresses, by sessions a node; and
// what a node would send to its own address is not sent, because it may come back.
import type { NodeEntry } from "../nodes/registry.js";

/** What is behind an address. */
export interface Load {
  address: string;
  /** On all its nodes. */
  sessions: number;
  nodes: number;
}

/** An address below the level that all shall have, and how many sessions below. */
export interface Room {
  address: string;
  room: number;
}

/** What is nearer to the mean than this part of it, or than so many sessions, is left alone: loads are never exact. */
const tolerance = 0.1;
const leastSessions = 2;

/** In one step, so that a wrong load does limited harm. */
const mostSessions = 200;

/** Of the nodes that have told where they are, one for each address. */
export function loadsOf(entries: readonly Pick<NodeEntry, "address" | "sessions">[]): Load[] {
  const loads = new Map<string, Load>();
  for (const { address, sessions } of entries) {
    if (address === "") continue;
    const load = loads.get(address) ?? { address, sessions: 0, nodes: 0 };
    loads.set(address, { address, sessions: load.sessions + sessions, nodes: load.nodes + 1 });
  }
  return [...loads.values()];
}

const levelOf = ({ sessions, nodes }: Omit<Load, "address">): number => sessions / nodes;

/** Sessions a node, over all of them. */
export const meanOf = (loads: readonly Load[]): number => levelOf(loads.reduce(together, { sessions: 0, nodes: 0 }));

const together = (one: Omit<Load, "address">, other: Load) => ({
  sessions: one.sessions + other.sessions,
  nodes: one.nodes + other.nodes,
});

/** @param level in sessions a node */
export const roomBelow = (level: number, loads: readonly Load[]): Room[] =>
  loads.flatMap((load) => {
    const room = level * load.nodes - load.sessions;
    return room > 0 ? [{ address: load.address, room }] : [];
  });

/** The level to which the lowest loads rise when so many sessions are poured onto them. */
export function levelAfter(count: number, loads: readonly Load[]): number {
  let level = 0;
  let filled = { sessions: count, nodes: 0 };
  for (const load of [...loads].sort((a, b) => levelOf(a) - levelOf(b))) {
    if (filled.nodes > 0 && level <= levelOf(load)) break;
    filled = together(filled, load);
    level = levelOf(filled);
  }
  return level;
}

/**
 * How many of its sessions a node should send to other addresses now: its share of what its own address has above the
 * mean, if that or another one is far from the mean; what is left of a session is sent or not by chance, because many
 * nodes may have that much.
 * @param here its own address; `own` of the sessions there are its own
 */
export function excess(own: number, here: Load, others: readonly Load[], random: () => number): number {
  const mean = meanOf([here, ...others]);
  const allowed = Math.max(leastSessions, mean * tolerance);
  const above = levelOf(here) - mean;
  const mostBelow = mean - Math.min(...others.map(levelOf));
  const far = above >= leastSessions && above > mean * tolerance;
  const otherFar = mostBelow > allowed;
  if (above <= 0 || !(far || otherFar)) return 0;
  const share = above * here.nodes * (own / here.sessions);
  return Math.min(mostSessions, Math.floor(share + random()));
}

/** The addresses, one of them first: drawn by how much room there is, and its room is one less then. */
export function drawFrom(rooms: Room[], random: () => number): string[] {
  const order = shuffled(rooms, random);
  let left = random() * order.reduce((sum, { room }) => sum + Math.max(0, room), 0);
  const drawn = order.find(({ room }) => {
    left -= Math.max(0, room);
    return room > 0 && left <= 0;
  });
  if (drawn === undefined) return order.map(({ address }) => address);
  drawn.room--;
  return [drawn, ...order.filter((room) => room !== drawn)].map(({ address }) => address);
}

export function shuffled<A>(list: readonly A[], random: () => number = Math.random): A[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
