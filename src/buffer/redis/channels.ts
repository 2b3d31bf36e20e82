// Which channels there are: the meta keys, found by SCAN at one master after the other. The token of a page names the
// assignment of slots under which the walk began, the master and SCAN's cursor there. When slots have moved meanwhile, a
// channel may have gone from a master still to be visited to one already visited: then the walk begins anew. (What is
// on its way while the last page is read, in a slot that still belongs to its old master, may be left out.)

import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../../redis/client.js";
import { askAssignments } from "../../redis/cluster.js";
import type { Connection } from "../../redis/connection.js";
import { type Master, type Masters, textOf } from "../../redis/masters.js";
import { RepriseError } from "../../wire/errors.js";
import type { Admits, ChannelPage } from "../buffer.js";
import { channelOf, metaPattern } from "./keys.js";

/** Keys looked at in one SCAN, and SCANs for one page, where hardly any key matches. */
const mostKeys = 10_000;
const mostScans = 100;

/** Begins the walk again. */
const anew = `${"0".repeat(12)}.0.0`;
/** For the servers of a Cluster to hear of what has moved. */
const soonMs = 100;

interface Place {
  assignment: string;
  master: number;
  cursor: string;
}

export interface ChannelSources {
  reader: Connection;
  masters: Masters;
  prefix: string;
  deadline: number;
}

/** As `ReplayBuffer.channels`; a page may be short where hardly any key matches. */
export async function listChannels(
  { reader, masters, prefix, deadline }: ChannelSources,
  channelPrefix: string,
  token: string | undefined,
  limit: number,
  admits: Admits = () => true,
): Promise<ChannelPage> {
  const assignment = createHash("sha1").update(masters.assignment).digest("hex").slice(0, 12);
  let place: Place = { assignment, master: 0, cursor: "0" };
  if (token !== undefined) {
    const asked = parseToken(token);
    if (asked.assignment === assignment) place = asked;
  }
  const channels = new Set<string>();
  const pattern = metaPattern(prefix, channelPrefix);
  const counts = (key: string) => admits(channelOf(prefix, key));
  for (; place.master < masters.all.length; place = { assignment, master: place.master + 1, cursor: "0" }) {
    const master = masters.all[place.master]!;
    const wanted = limit - channels.size;
    const work = async (client: Client) => ({
      ...(await scan(client, pattern, counts, place.cursor, wanted)),
      holds: !masters.sharded || (await holdsItsSlots(client, masters, master)),
    });
    const { keys, cursor, holds } = await reader.attempt(deadline, work, master);
    for (const key of keys) channels.add(channelOf(prefix, key));
    if (!holds) {
      await delay(soonMs);
      await masters.look();
      return { channels: [...channels], token: anew };
    }
    const next = cursor === "0" ? { master: place.master + 1, cursor } : { master: place.master, cursor };
    if (next.master === masters.all.length) break;
    if (cursor !== "0" || channels.size >= limit) {
      return { channels: [...channels], token: `${assignment}.${next.master}.${next.cursor}` };
    }
  }
  return { channels: [...channels], token: undefined };
}

function parseToken(token: string): Place {
  const [, assignment = "", master, cursor = ""] = /^([0-9a-f]{12})\.(\d{1,5})\.(\d{1,20})$/.exec(token) ?? [];
  if (master === undefined) throw new RepriseError("invalid_argument", "not the token of a page of channels");
  return { assignment, master: Number(master), cursor };
}

/** Whether the master has the slots that we think it has. */
async function holdsItsSlots(client: Client, masters: Masters, master: Master): Promise<boolean> {
  const own = (await askAssignments(client, master)).find(({ master: { host, port } }) => {
    return host === master.host && port === master.port;
  });
  return textOf(own?.slots ?? []) === masters.slotsOf(master);
}

async function scan(client: Client, pattern: string, counts: Admits, from: string, limit: number) {
  const keys = new Set<string>();
  let cursor = from;
  let count = limit;
  for (let scans = 0; scans < mostScans; scans++) {
    const [next, found] = await client.scan(cursor, ...(["MATCH", pattern, "COUNT", count] as const));
    const admitted = found.filter(counts);
    for (const key of admitted) keys.add(key);
    cursor = next;
    if (cursor === "0" || keys.size >= limit) break;
    // A page must not be much larger than its limit, but deserts are to be crossed quickly.
    count = admitted.length > 0 ? limit : Math.min(2 * count, mostKeys);
  }
  return { keys, cursor };
}
