// What happens between nodes and their clients, and between a node and Redis.
import { setTimeout as delay } from "node:timers/promises";
import type { Deed } from "./deed.js";

const slowMs = 200;
const throttledBytes = 50_000;

export const networkDeeds = {
  async "node cut off from redis"({ node, lasts }) {
    node.line?.sever();
    await delay(lasts);
    node.line?.mend();
    return node.name;
  },
  async "connections cut"({ node }) {
    node.proxy.cut();
    return node.name;
  },
  async "connections dead"({ node }) {
    node.proxy.freeze();
    return node.name;
  },
  async "connections half-open"({ node }) {
    node.proxy.abandon();
    return node.name;
  },
  async "answers lost"({ node, lasts }) {
    node.proxy.deafen();
    await delay(Math.min(lasts, 500));
    node.proxy.cut();
    return node.name;
  },
  async "connections slow"({ node, lasts }) {
    node.proxy.delay(slowMs);
    await delay(lasts);
    node.proxy.cut();
    return node.name;
  },
  async "connections throttled"({ node, lasts }) {
    node.proxy.throttle(throttledBytes);
    await delay(lasts);
    node.proxy.cut();
    return node.name;
  },
  async "reconnect storm"({ nodes }) {
    for (const { proxy } of nodes) proxy.cut();
    return "all nodes";
  },
} satisfies Record<string, Deed>;
