// The registry of a node that shares its store with nobody: in memory.
import { encodeNodeEntry, readNodeEntry } from "../wire/node-entry.js";
import type { NodeRegistry } from "./registry.js";

const leaseMs = 5_000;

export function aloneRegistry(): NodeRegistry {
  const entries = new Map<string, { text: string; expiresAt: number }>();
  return {
    description: "this node alone",
    leaseMs,
    async announce(entry) {
      entries.set(entry.node, { text: encodeNodeEntry(entry), expiresAt: performance.now() + leaseMs });
    },
    async withdraw(node) {
      entries.delete(node);
    },
    async list() {
      const live = [...entries].filter(([, { expiresAt }]) => expiresAt > performance.now());
      return live.flatMap(([node, { text }]) => readNodeEntry(node, text) ?? []);
    },
    async close() {},
  };
}
