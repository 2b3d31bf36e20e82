// What happens to Redis. What may cost stored messages is told to the checker.
import { readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ask, type RedisServer } from "../../test/redis.js";
import { tell } from "../patience.js";
import type { Scene } from "../scene.js";
import { type Deed, nobody } from "./deed.js";
import { frozen } from "./nodes.js";

/** A crash of Redis costs at most what it received in about the last 2 s (P-9, `everysec`). */
const crashMs = 3_000;
/** Of the append-only file. */
const tailBytes = 20_000;

const beginning = "*1\r\n$5\r\nMULTI\r\n";
const end = "*1\r\n$4\r\nEXEC\r\n";

/** Cuts between two transactions, or anywhere inside one. */
function cutTail(folder: string, inside: number | undefined): void {
  const appends = join(folder, "appendonlydir");
  // While it is rewritten there are two, of which the second goes on.
  const number = (name: string) => Number(/\.(\d+)\.incr\.aof$/.exec(name)?.[1] ?? -1);
  const path = join(appends, readdirSync(appends).sort((a, b) => number(b) - number(a))[0]!);
  const file = readFileSync(path);
  const at = Math.max(0, file.lastIndexOf(beginning, Math.max(0, file.length - tailBytes)));
  const from = at + beginning.length;
  truncateSync(
    path,
    inside === undefined ? at : from + Math.floor(inside * (file.indexOf(end, at) + end.length - from)),
  );
}

export function redisOf({ redis }: Scene): RedisServer {
  if (redis === undefined) throw new Error("there is no Redis in this run");
  return redis;
}

/** Something that happens to Redis, and may cost what it had not written. */
async function losing({ journal }: Scene, withinMs: number | null, spares: string[], act: () => Promise<void>) {
  const t = Date.now();
  await act();
  journal.write({ kind: "loss", since: t, until: Date.now(), withinMs, spares });
}

const tailLost =
  (inside: boolean): Deed =>
  async (doing) => {
    const redis = redisOf(doing);
    // How long ago the last bytes were written is not known.
    await losing(doing, null, [], async () => {
      await redis.kill();
      cutTail(redis.folder, inside ? doing.lot : undefined);
      await redis.start();
    });
    return "redis";
  };

export const redisDeeds = {
  async "redis killed"(doing) {
    const redis = redisOf(doing);
    await losing(doing, crashMs, ["fsynced"], async () => {
      await redis.kill();
      await delay(doing.lasts);
      await redis.start();
    });
    return "redis";
  },
  "redis tail lost": tailLost(false),
  "redis tail torn": tailLost(true),
  async "redis frozen"(doing) {
    await frozen(redisOf(doing).pid, doing.lasts);
    return "redis";
  },
  async "redis paused"(doing) {
    await tell(redisOf(doing), "CLIENT", "PAUSE", doing.lasts, "ALL");
    await delay(doing.lasts);
    return "redis";
  },
  async "redis asleep"(doing) {
    const asking = ask(redisOf(doing), "DEBUG", "SLEEP", doing.lasts / 1_000);
    // It answers when it is awake again, and nobody may wait that long.
    const isRefused = asking.then(
      () => false,
      (error: Error) => error.message.includes("not allowed"),
    );
    await delay(doing.lasts);
    return (await isRefused) ? nobody : "redis";
  },
  async "redis connections killed"(doing) {
    await tell(redisOf(doing), "CLIENT", "KILL", "TYPE", "normal");
    await tell(redisOf(doing), "CLIENT", "KILL", "TYPE", "pubsub");
    return "redis";
  },
  async "redis emptied"(doing) {
    await losing(doing, null, [], async () => void (await tell(redisOf(doing), "FLUSHALL")));
    return "redis";
  },
} satisfies Record<string, Deed>;
