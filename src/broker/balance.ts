// How sessions are spread over nodes, from numbers alone: how many this node should send away, and how many each of the
// others has room for.

export interface Load {
  address: string;
  sessions: number;
}

/** A node below the level that all shall have, and how far below. */
export interface Room {
  address: string;
  room: number;
}

/** What is nearer to the mean than this part of it, or than so many sessions, is left alone: loads are never exact. */
const tolerance = 0.1;
const leastSessions = 2;

/** In one step, so that a wrong load does limited harm. */
const mostSessions = 200;

export const roomBelow = (level: number, loads: readonly Load[]): Room[] =>
  loads.flatMap(({ address, sessions }) => (sessions < level ? [{ address, room: level - sessions }] : []));

/** The level to which the lowest loads rise when so many sessions are poured onto them. */
export function levelAfter(count: number, loads: readonly Load[]): number {
  const sorted = loads.map(({ sessions }) => sessions).sort((a, b) => a - b);
  let level = 0;
  let sum = count;
  for (const [index, sessions] of sorted.entries()) {
    if (index > 0 && level <= sessions) break;
    sum += sessions;
    level = sum / (index + 1);
  }
  return level;
}

/**
 * How many of its sessions a node should send to others now. As many as it has above the mean, if it or another one is
 * far from the mean; what is left of a session is sent or not by chance, because many nodes may have that much.
 */
export function excess(own: number, others: readonly Load[], random: () => number): number {
  const loads = others.map(({ sessions }) => sessions);
  const mean = loads.reduce((sum, sessions) => sum + sessions, own) / (loads.length + 1);
  const allowed = Math.max(leastSessions, mean * tolerance);
  const above = own - mean;
  const mostBelow = mean - Math.min(...loads);
  const far = above >= leastSessions && above > mean * tolerance;
  const otherFar = mostBelow > allowed;
  if (above <= 0 || !(far || otherFar)) return 0;
  return Math.min(mostSessions, Math.floor(above + random()));
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
