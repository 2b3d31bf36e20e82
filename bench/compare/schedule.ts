// Which faults happen when and to whom, all from the seed: the same for every system.
import { createRandom, type Random } from "../../torture/random.js";

/**
 * `cut`: connections of subscribers are reset. `black hole`: nothing passes between some subscribers and the nodes, new
 * connections included, then they are reset, so that nobody depends on how soon its client suspects silence. `node
 * killed`: kill -9, and started again.
 */
export type FaultKind = "cut" | "black hole" | "node killed";

export interface Fault {
  kind: FaultKind;
  /** ms between the end of the last fault, or the beginning, and this one. */
  after: number;
  /** ms; 0 for what takes no time. */
  lasts: number;
  /** Whom it hits; a killed node hits who is connected to it. */
  subscribers: number[];
  /** Which node: modulo how many there are. */
  node: number;
}

const round: readonly FaultKind[] = ["cut", "cut", "black hole", "node killed"];
const shortest: Record<FaultKind, number> = { cut: 0, "black hole": 3_000, "node killed": 1_000 };
/** Afterwards nothing happens, so that everybody can come to the end. */
export const calmMs = 8_000;

/** In rounds, in each of which every kind comes. */
export function drawSchedule(seed: number, totalMs: number, subscribers: number): Fault[] {
  const random = createRandom(seed);
  const faults: Fault[] = [];
  for (let at = 0; ; ) {
    for (const kind of shuffled(random, round)) {
      const lasts = shortest[kind] * (1 + random.next());
      const after = random.between(3_000, 5_000);
      at += after + lasts;
      if (at > totalMs - calmMs) return faults;
      const some = shuffled(
        random,
        Array.from({ length: subscribers }, (_, index) => index),
      );
      const most = random.between(Math.ceil(subscribers / 2), subscribers);
      faults.push({
        ...{ kind, after, lasts: Math.round(lasts), node: random.between(0, 999) },
        subscribers: kind === "node killed" ? [] : some.slice(0, most).sort((a, b) => a - b),
      });
    }
  }
}

function shuffled<A>(random: Random, list: readonly A[]): A[] {
  const rest = [...list];
  return list.map(() => rest.splice(random.between(0, rest.length - 1), 1)[0]!);
}
