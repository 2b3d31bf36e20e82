// What processes hold, for the checker: nodes, Redis, and those subscribers that live all the time.
import { tell } from "./patience.js";
import type { Node, Scene } from "./scene.js";
import { lookAtRedis } from "./store.js";

/** A node that a fault has just hit answers nothing. */
const answerMs = 5_000;

/** Whoever cannot tell is left out. */
export async function sample(scene: Scene, phase: "begin" | "during" | "idle"): Promise<void> {
  const { nodes, store, subscribers, journal } = scene;
  for (const node of nodes) {
    const held = await measureNode(node);
    if (held !== undefined) journal.write({ kind: "sample", process: node.name, phase, ...held });
  }
  for (const [i, server] of (store?.servers ?? []).entries()) {
    const held = await lookAtRedis(server).catch(() => undefined);
    if (held !== undefined) journal.write({ kind: "sample", process: `redis-${i + 1}`, phase, ...held });
  }
  if (phase !== "during") return;
  for (const player of subscribers) if (!player.mortal) player.order("measure");
}

async function measureNode({ broker }: Node): Promise<{ memory: number; files: number } | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, answerMs);
  });
  const memory = await Promise.race([broker.measure().catch(() => undefined), late]);
  clearTimeout(timer);
  return memory ? { memory: memory.heapUsed + memory.external, files: memory.files } : undefined;
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
