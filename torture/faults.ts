// How each fault is done, and undone: afterwards all runs again. What may cost stored messages is told to the checker.
import { readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Player } from "./cast.js";
import { patiently, tell } from "./patience.js";
import type { Node, Scene } from "./scene.js";
import type { Fault, FaultName } from "./schedule.js";
import { setDeeds } from "./set-faults.js";

/** A crash of Redis costs at most what it received in about the last 2 s (P-9, `everysec`). */
const crashMs = 3_000;
/** Of the append-only file. */
const tailBytes = 20_000;

const transaction = "*1\r\n$5\r\nMULTI\r\n";
/** The second command of an append: the batch is stored before it, in the same transaction. */
const second = "$4\r\nHSET\r\n";

/** Cuts between two transactions, or inside one behind the batch. */
function cutTail(folder: string, where: "between" | "inside"): void {
  const appends = join(folder, "appendonlydir");
  // While it is rewritten there are two, of which the second goes on.
  const number = (name: string) => Number(/\.(\d+)\.incr\.aof$/.exec(name)?.[1] ?? -1);
  const path = join(appends, readdirSync(appends).sort((a, b) => number(b) - number(a))[0]!);
  const file = readFileSync(path);
  const before = Math.max(0, file.length - tailBytes);
  const at = where === "between" ? file.lastIndexOf(transaction, before) : file.lastIndexOf(second, before) + 2;
  truncateSync(path, Math.max(0, at));
}

const loseTail =
  (where: "between" | "inside"): Deed =>
  async (doing) => {
    const { redis } = doing;
    // How long ago the last bytes were written is not known.
    await losing(doing, null, [], async () => {
      await redis.kill();
      cutTail(redis.folder, where);
      await redis.start();
    });
    return "redis";
  };

export interface Doing extends Scene {
  node: Node;
  lasts: number;
  /** As in `Fault`. */
  target: number;
  /** Of the publishers or subscribers that it may hit; undefined if there is none. */
  publisher: Player | undefined;
  subscriber: Player | undefined;
}

/** Returns what it hit. */
export type Deed = (doing: Doing) => Promise<string>;

async function frozen(pid: number, ms: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await delay(ms);
  process.kill(pid, "SIGCONT");
}

const killPlayer =
  (of: "publisher" | "subscriber"): Deed =>
  async (doing) => {
    const player = doing[of];
    if (player === undefined) return "nobody";
    const { who } = player;
    doing.journal.write({ kind: "killed", who });
    await player.kill();
    await delay(doing.lasts);
    player.start();
    return who;
  };

const freezePlayer =
  (of: "publisher" | "subscriber"): Deed =>
  async (doing) => {
    const player = doing[of];
    if (player === undefined) return "nobody";
    player.signal("SIGSTOP");
    await delay(doing.lasts);
    player.signal("SIGCONT");
    return player.who;
  };

/** Something that happens to Redis, and may cost what it had not written. */
async function losing({ journal }: Scene, withinMs: number | null, spares: string[], act: () => Promise<void>) {
  const t = Date.now();
  await act();
  journal.write({ kind: "loss", since: t, until: Date.now(), withinMs, spares });
}

const deeds: Record<FaultName, Deed> = {
  ...setDeeds,
  async "node killed"({ node, lasts }) {
    await node.broker.kill();
    await delay(lasts);
    await patiently(node.broker.start);
    return node.name;
  },
  async "node frozen"({ node, lasts }) {
    await frozen(node.broker.pid, lasts);
    return node.name;
  },
  async "node restarted"({ node }) {
    await node.broker.stop();
    await patiently(node.broker.start);
    return node.name;
  },
  "publisher killed": killPlayer("publisher"),
  "publisher frozen": freezePlayer("publisher"),
  "subscriber killed": killPlayer("subscriber"),
  "subscriber frozen": freezePlayer("subscriber"),
  async "redis killed"(doing) {
    await losing(doing, crashMs, ["fsynced"], async () => {
      await doing.redis.kill();
      await delay(doing.lasts);
      await doing.redis.start();
    });
    return "redis";
  },
  "redis tail lost": loseTail("between"),
  "redis tail torn": loseTail("inside"),
  async "redis frozen"({ redis, lasts }) {
    await frozen(redis.pid, lasts);
    return "redis";
  },
  async "redis paused"({ redis, lasts }) {
    await tell(redis, "CLIENT", "PAUSE", lasts, "ALL");
    await delay(lasts);
    return "redis";
  },
  async "redis connections killed"({ redis }) {
    await tell(redis, "CLIENT", "KILL", "TYPE", "normal");
    await tell(redis, "CLIENT", "KILL", "TYPE", "pubsub");
    return "redis";
  },
  async "redis emptied"(doing) {
    await losing(doing, null, [], async () => void (await tell(doing.redis, "FLUSHALL")));
    return "redis";
  },
  async "node cut off from redis"({ node, lasts }) {
    node.line!.sever();
    await delay(lasts);
    node.line!.mend();
    return node.name;
  },
  async "connections cut"({ node }) {
    node.proxy.cut();
    return node.name;
  },
  async "connections dead"({ node }) {
    node.proxy.freeze();
    return node.name;
  },
  async "answers lost"({ node, lasts }) {
    node.proxy.deafen();
    await delay(Math.min(lasts, 500));
    node.proxy.cut();
    return node.name;
  },
  async "connections slow"({ node, lasts }) {
    node.proxy.delay(200);
    await delay(lasts);
    node.proxy.cut();
    return node.name;
  },
  async "reconnect storm"({ nodes }) {
    for (const { proxy } of nodes) proxy.cut();
    return "all nodes";
  },
};

/** Resolves when it is over. */
export async function commit(scene: Scene, { fault, target, lasts }: Fault): Promise<string> {
  const choose = <A>(list: readonly A[]): A | undefined => list[target % Math.max(1, list.length)];
  const alive = (players: readonly Player[], mortal: boolean) =>
    players.filter((player) => player.isRunning && (player.mortal || !mortal));
  const mortal = fault.endsWith("killed");
  const begun = Date.now();
  const hit = await deeds[fault]({
    ...scene,
    node: choose(scene.nodes.filter((node) => node.mortal || !/killed|restarted/.test(fault)))!,
    lasts,
    target,
    publisher: choose(alive(scene.publishers, mortal)),
    subscriber: choose(alive(scene.subscribers, mortal)),
  });
  scene.journal.write({ kind: "fault", fault, target: hit, since: begun });
  return hit;
}
