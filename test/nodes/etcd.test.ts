// The registry in etcd.
import { openEtcd } from "../../src/etcd/client.js";
import { openEtcdRegistry } from "../../src/nodes/etcd.js";
import { startEtcd } from "../etcd.js";
import type { T } from "../harness.js";
import { type Place, registryContract, servedContract } from "./contract.js";

async function open(t: T): Promise<Place> {
  const server = await startEtcd(t);
  const url = `etcd://${server.endpoint}/test`;
  return {
    async open() {
      const registry = openEtcdRegistry(url);
      t.after(() => registry.close());
      return registry;
    },
    server: {
      ...server,
      async write(node, content) {
        const etcd = openEtcd(url);
        try {
          await etcd.put(`test/nodes/${node}`, content, "0");
        } finally {
          etcd.close();
        }
      },
      announcer: ["etcd", url],
    },
  };
}

registryContract("etcd", open);
servedContract("etcd", open);
