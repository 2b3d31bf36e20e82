// What processes hold, for the checker: nodes, Redis, and those subscribers that live all the time.
import { setTimeout as delay } from "node:timers/promises";
import type { Sample } from "./check/history.js";
import { patienceMs, patiently, tell } from "./patience.js";
import type { Node, Scene } from "./scene.js";
import { lookAtRedis, redisName } from "./store.js";

type Held = Omit<Sample, "kind" | "process" | "phase">;

/** A node that a fault has just hit answers nothing. */
const answerMs = 5_000;

/** While faults last, whoever cannot tell is left out; at the beginning and in the end each is asked until it answers. */
export async function sample(scene: Scene, phase: "begin" | "during" | "idle"): Promise<void> {
  const { nodes, store, subscribers, journal } = scene;
  const mostMs = phase === "during" ? answerMs : patienceMs;
  const measured = async (process: string, measure: () => Promise<Held>) => {
    const asked = phase === "during" ? measure() : patiently(measure);
    const held = await asked.catch(() => undefined);
    if (held !== undefined) journal.write({ kind: "sample", process, phase, ...held });
  };
  await Promise.all([
    ...nodes.map((node) => measured(node.name, () => measureNode(node, mostMs))),
    ...(store?.servers ?? []).map((server, i) => measured(redisName(i), () => lookAtRedis(server))),
  ]);
  if (phase !== "during") return;
  for (const player of subscribers) if (!player.mortal) player.order("measure");
}

async function measureNode({ broker }: Node, mostMs: number): Promise<Held> {
  const late = delay(mostMs, undefined, { ref: false });
  const memory = await Promise.race([broker.measure(), late]);
  if (!memory) throw new Error("it does not say what it holds");
  const { heapUsed, external, files, rss } = memory;
  return { memory: heapUsed + external, files, rss, pid: broker.pid };
}

/** Of all masters. */
export async function countKeys({ store, channels, journal }: Scene): Promise<void> {
  if (store === undefined) return;
  let count = 0;
  for (const server of store.servers) {
    const [role] = (await tell(server, "ROLE")) as [string];
    if (role === "master") count += Number(await tell(server, "DBSIZE"));
  }
  journal.write({ kind: "keys", channels: channels.length, count });
}
