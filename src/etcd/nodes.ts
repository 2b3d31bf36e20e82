// The nodes as they lie in etcd: one key for each, `<prefix>nodes/<node>`.
import { type NodeEntry, readNodeEntry } from "../wire/node-entry.js";
import type { Etcd } from "./client.js";

const folder = ({ address }: Etcd): string => `${address.prefix}nodes/`;

export const nodeKey = (etcd: Etcd, node: string): string => folder(etcd) + node;

/** What lies there and is no node's entry is passed over. */
export async function readNodes(etcd: Etcd): Promise<NodeEntry[]> {
  const prefix = folder(etcd);
  const found = await etcd.range(prefix);
  return found.flatMap(({ key, value }) => readNodeEntry(key.slice(prefix.length), value) ?? []);
}
