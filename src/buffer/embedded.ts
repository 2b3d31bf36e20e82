// The embedded buffer: segment files in a folder of this machine, one log per channel, nothing to install.
//
//   <folder>/lock.<process>      while it is open (embedded/lock.ts)
//   <folder>/epoch               embedded/floor.ts
//   <folder>/place               embedded/place.ts
//   <folder>/retention           embedded/rules.ts
//   <folder>/channels/*.log      the segments (embedded/name.ts)
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { noLog, type Log as OperatorLog } from "../log/log.js";
import { type AckLevel, replicasOf, satisfies } from "../wire/ack-level.js";
import { checkChannel } from "../wire/channel.js";
import { RepriseError } from "../wire/errors.js";
import { MiB } from "../wire/limits.js";
import { type AckRule, levelBesides, ofRule } from "./ack-rules.js";
import type { Admits, ChannelPage, ReplayBuffer } from "./buffer.js";
import { Durability, type Fsync } from "./embedded/durability.js";
import { bufferError } from "./embedded/failure.js";
import { Files } from "./embedded/files.js";
import { EpochFloor } from "./embedded/floor.js";
import { lockFolder } from "./embedded/lock.js";
import { Log } from "./embedded/log.js";
import { parseFileName } from "./embedded/name.js";
import { placeOf } from "./embedded/place.js";
import { probe } from "./embedded/probe.js";
import { putAside } from "./embedded/recovery.js";
import { openRules } from "./embedded/rules.js";
import type { Shelf } from "./embedded/shelf.js";
import { unfinished } from "./embedded/shorten.js";
import { startSweeping } from "./embedded/sweep.js";
import type { RetentionPolicy } from "./retention.js";
import { layered } from "./rules.js";

export interface EmbeddedOptions {
  /** Created if it does not exist. On a local disk: the lock does not reach other machines. */
  folder: string;
  /**
   * When an append is answered: `always`, once it is on the disk; otherwise once the system has it, which survives a
   * crash of this process, and it gets to the disk within about a second (`everysec`) or when the system sees fit (`no`).
   * Channels that must be `fsynced` by a rule are written as by `always`.
   */
  fsync: Fsync;
  retention: RetentionPolicy;
  /** What an append must survive. Default: what `fsync` gives. */
  ackLevel?: AckLevel;
  /** What an append to single channels must survive besides. Default: nothing. */
  ackRules?: readonly AckRule[] | undefined;
  /** Unix ms. Default: the clock. */
  now?: () => number;
  /** Default: 16 MiB. */
  segmentBytes?: number;
  /** Told of damage that was found, and of failures that nobody waits for. Default: nobody is. */
  log?: OperatorLog | undefined;
}

