// The contract of a node registry: which nodes there are, that share a store. Each enters itself and is gone when it
// has not renewed its entry for `leaseMs`, however it ended.

/** What a node says of itself. */
export interface NodeEntry {
  /** Name of the process, unique. */
  node: string;
  /** Where peers reach it, HOST:PORT; empty: it has not been told. */
  address: string;
  /** Where it stands (a data centre, a rack); empty: not told. */
  zone: string;
  version: string;
  /** `draining`: it sends its sessions away and accepts none. */
  state: "ready" | "draining";
  /** Its load: live sessions. */
  sessions: number;
  /** Unix ms, by the node's clock. */
  startedAtMs: number;
  /** What it found dangerous in its configuration or that of its store, a sentence each. */
  warnings: readonly string[];
}

/** Methods reject with RepriseError `unavailable` when the registry cannot be asked; all may be tried again. */
export interface NodeRegistry {
  /** For people: where it is, without secrets. */
  readonly description: string;
  /** How long an entry outlives its last `announce`. */
  readonly leaseMs: number;
  /** Enters the node, or replaces its entry, and begins its lease anew. */
  announce(entry: NodeEntry): Promise<void>;
  /** Removes the entry at once. Not an error if there is none. */
  withdraw(node: string): Promise<void>;
  /** The entries whose lease has not run out, in no order. */
  list(): Promise<NodeEntry[]>;
  /** Releases everything; entries stay until they are withdrawn or their lease has run out. */
  close(): Promise<void>;
}
