// One run from its beginning to the moment when nothing runs any more and the logs are complete.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ask } from "../test/redis.js";
import { type T, until } from "../test/scope.js";
import type { Player } from "./cast.js";
import type { HarnessLine } from "./check/history.js";
import { createFaults } from "./faults.js";
import { openJournal } from "./journal.js";
import { createRandom } from "./random.js";
import { addLate, fillScene, openScene, type Scene, type Size } from "./scene.js";
import { drawSchedule, faultsOf, type StoreKind } from "./schedule.js";

export interface RunOptions {
  minutes: number;
  seed: number;
  /** Average time between two faults, in ms. */
  everyMs: number;
  /** Of these faults only; empty: of all. */
  only: string[];
  size: Size;
  kind: StoreKind;
}

/** Until everybody has begun, once all are connected. */
const warmUpMs = 5_000;
const connectMs = 60_000;
const quietMs = 8_000;
const mostQuietMs = 180_000;
const lookMs = 2_000;
const finishMs = 120_000;

export async function run(t: T, folder: string, options: RunOptions, say: (line: string) => void): Promise<void> {
  const { minutes, seed, everyMs, only, size, kind } = options;
  const journal = openJournal<HarnessLine>(folder, "harness");
  const random = createRandom(seed);
  const scheduleSeed = random.between(1, 1e9);
  journal.write({ kind: "run", seed, minutes, level: kind.fsync === "always" ? "fsynced" : "stored" });
  const scene = await openScene(t, folder, journal, size, kind);
  if (kind.buffer === "embedded" && scene.disk === undefined) say("no disk could be mounted: it will not be full");
  const names = only.length > 0 ? only : faultsOf(kind);
  const schedule = drawSchedule(createRandom(scheduleSeed), minutes * 60_000, everyMs, names);
  fillScene(t, scene, size, random);
  const { publishers, subscribers } = scene;
  for (const player of [...subscribers, ...publishers]) player.start();
  say(
    `${scene.nodes.length} nodes, ${publishers.length} publishers, ${subscribers.length} subscribers; logs in ${folder}`,
  );
  const players = publishers.length + subscribers.length;
  const connections = () => scene.nodes.reduce((sum, { proxy }) => sum + proxy.connections, 0);
  await until(() => connections() >= players, "everybody is connected", connectMs);
  await delay(warmUpMs);
  await sample(scene, "begin");

  const begun = performance.now();
  const faults = createFaults(scene);
  const lasting: Promise<void>[] = [];
  for (const [i, fault] of schedule.entries()) {
    await delay(Math.max(0, begun + fault.at - performance.now()));
    if (i === Math.floor(schedule.length / 2)) addLate(t, scene, "late");
    const over = faults.commit(fault).then((hit) => {
      const [from, to] = [fault.at, performance.now() - begun].map((ms) => (ms / 1_000).toFixed(1).padStart(7));
      say(`${from} to${to} s  ${fault.fault}: ${hit}`);
    });
    // What fails is thrown below.
    over.catch(() => {});
    lasting.push(over);
  }
  await delay(Math.max(0, begun + minutes * 60_000 - performance.now()));
  await Promise.all(lasting);

  say("publishers settle what they have sent");
  for (const player of subscribers) player.order("hurry");
  await finish(publishers);
  addLate(t, scene, "last");
  say("subscribers read to the end");
  await quiet(folder);
  await sample(scene, "idle");
  await countKeys(scene);
  for (const player of subscribers) player.order("look");
  // It must not see who is about to leave.
  await delay(lookMs);
  await finish(subscribers);
}

async function finish(players: readonly Player[]): Promise<void> {
  for (const player of players) player.order("finish");
  await Promise.all(players.map((player) => player.ended(finishMs)));
}

async function sample({ nodes, journal }: Scene, phase: "begin" | "idle"): Promise<void> {
  for (const { name, broker } of nodes) {
    const { heapUsed, external, files } = await broker.measure();
    journal.write({ kind: "sample", process: name, phase, memory: heapUsed + external, files });
  }
}

async function countKeys({ redis, channels, journal }: Scene): Promise<void> {
  if (redis === undefined) return;
  journal.write({ kind: "keys", channels: channels.length, count: Number(await ask(redis, "DBSIZE")) });
}

/** Waits until no log has grown for long. */
async function quiet(folder: string): Promise<void> {
  const total = () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const deadline = performance.now() + mostQuietMs;
  let before = total();
  let since = performance.now();
  while (performance.now() - since < quietMs && performance.now() < deadline) {
    await delay(250);
    const now = total();
    if (now !== before) since = performance.now();
    before = now;
  }
}
