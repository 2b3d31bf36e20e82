// Does what the schedule says, to what is there. Several faults may last at a time, but not two of the same subject: what
// stands still, or is gone, is not hit again before it is back.
import type { Player } from "./cast.js";
import { type Deed, nobody } from "./faults/deed.js";
import { diskDeeds } from "./faults/disk.js";
import { networkDeeds } from "./faults/network.js";
import { nodeDeeds } from "./faults/nodes.js";
import { playerDeeds } from "./faults/players.js";
import { redisDeeds } from "./faults/redis.js";
import type { Scene } from "./scene.js";
import type { Fault, FaultName } from "./schedule.js";

const deeds: Record<FaultName, Deed> = { ...nodeDeeds, ...playerDeeds, ...redisDeeds, ...networkDeeds, ...diskDeeds };

export interface Faults {
  /** Resolves when it is over, with what it hit. */
  commit(fault: Fault): Promise<string>;
}

export function createFaults(scene: Scene): Faults {
  /** The names of what is hit just now. */
  const hit = new Set<string>();

  async function commit({ fault, target, lasts }: Fault): Promise<string> {
    const choose = <A extends { name: string }>(list: readonly A[]): A | undefined => {
      const free = list.filter(({ name }) => !hit.has(name));
      return free[target % Math.max(1, free.length)];
    };
    const mortal = fault.endsWith("killed");
    const alive = (players: readonly Player[]) =>
      players.filter((player) => player.isRunning && (player.mortal || !mortal));
    const node = choose(scene.nodes);
    const publisher = choose(alive(scene.publishers));
    const subscriber = choose(alive(scene.subscribers));
    const [kind = ""] = fault.split(" ");
    // By the first word of its name.
    const subject =
      kind === "publisher"
        ? publisher
        : kind === "subscriber"
          ? subscriber
          : kind === "redis" || kind === "disk"
            ? { name: kind }
            : node;
    if (subject === undefined || hit.has(subject.name)) return nobody;
    const since = Date.now();
    hit.add(subject.name);
    try {
      const lot = (target % 1_000) / 1_000;
      const doing = { ...scene, node: node ?? scene.nodes[0]!, lasts, lot, publisher, subscriber };
      const what = await deeds[fault](doing);
      scene.journal.write({ kind: "fault", fault, target: what, since });
      return what;
    } finally {
      hit.delete(subject.name);
    }
  }

  return { commit };
}
