// Watching a channel: a sequencer fed by the channel's topic and by head comparisons.

import type { Connection } from "../../redis/connection.js";
import type { Topics } from "../../redis/topics.js";
import { MiB } from "../../wire/limits.js";
import type { Watch, Watcher } from "../buffer.js";
import { parseLive } from "./entry.js";
import type { Head } from "./head.js";
import type { Heads } from "./heads.js";
import type { Keys } from "./keys.js";
import { readPage } from "./page.js";
import { trimmedNotice } from "./removal.js";
import { createSequencer, type LogSource } from "./sequencer.js";
import { readState } from "./state.js";

const pageBytes = 1 * MiB;

/** What all watches of a buffer share. */
export interface WatchSources {
  reader: Connection;
  topics: Topics;
  heads: Heads;
  /** Told what is seen of a channel's head. */
  see: (channel: string, head: Head) => void;
  timeoutMs: number;
}

export async function watch(
  { reader, topics, heads, see, timeoutMs }: WatchSources,
  channel: string,
  keys: Keys,
  watcher: Watcher,
): Promise<Watch> {
  const ask: LogSource = {
    state: () =>
      reader
        .attempt(performance.now() + timeoutMs, async (client) => ({ state: await readState(client, keys) }), keys.log)
        .catch(() => undefined),
    read: (from) =>
      reader
        .attempt(
          performance.now() + timeoutMs,
          async (client) => {
            const page = await readPage(client, keys, from, pageBytes);
            see(channel, page.head);
            return page;
          },
          keys.log,
        )
        .catch(() => undefined),
  };
  const sequencer = createSequencer(ask, watcher);
  const live = (published: Buffer) => {
    const batch = parseLive(published);
    if (batch === undefined) {
      if (published.toString("latin1") === trimmedNotice) void sequencer.trimmed();
      return;
    }
    sequencer.live(batch);
    // Not the batch: anybody can publish one.
    see(channel, sequencer.mark().head);
  };
  const close = () => {
    sequencer.close();
    heads.remove(channel, sequencer);
    topics.leave(keys.topic, live);
  };
  try {
    const deadline = performance.now() + timeoutMs;
    // In this order: what is appended after the state was read has a subscription waiting for it.
    await topics.join(keys.topic, live, deadline);
    const state = await reader.attempt(deadline, (client) => readState(client, keys), keys.log);
    sequencer.begin(state);
    see(channel, sequencer.mark().head);
    heads.add(channel, sequencer);
    return { state, close };
  } catch (error) {
    close();
    throw error;
  }
}
