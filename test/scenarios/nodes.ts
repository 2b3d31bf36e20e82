// Several nodes over one Redis, each behind a line of its own, and where clients look for them.
import type { T } from "../harness.js";
import type { RedisServer } from "../redis.js";
import { type BrokerProcess, startBroker } from "./broker-process.js";
import { type Line, startLine } from "./line.js";

export interface NodeOnLine {
  broker: BrokerProcess;
  line: Line;
}

export async function startNodes(t: T, redis: RedisServer, count: number): Promise<NodeOnLine[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const line = await startLine(t, redis.port);
      return { line, broker: await startBroker(t, { buffer: line.url }) };
    }),
  );
}

/**
 * The addresses of the nth client. Every second one knows one node only, so that each node keeps clients and the same
 * ones return to it; the others know all nodes and go elsewhere when theirs ends.
 */
export const spread =
  (brokers: readonly BrokerProcess[]) =>
  (client: number): string[] => {
    const addresses = brokers.map(({ address }) => address);
    return client % 2 === 0 ? [addresses[(client / 2) % addresses.length]!] : addresses;
  };
