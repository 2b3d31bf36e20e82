// A node in this process, over an embedded buffer of its own, that can be stopped and started again in its place.
import { startBroker } from "../../src/broker/index.js";
import { openStore, retentionPolicy } from "../../src/store/index.js";
import type { Limits } from "../../src/wire/limits.js";
import { type T, temporaryFolder } from "../harness.js";

export interface NodeOptions {
  retain?: string[];
  limits?: Partial<Limits>;
  heartbeatIntervalMs?: number;
}

export interface TestNode {
  readonly address: string;
  /** @param graceMs 0: peers are cut off */
  stop(graceMs?: number): Promise<void>;
  /** On the same address and folder. */
  start(): Promise<void>;
}

export async function startNode(t: T, { retain = [], ...options }: NodeOptions = {}): Promise<TestNode> {
  const folder = temporaryFolder(t);
  let address = "127.0.0.1:0";
  let running: { close(graceMs: number): Promise<void> } | undefined;
  const node: TestNode = {
    get address() {
      return address;
    },
    async stop(graceMs = 0) {
      const stopping = running;
      running = undefined;
      await stopping?.close(graceMs);
    },
    async start() {
      const store = await openStore(`embedded:${folder}`, { retention: retentionPolicy(retain), fsync: "no" });
      const { buffer, members } = store;
      const broker = await startBroker({ buffer, members, listen: address, ...options });
      address = broker.address;
      running = {
        async close(graceMs) {
          await broker.close(graceMs);
          await store.close();
        },
      };
    },
  };
  t.after(() => node.stop());
  await node.start();
  return node;
}
