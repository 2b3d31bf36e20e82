// The rules that were set at run time, in one hash for all channels: pattern -> "<time> <limits>". The time, Unix ms, gives
// their order. Nodes read it once a second.
import type { Connection } from "../../redis/connection.js";
import { checkRule, inOneLine, type Layered, type RetentionRule, type RetentionRules } from "../rules.js";

export interface RedisRules extends RetentionRules {
  /** Reads what others have set. Never rejects: what cannot be asked now is as it was. */
  look(): Promise<void>;
}

export function redisRules(
  { reader, writer }: { reader: Connection; writer: Connection },
  prefix: string,
  layers: Layered,
  timeoutMs: number,
): RedisRules {
  const key = `${prefix}{rules}:retention`;
  const soon = () => performance.now() + timeoutMs;

  async function list(): Promise<RetentionRule[]> {
    const found = await reader.attempt(soon(), (client) => client.hgetall(key), key);
    const rules = Object.entries(found).map(([pattern, text]) => {
      const [, at = "0", limits = ""] = /^(\d+) (.*)$/.exec(text) ?? [];
      return { pattern, limits, at: Number(at) };
    });
    rules.sort((a, b) => a.at - b.at || (a.pattern < b.pattern ? -1 : 1));
    const ordered = rules.map(({ pattern, limits }) => ({ pattern, limits }));
    layers.set(ordered);
    return ordered;
  }

  return {
    list,
    async set(pattern, text) {
      const limits = inOneLine(text);
      checkRule({ pattern, limits }, await list());
      await writer.attempt(
        soon(),
        (client) => (limits === "" ? client.hdel(key, pattern) : client.hset(key, pattern, `${Date.now()} ${limits}`)),
        key,
      );
      await list();
    },
    look: () =>
      list().then(
        () => {},
        () => {},
      ),
  };
}