/**
 * @throws RepriseError `buffer_locked` if the folder is in use, `buffer_unavailable` or `buffer_full` if it cannot be,
 * `ack_level_unavailable` if `fsync` does not give the level, or a rule asks for replicas
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<ReplayBuffer> {
  const ackLevel = settleAckLevel(options);
  const folder = join(options.folder, "channels");
  try {
    await mkdir(folder, { recursive: true });
    const unlock = await lockFolder(options.folder);
    try {
      return await open({ ...options, ackLevel }, folder, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  } catch (error) {
    throw bufferError(`folder ${options.folder}`, error);
  }
}

function settleAckLevel({ fsync, ackLevel, ackRules = [] }: EmbeddedOptions): AckLevel {
  const given = fsync === "always" ? "fsynced" : "stored";
  for (const rule of ackRules) if (replicasOf(rule.level) > 0) throw ofRule(rule, unavailable(rule.level, noReplicas));
  if (ackLevel === undefined || satisfies(given, ackLevel)) return ackLevel ?? given;
  throw unavailable(
    ackLevel,
    ackLevel === "fsynced"
      ? `the embedded buffer syncs before it answers with --fsync always only, not with ${fsync}`
      : noReplicas,
  );
}

const noReplicas = "the embedded buffer has no replicas; use Redis, or ask for fsynced";

const unavailable = (level: AckLevel, how: string): RepriseError =>
  new RepriseError("ack_level_unavailable", `${level} is not to be had: ${how}`);

async function open(
  options: EmbeddedOptions & { ackLevel: AckLevel },
  folder: string,
  unlock: () => Promise<void>,
): Promise<ReplayBuffer> {
  const { fsync, ackLevel, ackRules = [], now = Date.now, segmentBytes = 16 * MiB, log = noLog } = options;
  const levelOf = levelBesides(ackLevel, ackRules);
  const layers = layered(options.retention);
  const { policy: retention } = layers;
  const rules = await openRules(options.folder, layers, log);
  const files = new Files(folder);
  const floor = new EpochFloor(options.folder);
  await floor.load();
  const isNew = (await readdir(folder)).length === 0;
  // Epochs may be ahead of the clock.
  const copiedAt = await placeOf(options.folder, isNew, Math.max(now(), floor.value + 1));
  const shelf: Shelf = {
    files,
    durability: new Durability(files, fsync),
    isSynced: (channel) => fsync === "always" || levelOf(channel) === "fsynced",
    floor,
    copiedAt,
    retention,
    segmentBytes,
    now,
    operator: log,
  };
  const logs = await findLogs(shelf, folder);
  const stopSweeping = startSweeping(shelf, logs);
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  const during = <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (closing !== undefined) return Promise.reject(new RepriseError("closed", "the buffer is closed"));
    const promise = work();
    const done = () => underWay.delete(promise);
    underWay.add(promise);
    promise.then(done, done);
    return promise;
  };

  const close = async (): Promise<void> => {
    await stopSweeping();
    await Promise.allSettled(underWay);
    await Promise.all(Array.from(logs.values(), (log) => log.close()));
    await shelf.durability.close();
    await floor.keep().catch((error: Error) => log.warn({}, error.message));
    await files.close();
    await unlock();
  };

  // What is not there is answered a turn of the event loop later: memory answers at once, and somebody who asks until
  // it is there must not keep it from arriving.
  return {
    description: `embedded in ${options.folder}, fsync ${fsync}`,
    ackLevel,
    // What fails here fails at once, and is told to whoever asked.
    available: true,
    onAvailable: () => () => {},
    echo: undefined,
    probe: () => during(() => probe(options.folder, fsync)),
    retention,
    append: (channel, runs) => during(async () => logOf(shelf, logs, channel).append(runs)),
    read: (channel, from, maxBytes) =>
      during(async () => {
        const page = await logs.get(channel)?.read(from, maxBytes);
        if (page !== undefined && page.stretches.length > 0) return page;
        await setImmediate();
        return { stretches: [], end: true };
      }),
    state: (channel) =>
      during(async () => {
        const state = await logs.get(channel)?.state();
        if (state === undefined) await setImmediate();
        return state;
      }),
    watch: (channel, watcher) => during(async () => logOf(shelf, logs, channel).watch(watcher)),
    trim: (channel, before) => during(async () => logs.get(channel)?.trim(before)),
    delete: (channel) => during(async () => (await logs.get(channel)?.delete()) ?? false),
    rules: {
      list: () => during(rules.list),
      set: (pattern, limits) =>
        during(() =>
          rules.set(pattern, limits).catch((error) => {
            throw bufferError(`rules of retention in ${options.folder}`, error);
          }),
        ),
    },
    channels: (prefix, token, limit, admits) =>
      during(async () => listChannels(logs, prefix, token ?? "", Math.max(limit, 1), admits)),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** The logs of the channels that there are files of. */
async function findLogs(shelf: Shelf, folder: string): Promise<Map<string, Log>> {
  const names = new Map<string, string[]>();
  for (const file of await readdir(folder)) {
    const channel = parseFileName(file)?.channel;
    if (file.endsWith(putAside)) continue;
    if (file.endsWith(unfinished)) {
      await shelf.files.unlink(file);
      continue;
    }
    if (channel === undefined)
      shelf.operator.warn({}, `${join(folder, file)} is not a file of this buffer; it is left alone`);
    else names.set(channel, [...(names.get(channel) ?? []), file]);
  }
  return new Map(Array.from(names, ([channel, files]) => [channel, new Log(shelf, channel, files)]));
}

function logOf(shelf: Shelf, logs: Map<string, Log>, channel: string): Log {
  let log = logs.get(channel);
  if (log === undefined) {
    // Only a valid name is certain to become a file name and to be found again by it.
    log = new Log(shelf, checkChannel(channel), []);
    logs.set(channel, log);
  }
  return log;
}

function listChannels(
  logs: Map<string, Log>,
  prefix: string,
  after: string,
  limit: number,
  admits: Admits = () => true,
): ChannelPage {
  const found: string[] = [];
  for (const [channel, log] of logs) {
    if (log.exists && channel > after && channel.startsWith(prefix)) found.push(channel);
  }
  const channels: string[] = [];
  for (const channel of found.sort()) {
    if (!admits(channel)) continue;
    if (channels.length === limit) return { channels, token: channels.at(-1) };
    channels.push(channel);
  }
  return { channels, token: undefined };
}
