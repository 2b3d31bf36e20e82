// What a node shares with the others of its kind, opened together: the buffer, and who the nodes are. Public entry.

import type { ReplayBuffer } from "../buffer/buffer.js";
import { type BufferOptions, openBuffer } from "../buffer/index.js";
import { aloneRegistry } from "../nodes/alone.js";
import type { NodeRegistry } from "../nodes/registry.js";

export type { BufferOptions } from "../buffer/index.js";
export { retentionPolicy } from "../buffer/index.js";
export { parseAckLevel } from "../wire/ack-level.js";

export interface Store {
  buffer: ReplayBuffer;
  registry: NodeRegistry;
  /** Closes all of it. */
  close(): Promise<void>;
}

/**
 * Opens what `spec` names: `embedded:FOLDER`, `redis://…`, `redis-sentinel://…`, `redis-cluster://…`.
 * @throws RepriseError `invalid_argument`, or what opening it throws
 */
export async function openStore(spec: string, options: BufferOptions): Promise<Store> {
  const buffer = await openBuffer(spec, options);
  const registry = aloneRegistry();
  return {
    buffer,
    registry,
    async close() {
      await registry.close();
      await buffer.close();
    },
  };
}
