// The Redis of a node: its connections, shared by whatever the node keeps there (buffer, members, nodes).
import { type Address, parseAddress } from "./address.js";
import { type Connection, connect } from "./connection.js";
import { checkServer } from "./server.js";
import { createTopics, type Topics } from "./topics.js";

export interface RedisOptions {
  /** redis:// or rediss://, see address.ts. */
  url: string;
  /** Told what an operator should know: a dangerous setting, a lost connection. */
  warn?: ((message: string) => void) | undefined;
  /** After which a command is given up and a silent connection replaced. Default: 3,000. */
  commandTimeoutMs?: number | undefined;
}

export interface Redis {
  readonly address: Address;
  readonly commandTimeoutMs: number;
  /** What was found dangerous about its configuration, a sentence each. */
  readonly warnings: readonly string[];
  /** For what others wait for: nothing slow goes this way. */
  readonly writer: Connection;
  readonly reader: Connection;
  readonly topics: Topics;
  close(): void;
}

/**
 * Connects, in about `commandTimeoutMs`.
 * @throws RepriseError `invalid_argument`: such a URL or such a server will not do; `buffer_unavailable`: Redis cannot
 * be reached there or refuses the credentials
 */
export async function connectRedis(options: RedisOptions): Promise<Redis> {
  const { url, warn = () => {}, commandTimeoutMs = 3_000 } = options;
  const address = parseAddress(url);
  const writer = connect(address, "append", commandTimeoutMs, warn);
  let warnings: string[];
  try {
    // Credentials that are refused now are refused in a second, too.
    const refused = writer.refused.then((error): Promise<never> => Promise.reject(error));
    const deadline = performance.now() + commandTimeoutMs;
    warnings = await Promise.race([writer.attempt(deadline, (client) => checkServer(client, address)), refused]);
  } catch (error) {
    writer.close();
    throw error;
  }
  for (const warning of warnings) warn(warning);
  const reader = connect(address, "read", commandTimeoutMs);
  const subscriber = connect(address, "watch", commandTimeoutMs);
  return {
    address,
    commandTimeoutMs,
    warnings,
    writer,
    reader,
    topics: createTopics(subscriber),
    close() {
      for (const connection of [writer, reader, subscriber]) connection.close();
    },
  };
}
