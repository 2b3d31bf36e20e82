// Real buffers, closed after the test, and a way to look over a buffer's shoulder or into its spokes.

import { cp } from "node:fs/promises";
import { basename } from "node:path";
import type { Page, ReplayBuffer, Run, RunOutcome, Watcher } from "../../src/buffer/buffer.js";
import { placeOf } from "../../src/buffer/embedded/place.js";
import { openEmbedded } from "../../src/buffer/embedded.js";
import { openRedis } from "../../src/buffer/redis.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { type T, temporaryFolder } from "../harness.js";
import { startRedis } from "../redis.js";

export interface EmbeddedPlace {
  /** Unix ms. Default: the clock. */
  now?: () => number;
  folder?: string;
}

export async function embedded(t: T, rules: readonly string[] = [], place: EmbeddedPlace = {}): Promise<ReplayBuffer> {
  // Small segments, so that retention trims soon: it removes whole ones.
  const options = { fsync: "no", retention: retentionPolicy(rules), segmentBytes: 64 * 1024 } as const;
  const buffer = await openEmbedded({ folder: temporaryFolder(t), ...place, ...options });
  t.after(() => buffer.close());
  return buffer;
}

/** A copy of an open buffer's folder, as a crash at this moment would leave it. */
export async function crashImage(t: T, folder: string): Promise<string> {
  const copy = temporaryFolder(t);
  // Without the lock: its owner is alive. And taken for the folder itself.
  const filter = (source: string) => !/^(lock\..*|place)$/.test(basename(source));
  await cp(folder, copy, { recursive: true, filter });
  await placeOf(copy, true, 0);
  return copy;
}

export async function redis(t: T, rules: readonly string[] = []): Promise<ReplayBuffer> {
  const { url } = await startRedis(t);
  const buffer = await openRedis({ url, retention: retentionPolicy(rules) });
  t.after(() => buffer.close());
  return buffer;
}

export const kinds = { embedded, redis } as const;

/** What a test does before a call reaches the buffer: wait, to hold it; throw, to make it fail. */
export interface Hooks {
  append?: (channel: string, runs: readonly Run[]) => Promise<void>;
  /** A page that is returned is the answer. */
  read?: (channel: string, from: number) => Promise<Page | undefined>;
  state?: (channel: string) => Promise<void>;
}

export interface Observed extends ReplayBuffer {
  hooks: Hooks;
  /** Calls so far, in order. */
  readonly appends: { channel: string; runs: readonly Run[] }[];
  readonly reads: { channel: string; from: number }[];
  /** Watchers that are told of a channel, by channel. */
  readonly watchers: ReadonlyMap<string, Set<Watcher>>;
}

/** The same buffer, with its calls counted and its hooks called. */
export function observe(buffer: ReplayBuffer, hooks: Hooks = {}): Observed {
  const appends: Observed["appends"] = [];
  const reads: Observed["reads"] = [];
  const watchers = new Map<string, Set<Watcher>>();
  const observed: Observed = {
    description: buffer.description,
    ackLevel: buffer.ackLevel,
    get available() {
      return buffer.available;
    },
    onAvailable: (tell) => buffer.onAvailable(tell),
    get echo() {
      return buffer.echo;
    },
    probe: () => buffer.probe(),
    retention: (channel) => buffer.retention(channel),
    hooks,
    appends,
    reads,
    watchers,
    async append(channel, runs): Promise<RunOutcome[]> {
      appends.push({ channel, runs });
      await observed.hooks.append?.(channel, runs);
      return buffer.append(channel, runs);
    },
    async read(channel, from, maxBytes): Promise<Page> {
      reads.push({ channel, from });
      return (await observed.hooks.read?.(channel, from)) ?? (await buffer.read(channel, from, maxBytes));
    },
    async state(channel) {
      await observed.hooks.state?.(channel);
      return buffer.state(channel);
    },
    async watch(channel, watcher) {
      const watch = await buffer.watch(channel, watcher);
      const here = watchers.get(channel) ?? new Set();
      watchers.set(channel, here.add(watcher));
      return {
        state: watch.state,
        close: () => {
          here.delete(watcher);
          if (here.size === 0) watchers.delete(channel);
          watch.close();
        },
      };
    },
    trim: (channel, before) => buffer.trim(channel, before),
    delete: (channel) => buffer.delete(channel),
    rules: buffer.rules,
    channels: (prefix, token, limit, admits) => buffer.channels(prefix, token, limit, admits),
    close: () => buffer.close(),
  };
  return observed;
}

/** Something to wait at until it is opened. */
export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
