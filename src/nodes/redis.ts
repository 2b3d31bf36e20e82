// The registry in the Redis of the buffer: one hash, which is at one master of a Cluster, and that master's clock.
import type { Redis } from "../redis/redis.js";
import { loadScript } from "../redis/script.js";
import { RepriseError } from "../wire/errors.js";
import { encodeNodeEntry, readNodeEntry } from "../wire/node-entry.js";
import type { NodeRegistry } from "./registry.js";

const announceScript = loadScript<number>(new URL("./redis/announce.lua", import.meta.url));
const listScript = loadScript<string[]>(new URL("./redis/list.lua", import.meta.url));

const leaseMs = 5_000;

/** @param redis not closed with the registry */
export function redisRegistry({ address, commandTimeoutMs, writer, reader }: Redis): NodeRegistry {
  const key = `${address.prefix}nodes`;
  const soon = () => performance.now() + commandTimeoutMs;
  return {
    description: `Redis at ${address.where}, key ${key}`,
    leaseMs,
    announce: (entry) =>
      told(async () => {
        const args = [entry.node, leaseMs, encodeNodeEntry(entry)];
        await writer.attempt(soon(), (client) => announceScript(client, [key], args), key);
      }),
    withdraw: (node) =>
      told(async () => {
        await writer.attempt(soon(), (client) => client.hdel(key, node), key);
      }),
    list: () =>
      told(async () => {
        const answer = await reader.attempt(soon(), (client) => listScript(client, [key], []), key);
        return answer.flatMap((node, i) => (i % 2 === 0 ? (readNodeEntry(node, answer[i + 1]!) ?? []) : []));
      }),
    async close() {},
  };
}

/** What keeps the buffer from answering keeps the registry, too; only its word for that is another one. */
async function told<A>(call: () => Promise<A>): Promise<A> {
  try {
    return await call();
  } catch (thrown) {
    if (thrown instanceof RepriseError && /^buffer_/.test(thrown.code)) {
      throw new RepriseError("unavailable", thrown.message, { cause: thrown });
    }
    throw thrown;
  }
}
