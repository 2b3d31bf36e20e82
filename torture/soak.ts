// A long run at a part of the load that the machine can take, in which nothing may grow: the load is found out first.
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { T } from "../test/scope.js";
import { begun } from "./begun.js";
import type { PublisherLine } from "./check/history.js";
import type { Random } from "./random.js";
import { fillScene, type Scene, type Size } from "./scene.js";

/** Of what the publishers reach without any pause. */
const part = 0.3;
const warmMs = 10_000;
const measuredMs = 20_000;
const settleMs = 120_000;

/**
 * Publishers of a workload like the one to come publish without any pause: of what is acknowledged then, each of as
 * many publishers is to publish its share of the part, a second. All have ended then; their logs are judged like any.
 */
export async function findLoad(t: T, scene: Scene, size: Size, random: Random): Promise<number> {
  const trial: Scene = { ...scene, publishers: [], subscribers: [] };
  fillScene(t, trial, size, random, 0, "_unpaced");
  const { publishers, subscribers } = trial;
  const names = publishers.map(({ name }) => `${name}.1`);
  for (const player of subscribers) player.start();
  await begun(scene.folder, subscribers);
  for (const player of publishers) player.start();
  await begun(scene.folder, publishers);
  await delay(warmMs);
  const since = Date.now();
  await delay(measuredMs);
  const until = Date.now();
  for (const player of publishers) player.order("finish");
  await Promise.all(publishers.map((player) => player.ended(settleMs)));
  // They have read what they have read; the end of the log is still to come.
  for (const player of subscribers) {
    scene.journal.write({ kind: "killed", who: player.who });
    await player.kill();
  }
  const counts = await Promise.all(names.map((name) => countAcked(join(scene.folder, `${name}.jsonl`), since, until)));
  const reached = (counts.reduce((sum, count) => sum + count, 0) / (until - since)) * 1_000;
  if (reached === 0) throw new Error("nothing was acknowledged to publishers without pause");
  const held = reached * part;
  scene.journal.write({ kind: "load", reached: Math.round(reached), held: Math.round(held) });
  return held / publishers.length;
}

async function countAcked(path: string, since: number, until: number): Promise<number> {
  let count = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    const { t, kind } = JSON.parse(text) as PublisherLine;
    if (kind === "ack" && since <= t && t < until) count++;
  }
  return count;
}
