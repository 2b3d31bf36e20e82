// The Redis of a node: its connections, shared by whatever the node keeps there (buffer, members, nodes).
import { type Log, noLog } from "../log/log.js";
import { type Address, parseAddress } from "./address.js";
import { clusterDirectory } from "./cluster.js";
import { type Connection, connect } from "./connection.js";
import { createMasters, type Directory, type Masters } from "./masters.js";
import { sentinelDirectory } from "./sentinel.js";
import { checkServer } from "./server.js";
import { createTopics, type Topics } from "./topics.js";

export interface RedisOptions {
  /** redis://, redis-sentinel://, redis-cluster:// or the same with rediss, see address.ts. */
  url: string;
  /** Told what an operator should know: a dangerous setting, a lost connection. Default: nobody is. */
  log?: Log | undefined;
  /** After which a command is given up and a silent connection replaced. Default: 3,000. */
  commandTimeoutMs?: number | undefined;
}

export interface Redis {
  readonly address: Address;
  readonly commandTimeoutMs: number;
  /** What was found dangerous about its configuration, a sentence each. */
  readonly warnings: readonly string[];
  readonly masters: Masters;
  /** For what others wait for: nothing slow goes this way. */
  readonly writer: Connection;
  readonly reader: Connection;
  readonly topics: Topics;
  /** Another one beside `writer`, for what would keep it waiting. Closed with the others. @param name for who looks at the server */
  openWriter(name: string): Connection;
  close(): void;
}

/** A directory must not be waited for as long as a command: there are others to be asked. */
const directoryMs = 1_000;

/**
 * Connects, in about `commandTimeoutMs`.
 * @throws RepriseError `invalid_argument`: such a URL or such a server will not do; `buffer_unavailable`: Redis cannot
 * be reached there or refuses the credentials
 */
export async function connectRedis(options: RedisOptions): Promise<Redis> {
  const { url, log = noLog, commandTimeoutMs = 3_000 } = options;
  const address = parseAddress(url);
  const masters = createMasters(address, directoryOf(address, Math.min(directoryMs, commandTimeoutMs)));
  const writer = connect(address, masters, "append", commandTimeoutMs, log);
  let warnings: string[];
  try {
    // Credentials that are refused now are refused in a second, too.
    const refused = writer.refused.then((error): Promise<never> => Promise.reject(error));
    warnings = await Promise.race([checkMasters(address, masters, writer, commandTimeoutMs), refused]);
  } catch (error) {
    writer.close();
    masters.close();
    throw error;
  }
  for (const warning of warnings) log.warn({}, warning);
  tellOfOthers(address, masters, log);
  const reader = connect(address, masters, "read", commandTimeoutMs);
  const subscriber = connect(address, masters, "watch", commandTimeoutMs);
  const topics = createTopics(masters, subscriber, writer, address.prefix);
  const connections = [writer, reader, subscriber];
  return {
    address,
    commandTimeoutMs,
    warnings,
    masters,
    writer,
    reader,
    topics,
    openWriter(name) {
      const connection = connect(address, masters, `append-${name}`, commandTimeoutMs);
      connections.push(connection);
      return connection;
    },
    close() {
      topics.close();
      for (const connection of connections) connection.close();
      masters.close();
    },
  };
}

/** Tells when a server has become or ceased to be master; of slots that move between them it does not tell. */
function tellOfOthers({ where }: Address, masters: Masters, log: Log): void {
  const names = () => masters.all.map(({ id }) => id).join(", ");
  let known = names();
  masters.onChange(() => {
    if (names() === known) return;
    known = names();
    log.warn({}, `Redis at ${where}: master is now ${known}`);
  });
}

function directoryOf(address: Address, timeoutMs: number): Directory | undefined {
  if (address.form === "sentinel") return sentinelDirectory(address, timeoutMs);
  return address.form === "cluster" ? clusterDirectory(address, timeoutMs) : undefined;
}

async function checkMasters(
  address: Address,
  masters: Masters,
  writer: Connection,
  patienceMs: number,
): Promise<string[]> {
  const deadline = performance.now() + patienceMs;
  // Waits until some are known.
  await writer.attempt(deadline, async () => {});
  const found = await Promise.all(
    masters.all.map((master) => writer.attempt(deadline, (client) => checkServer(client, address, master), master)),
  );
  // Nobody listens there. It shows now, and not at the first append, if the user may not publish.
  const topic = `${address.prefix}{}:live`;
  await writer.attempt(
    deadline,
    (client) => (masters.sharded ? client.spublish(topic, "") : client.publish(topic, "")),
    topic,
  );
  return found.flat();
}
