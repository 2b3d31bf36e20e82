// An etcd, looked over for reprise doctor: whether it answers, and whether we may write where nodes enter themselves.
import { randomUUID } from "node:crypto";
import { openEtcd } from "../etcd/client.js";
import { readNodes } from "../etcd/nodes.js";

/** The URL without its secrets, and how many nodes are entered. @throws RepriseError `invalid_argument`, `unavailable` */
export async function inspectEtcd(url: string): Promise<{ where: string; nodes: number }> {
  const etcd = openEtcd(url);
  try {
    const lease = await etcd.grant(5);
    // Beside the nodes: nobody takes it for one.
    await etcd.put(`${etcd.address.prefix}doctor/${randomUUID()}`, "", lease);
    await etcd.revoke(lease);
    const nodes = await readNodes(etcd);
    return { where: etcd.address.where, nodes: nodes.length };
  } finally {
    etcd.close();
  }
}
