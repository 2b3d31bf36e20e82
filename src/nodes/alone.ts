// The registry of a node that shares its store with nobody: in memory.
import type { NodeEntry, NodeRegistry } from "./registry.js";

export function aloneRegistry(): NodeRegistry {
  const entries = new Map<string, NodeEntry>();
  return {
    description: "this node alone",
    leaseMs: 5_000,
    async announce(entry) {
      entries.set(entry.node, entry);
    },
    async withdraw(node) {
      entries.delete(node);
    },
    list: async () => [...entries.values()],
    async close() {},
  };
}
