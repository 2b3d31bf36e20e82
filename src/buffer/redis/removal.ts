// Trimming and deleting a channel because somebody asks for it. Both may be repeated: the second time nothing is left to do, and
// what was made since stays.
import type { Connection } from "../../redis/connection.js";
import { loadScript } from "../../redis/script.js";
import type { Topics } from "../../redis/topics.js";
import type { ChannelState } from "../buffer.js";
import type { Confirm } from "./confirm.js";
import type { Keys } from "./keys.js";
import { readState } from "./state.js";

const trimScript = loadScript<number>(new URL("./trim.lua", import.meta.url));
const deleteScript = loadScript<number>(new URL("./delete.lua", import.meta.url));

/** What watchers of a channel are told on its topic, where batches are told too. */
export const trimmedNotice = "trimmed";

export interface RemovalTarget {
  connection: Connection;
  keys: Keys;
  publish: Topics["publish"];
  confirm: Confirm | undefined;
  /** In the time of `performance.now`. */
  deadline: number;
}

export function trimLog(target: RemovalTarget, before: number): Promise<ChannelState | undefined> {
  const { connection, keys, publish, confirm, deadline } = target;
  return connection.attempt(
    deadline,
    async (client) => {
      const existed = await trimScript(client, [keys.log, keys.meta], [keys.topic, before, publish]);
      if (existed === 0) return undefined;
      await confirm?.(client, deadline);
      return readState(client, keys);
    },
    keys.log,
  );
}

/** "next epoch …", as append.lua writes it; 0 where there is none. */
const epochIn = (head: string): string => /^\d+ (\d+)/.exec(head)?.[1] ?? "0";

/** Whether it existed. */
export async function deleteLog({ connection, keys, confirm, deadline }: RemovalTarget): Promise<boolean> {
  let existed = false;
  let head: string | undefined;
  await connection.attempt(
    deadline,
    async (client) => {
      // An earlier try, whose answer was lost, may have removed it, and somebody have made it anew: that one stays. And WAIT
      // still speaks of the right connection.
      head ??= (await client.hget(keys.meta, "head")) ?? "";
      const { log, meta, producers } = keys;
      if ((await deleteScript(client, [log, meta, producers], [epochIn(head)])) === 1) existed = true;
      await confirm?.(client, deadline);
    },
    keys.log,
  );
  return existed;
}
