// What happens to Redis. What may cost stored messages is told to the checker.
import { setTimeout as delay } from "node:timers/promises";
import { ask, type RedisServer } from "../../test/redis.js";
import { tell } from "../patience.js";
import type { Scene } from "../scene.js";
import { type Deed, nobody } from "./deed.js";
import { type Cut, cutTail } from "./file-end.js";
import { frozen } from "./nodes.js";

/** A crash of Redis costs at most what it received in about the last 2 s (P-9, `everysec`). */
const crashMs = 3_000;
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
    let cut: Cut | undefined;
    const since = Date.now();
    await losing(doing, crashMs, ["fsynced"], async () => {
      await redis.kill();
      cut = cutTail(redis.folder, inside ? doing.lot : undefined);
      await redis.start();
    });
    const { bytes, offsets } = cut!;
    if (bytes === 0) return nobody;
    // How long ago its last bytes were written is not known, but what was in them.
    const costs = { withinMs: null, spares: [], cut: offsets };
    doing.journal.write({ kind: "loss", since, until: Date.now(), ...costs });
    return `redis (${bytes} bytes)`;
  };

/** CLIENT KILL of all, but for replicas. Returns how many there were. */
export async function killConnections(server: RedisServer): Promise<number> {
  const normal = await tell(server, "CLIENT", "KILL", "TYPE", "normal");
  return Number(normal) + Number(await tell(server, "CLIENT", "KILL", "TYPE", "pubsub"));
}

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
    const connections = await killConnections(redisOf(doing));
    return connections === 0 ? nobody : `redis (${connections} connections)`;
  },
  async "redis emptied"(doing) {
    await losing(doing, null, [], async () => void (await tell(redisOf(doing), "FLUSHALL")));
    return "redis";
  },
} satisfies Record<string, Deed>;
