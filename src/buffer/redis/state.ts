// A channel's state, from its meta key. What the log begins with stands there too, so that nobody has to fetch a batch
// to learn it; it is believed while the log has as many entries as it should.

import type { Client } from "../../redis/client.js";
import { together } from "../../redis/pipeline.js";
import type { ChannelState } from "../buffer.js";
import { notUnderstood, numbersOf, parseEpochs, parseHead } from "./head.js";
import { bothThere, type Keys } from "./keys.js";
import { firstEntry } from "./page.js";

export async function readState(client: Client, keys: Keys): Promise<ChannelState | undefined> {
  let [meta, entries, headAfter] = await readMeta(client, keys);
  while (meta[0] !== headAfter) [meta, entries, headAfter] = await readMeta(client, keys);
  const { epoch, next, total, batches } = parseHead(meta[0], keys.meta);
  if (epoch === 0) return undefined;
  const oldest = numbersOf(meta[1], 5);
  if (!oldest) throw notUnderstood(keys.meta);
  const epochs = parseEpochs(meta[2], keys.meta);
  const [first, , totalAtEnd, bytes] = oldest as [number, number, number, number];
  if (entries === batches) return { epochs, first, next, bytes: total - totalAtEnd + bytes };
  // Somebody else has trimmed the log, or written to it.
  const entry = await firstEntry(client, keys);
  if (!entry || entry.first >= next) return { epochs, first: next, next, bytes: 0 };
  return { epochs, first: entry.first, next, bytes: total - entry.total + entry.messages.length };
}

/** The head again at the end: if it is another, something was appended in between. */
async function readMeta(client: Client, keys: Keys): Promise<[(string | null)[], number, string | null]> {
  const [, ...answers] = await together(client, (pipeline) =>
    bothThere(pipeline, keys).hmget(keys.meta, "head", "oldest", "epochs").xlen(keys.log).hget(keys.meta, "head"),
  );
  return answers as [(string | null)[], number, string | null];
}
