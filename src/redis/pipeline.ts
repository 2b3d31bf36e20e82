// Several commands in one round trip. Not a transaction: Redis refuses those, reads included, while its memory is full.
import type { ChainableCommander } from "ioredis";
import type { Client } from "./client.js";

/** Answers what the commands answered, in their order; rejects with the first error among them. */
export async function together(
  client: Client,
  fill: (pipeline: ChainableCommander) => ChainableCommander,
): Promise<unknown[]> {
  const answers = await fill(client.pipeline()).exec();
  return (answers ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}
