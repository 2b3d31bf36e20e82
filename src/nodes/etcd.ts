// The registry in etcd: a key for each node, under a lease that the node keeps alive. etcd keeps the history of its keys
// until it is compacted, so an entry is written when it has changed, and otherwise only its lease renewed.
import { type Etcd, openEtcd } from "../etcd/client.js";
import { nodeKey, readNodes } from "../etcd/nodes.js";
import { encodeNodeEntry } from "../wire/node-entry.js";
import type { NodeRegistry } from "./registry.js";

/** etcd counts in seconds. */
const leaseSeconds = 5;

/** Somebody may have removed or overwritten an entry: after so long it is written though it has not changed. */
const rewriteMs = 30_000;

interface Lease {
  id: string;
  /** What was written last under it, and when. */
  written: string | undefined;
  writtenAt: number;
}

/** Connects when it is first asked. @throws RepriseError `invalid_argument` */
export function openEtcdRegistry(url: string): NodeRegistry {
  const etcd = openEtcd(url);
  const leases = new Map<string, Lease>();
  return {
    description: `etcd at ${etcd.address.where}`,
    leaseMs: leaseSeconds * 1_000,
    async announce(entry) {
      const lease = await leaseOf(etcd, leases, entry.node);
      const text = encodeNodeEntry(entry);
      const now = performance.now();
      if (lease.written === text && now < lease.writtenAt + rewriteMs) return;
      // If this fails, nobody knows what stands there.
      lease.written = undefined;
      await etcd.put(nodeKey(etcd, entry.node), text, lease.id);
      Object.assign(lease, { written: text, writtenAt: now });
    },
    async withdraw(node) {
      const lease = leases.get(node);
      if (lease === undefined) return;
      await etcd.revoke(lease.id);
      leases.delete(node);
    },
    list: () => readNodes(etcd),
    async close() {
      etcd.close();
    },
  };
}

/** The node's lease, renewed, or another one. */
async function leaseOf(etcd: Etcd, leases: Map<string, Lease>, node: string): Promise<Lease> {
  const known = leases.get(node);
  if (known !== undefined && (await etcd.keepAlive(known.id))) return known;
  const lease: Lease = { id: await etcd.grant(leaseSeconds), written: undefined, writtenAt: 0 };
  leases.set(node, lease);
  return lease;
}
