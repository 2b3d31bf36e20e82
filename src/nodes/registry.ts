// The contract of a node registry: which nodes there are, that share a store. Each enters itself and is gone when it
// has not renewed its entry for `leaseMs`, however it ended.

import type { NodeEntry } from "../wire/node-entry.js";

export type { NodeEntry } from "../wire/node-entry.js";

/** Methods reject with RepriseError `unavailable` when the registry cannot be asked; all may be tried again. */
export interface NodeRegistry {
  /** For people: where it is, without secrets. */
  readonly description: string;
  /** How long an entry outlives its last `announce`. */
  readonly leaseMs: number;
  /** Enters the node, or replaces its entry, and begins its lease anew. */
  announce(entry: NodeEntry): Promise<void>;
  /** Removes an entry that was announced here, at once. Not an error if there is none. */
  withdraw(node: string): Promise<void>;
  /** The entries whose lease has not run out, in no order. */
  list(): Promise<NodeEntry[]>;
  /** Releases everything; entries stay until they are withdrawn or their lease has run out. */
  close(): Promise<void>;
}
