// Which channels there are: the meta keys, found by SCAN. The token of a page is SCAN's cursor.

import type { Client } from "../../redis/client.js";
import { RepriseError } from "../../wire/errors.js";
import type { ChannelPage } from "../buffer.js";
import { channelOf, metaPattern } from "./keys.js";

/** Keys looked at in one SCAN, and SCANs for one page, where hardly any key matches. */
const mostKeys = 10_000;
const mostScans = 100;

/** As `ReplayBuffer.channels`; a page may be short where hardly any key matches. */
export async function listChannels(
  client: Client,
  keyPrefix: string,
  channelPrefix: string,
  token: string | undefined,
  limit: number,
): Promise<ChannelPage> {
  let cursor = token ?? "0";
  if (!/^\d{1,20}$/.test(cursor)) throw new RepriseError("invalid_argument", "not the token of a page of channels");
  const channels = new Set<string>();
  let count = limit;
  for (let scans = 0; scans < mostScans; scans++) {
    const [next, found] = await client.scan(
      cursor,
      ...(["MATCH", metaPattern(keyPrefix, channelPrefix), "COUNT", count] as const),
    );
    for (const key of found) channels.add(channelOf(keyPrefix, key));
    cursor = next;
    if (cursor === "0") return { channels: [...channels], token: undefined };
    if (channels.size >= limit) break;
    // A page must not be much larger than its limit, but deserts are to be crossed quickly.
    count = found.length > 0 ? limit : Math.min(2 * count, mostKeys);
  }
  return { channels: [...channels], token: cursor };
}
