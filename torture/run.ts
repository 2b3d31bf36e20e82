// One run from its beginning to the moment when nothing runs any more and the logs are complete.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { T } from "../test/scope.js";
import { begun } from "./begun.js";
import type { Player } from "./cast.js";
import type { HarnessLine } from "./check/history.js";
import { createFaults } from "./faults.js";
import { openJournal } from "./journal.js";
import { countKeys, sample } from "./measure.js";
import { createRandom } from "./random.js";
import { addLate, fillScene, openScene, type Size } from "./scene.js";
import { drawSchedule, faultsOf, type StoreKind } from "./schedule.js";
import { findLoad } from "./soak.js";

export interface RunOptions {
  minutes: number;
  seed: number;
  /** Average time between two faults, in ms. */
  everyMs: number;
  /** Of these faults only; empty: of all. */
  only: string[];
  size: Size;
  kind: StoreKind;
  /** Runs the same once more. */
  command: string;
}

/** Of each publisher, unless it is a soak. */
const perSecond = 40;
const sampleMs = 20_000;
/** What nodes and clients have after it, they need. */
const warmUpMs = 3_000;
const quietMs = 8_000;
const mostQuietMs = 180_000;
const lookMs = 2_000;
const finishMs = 120_000;

export async function run(t: T, folder: string, options: RunOptions, say: (line: string) => void): Promise<void> {
  const { minutes, seed, everyMs, only, size, kind, command } = options;
  const journal = openJournal<HarnessLine>(folder, "harness");
  const random = createRandom(seed);
  const scheduleSeed = random.between(1, 1e9);
  journal.write({ kind: "run", seed, minutes, level: size.levels[0]!, command });
  const scene = await openScene(t, folder, journal, size, kind);
  if (kind.buffer === "embedded" && scene.disk === undefined) say("no disk could be mounted: it will not be full");
  const names = only.length > 0 ? only : faultsOf(kind);
  const schedule = drawSchedule(createRandom(scheduleSeed), minutes * 60_000, everyMs, names);
  if (size.soak) say("how much can this machine take?");
  const pace = size.soak ? await findLoad(t, scene, size, random) : perSecond;
  fillScene(t, scene, size, random, pace);
  const { publishers, subscribers } = scene;
  for (const player of [...subscribers, ...publishers]) player.start();
  say(
    `${scene.nodes.length} nodes, ${publishers.length} publishers of ${pace.toFixed(0)} messages a second, ` +
      `${subscribers.length} subscribers; logs in ${folder}`,
  );
  await begun(folder, [...subscribers, ...publishers]);
  await delay(warmUpMs);
  await sample(scene, "begin");

  const since = performance.now();
  let sampled = since;
  const faults = createFaults(scene);
  const lasting: Promise<void>[] = [];
  for (const [i, fault] of schedule.entries()) {
    await delay(Math.max(0, since + fault.at - performance.now()));
    if (i === Math.floor(schedule.length / 2)) addLate(t, scene, "late");
    const over = faults.commit(fault).then((hit) => {
      const [from, to] = [fault.at, performance.now() - since].map((ms) => (ms / 1_000).toFixed(1).padStart(7));
      say(`${from} to${to} s  ${fault.fault}: ${hit}`);
    });
    // What fails is thrown below.
    over.catch(() => {});
    lasting.push(over);
    if (performance.now() - sampled > sampleMs) {
      sampled = performance.now();
      await sample(scene, "during");
    }
  }
  await delay(Math.max(0, since + minutes * 60_000 - performance.now()));
  await Promise.all(lasting);

  say("publishers settle what they have sent");
  for (const player of subscribers) player.order("hurry");
  await finish(publishers);
  addLate(t, scene, "last");
  // Also those that were killed last.
  await begun(folder, subscribers);
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
