// A log that is there before anything is measured.
import { windowOf } from "../src/bin/bench/window.js";
import type { Arena } from "./arena.js";
import type { Client } from "./clients.js";

/** Publishes so many messages, into the channels in turn; resolves with the publisher when all are acknowledged. */
export async function fill(arena: Arena, size: number, count: number): Promise<Client> {
  const [publisher] = await arena.publishers(1);
  publisher!.tell("flood", windowOf(size, 0), count);
  await publisher!.call("done");
  return publisher!;
}
