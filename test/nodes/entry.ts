// What a node may say of itself.
import type { NodeEntry } from "../../src/nodes/registry.js";

export const entry = (node: string, more: Partial<NodeEntry> = {}): NodeEntry => ({
  node,
  address: `${node}.example:50051`,
  zone: "z-1",
  version: "1.2.3",
  state: "ready",
  sessions: 17,
  startedAtMs: 1_700_000_000_000,
  warnings: ["beware of the dog", "and “of” the cat"],
  ...more,
});
