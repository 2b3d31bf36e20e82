// What happens between nodes and their clients, and between a node and Redis.
import { setTimeout as delay } from "node:timers/promises";
import type { Node } from "../scene.js";
import { type Deed, nobody } from "./deed.js";

const slowMs = 200;
const throttledBytes = 50_000;

type Proxy = Node["proxy"];

/** Something that happens to all connections that clients have to a node. */
const toClients =
  (act: (proxy: Proxy, lasts: number) => Promise<void> | void): Deed =>
  async ({ node: { name, proxy }, lasts }) => {
    const { present } = proxy;
    if (present === 0) return nobody;
    await act(proxy, lasts);
    return `${name} (${present} connections)`;
  };

export const networkDeeds = {
  async "node cut off from redis"({ node, lasts }) {
    node.line?.sever();
    await delay(lasts);
    node.line?.mend();
    return node.name;
  },
  "connections cut": toClients((proxy) => proxy.cut()),
  "connections dead": toClients((proxy) => proxy.freeze()),
  "connections half-open": toClients((proxy) => proxy.abandon()),
  "answers lost": toClients(async (proxy, lasts) => {
    proxy.deafen();
    await delay(Math.min(lasts, 500));
    proxy.cut();
  }),
  "connections slow": toClients(async (proxy, lasts) => {
    proxy.delay(slowMs);
    await delay(lasts);
    proxy.cut();
  }),
  "connections throttled": toClients(async (proxy, lasts) => {
    proxy.throttle(throttledBytes);
    await delay(lasts);
    proxy.cut();
  }),
  async "reconnect storm"({ nodes }) {
    const present = nodes.reduce((sum, { proxy }) => sum + proxy.present, 0);
    if (present === 0) return nobody;
    for (const { proxy } of nodes) proxy.cut();
    return `all nodes (${present} connections)`;
  },
} satisfies Record<string, Deed>;
