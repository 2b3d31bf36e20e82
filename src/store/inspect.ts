// What a node would find if it opened this store, for reprise doctor. Nothing that a node keeps is changed: what is written
// is what every node writes to find out whether it can, and it goes by itself.
import { setTimeout as delay } from "node:timers/promises";
import { inspectFolder } from "../buffer/embedded/inspect.js";
import { type AckRule, isFolder, retentionPolicy } from "../buffer/index.js";
import { createRedisBuffer } from "../buffer/redis.js";
import { inspectEtcd } from "../nodes/etcd-inspect.js";
import { isRedisUrl } from "../redis/address.js";
import { type Finding, takeNotes } from "../redis/finding.js";
import { inspectRedis } from "../redis/inspect.js";
import { connectRedis, type Redis } from "../redis/redis.js";
import type { AckLevel } from "../wire/ack-level.js";
import { MiB } from "../wire/limits.js";

export interface InspectOptions {
  ackLevel?: AckLevel | undefined;
  ackRules?: readonly AckRule[] | undefined;
  registry?: string | undefined;
}

type Levels = Omit<InspectOptions, "registry">;

/** Never rejects: what goes wrong is a finding. */
export async function inspectStore(spec: string, { registry, ...levels }: InspectOptions): Promise<Finding[]> {
  const buffer = isRedisUrl(spec) ? await inRedis(spec, levels) : isFolder(spec) ? await inFolder(spec) : [];
  return [...buffer, ...(registry === undefined ? [] : await inEtcd(registry))];
}

const GiB = 1024 * MiB;

const sentenceOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

async function inRedis(url: string, levels: Levels): Promise<Finding[]> {
  let redis: Redis;
  try {
    redis = await connectRedis({ url });
  } catch (thrown) {
    return [{ level: "fail", subject: "redis", sentence: `${sentenceOf(thrown)}: no node would start with it` }];
  }
  try {
    const found = await inspectRedis(redis).catch((thrown): Finding[] => [
      { level: "fail", subject: "redis", sentence: sentenceOf(thrown) },
    ]);
    return [...found, ...(await use(redis, levels))];
  } finally {
    redis.close();
  }
}

/** A node tells itself something every second. */
const echoMs = 5_000;

/** As a node would: at the ack levels, a write that does not stay, and hearing oneself. */
async function use(redis: Redis, levels: Levels): Promise<Finding[]> {
  const notes = takeNotes("redis");
  try {
    const buffer = await createRedisBuffer(redis, { retention: retentionPolicy([]), ...levels });
    notes.ok("ack", `acknowledged is ${buffer.ackLevel}`);
    try {
      await buffer.probe();
      notes.ok("publishing", "takes writes");
      await judgeEcho(redis, notes);
    } catch (thrown) {
      notes.fail("publishing", `takes no writes: ${sentenceOf(thrown)}`);
    } finally {
      await buffer.close();
    }
  } catch (thrown) {
    notes.fail("ack", sentenceOf(thrown));
  }
  return [...notes.found];
}

async function judgeEcho({ topics }: Redis, notes: ReturnType<typeof takeNotes>): Promise<void> {
  const deadline = performance.now() + echoMs;
  while (topics.echo.heardAt === undefined && performance.now() < deadline) await delay(20);
  const { heardAt, roundTripMs } = topics.echo;
  notes.unless(
    heardAt !== undefined,
    "fail",
    "following",
    `what is published comes back by Pub/Sub in ${roundTripMs.toFixed(1)} ms`,
    "what is published does not come back by Pub/Sub: may the user subscribe (&PREFIX*), is a proxy in between?",
  );
}

async function inFolder(spec: string): Promise<Finding[]> {
  const folder = spec.slice("embedded:".length);
  const notes = takeNotes(`folder ${folder}`);
  try {
    const { missing, writable, freeBytes, holder, remote, damaged } = await inspectFolder(folder);
    const held = `is in use by process ${holder}: stop it, or use another --buffer`;
    notes.unless(holder === undefined, "fail", "lock", "is free", held);
    const denied = "cannot be written to by this user: give it the folder (chown), or run as the node's user";
    notes.unless(writable, "fail", "writable", missing ? "can be created" : "can be written to", denied);
    const free = `${(freeBytes / GiB).toFixed(1)} GiB are free`;
    const few = `${free}: when it is full publishers are refused; make room, or keep less (--retain)`;
    notes.unless(freeBytes >= GiB, freeBytes < 64 * MiB ? "fail" : "warn", "space", free, few);
    const far = "is on a file system of another machine: the lock does not keep a second node out; use a local disk";
    notes.unless(!remote, "warn", "file system", "is on this machine", far);
    const broken = `has ${damaged.length} files that could not be read (${damaged[0]}): look at the disk, then remove them`;
    if (damaged.length > 0) notes.warn("damage", broken);
  } catch (thrown) {
    notes.fail("", sentenceOf(thrown));
  }
  return [...notes.found];
}

async function inEtcd(registry: string): Promise<Finding[]> {
  try {
    const { where, nodes } = await inspectEtcd(registry);
    return [
      { level: "ok", subject: `etcd ${where}`, sentence: `answers and can be written to; ${nodes} nodes are entered` },
    ];
  } catch (thrown) {
    const sentence = `${sentenceOf(thrown)}: nodes start without it, and do not find each other until it is mended`;
    return [{ level: "fail", subject: "etcd", sentence }];
  }
}
