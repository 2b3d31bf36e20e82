// What Redis's own configuration makes of an append.
import type { Client } from "../../redis/client.js";
import { isRefusal } from "../../redis/failure.js";
import type { AckLevel } from "../../wire/ack-level.js";

/** What an append that Redis answered survives. */
export async function readAckLevel(client: Client): Promise<AckLevel> {
  const persistence = await client.info("persistence");
  return /^aof_enabled:1\r?$/m.test(persistence) && (await syncsAlways(client)) ? "fsynced" : "stored";
}

/** Whether Redis answers a write only after it is on the disk. A user who may not ask does not know, so it is not. */
async function syncsAlways(client: Client): Promise<boolean> {
  const setting = async (name: string) => {
    const [, value] = (await client.config("GET", name)) as string[];
    return value;
  };
  try {
    // With the latter set, Redis leaves the syncs out while it rewrites its file.
    return (await setting("appendfsync")) === "always" && (await setting("no-appendfsync-on-rewrite")) === "no";
  } catch (error) {
    if (error instanceof Error && isRefusal(error)) return false;
    throw error;
  }
}
