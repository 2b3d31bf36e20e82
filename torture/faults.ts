// Does what the schedule says, to what is there. Several faults may last at a time, but not two of the same subject: what
// stands still, or is gone, is not hit again before it is back. A node and its connections are two.
import type { Player } from "./cast.js";
import { type Deed, nobody } from "./faults/deed.js";
import { diskDeeds } from "./faults/disk.js";
import { networkDeeds } from "./faults/network.js";
import { nodeDeeds } from "./faults/nodes.js";
import { playerDeeds } from "./faults/players.js";
import { redisDeeds } from "./faults/redis.js";
import { setDeeds } from "./faults/set.js";
import type { Scene } from "./scene.js";
import type { Fault, FaultName } from "./schedule.js";

const deeds: Record<FaultName, Deed> = {
  ...nodeDeeds,
  ...playerDeeds,
  ...redisDeeds,
  ...setDeeds,
  ...networkDeeds,
  ...diskDeeds,
};

/** One at a time of these, of all that nodes store in. */
const storeKinds = ["redis", "master", "replica", "slot", "disk"];

export interface Faults {
  /** Resolves when it is over, with what it hit. */
  commit(fault: Fault): Promise<string>;
}

export function createFaults(scene: Scene): Faults {
  /** The names of what is hit just now. */
  const hit = new Set<string>();

  function subjectsOf(kind: string, named: string | undefined): string[] {
    if (storeKinds.includes(kind)) return ["store"];
    if (kind === "nodes") return scene.nodes.filter(({ mortal }) => mortal).map(({ name }) => name);
    return named === undefined ? [] : [named];
  }

  async function strike({ fault, target, lasts }: Fault): Promise<string> {
    // What is hit goes by the first word of the fault's name.
    const [kind = ""] = fault.split(" ");
    const of = kind === "node" || kind === "publisher" || kind === "subscriber" ? "" : "connections of ";
    const choose = <A extends { name: string }>(list: readonly A[]): A | undefined => {
      const free = list.filter(({ name }) => !hit.has(of + name));
      return free[target % Math.max(1, free.length)];
    };
    const mortal = fault.endsWith("killed");
    const alive = (players: readonly Player[]) =>
      players.filter((player) => player.isRunning && (player.mortal || !mortal));
    const [node, publisher, subscriber] = [
      choose(
        scene.nodes.filter((node) => (node.mortal || !/killed|restarted/.test(fault)) && (of || node.broker.isUp)),
      ),
      choose(alive(scene.publishers)),
      choose(alive(scene.subscribers)),
    ];
    const named = { publisher, subscriber }[kind] ?? node;
    const subjects = subjectsOf(kind, named && of + named.name);
    if (subjects.length === 0 || subjects.some((subject) => hit.has(subject))) return nobody;
    for (const subject of subjects) hit.add(subject);
    try {
      const lot = (target % 1_000) / 1_000;
      const doing = { ...scene, node: node ?? scene.nodes[0]!, lasts, lot, target, publisher, subscriber };
      return await deeds[fault](doing);
    } finally {
      for (const subject of subjects) hit.delete(subject);
    }
  }

  return {
    async commit(fault) {
      const since = Date.now();
      const target = await strike(fault);
      scene.journal.write({ kind: "fault", fault: fault.fault, target, since });
      return target;
    },
  };
}
