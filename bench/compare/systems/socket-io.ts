// Socket.IO: two servers with the Redis Streams adapter over one Redis, and connection state recovery.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { io, type Socket } from "socket.io-client";
import { startRedis } from "../../systems/redis.js";
import { startNode } from "../node.js";
import type { Listener, Servers, System } from "../system.js";

function versionOf(name: string): string {
  const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
  return `${name} ${version}`;
}

async function start(folder: string): Promise<Servers> {
  const redis = await startRedis(folder);
  const program = resolve(import.meta.dirname, "socket-io-server.mjs");
  const launch = () => startNode(process.execPath, folder, (port) => [program, `${port}`, redis.url]);
  const nodes = [await launch(), await launch()];
  return {
    version: [versionOf("socket.io"), versionOf("@socket.io/redis-streams-adapter"), redis.version].join(", "),
    nodes,
    async stop() {
      for (const node of nodes) await node.kill();
      await redis.stop();
    },
  };
}

// Polling would need a load balancer that knows sessions; the adapter's documentation has the same advice.
const open = (address: string): Socket => io(`http://${address}`, { transports: ["websocket"] });

async function follow(address: string, listener: Listener): Promise<void> {
  const socket = open(address);
  let before = false;
  socket.on("message", (text: string) => listener.message(Buffer.from(text)));
  await new Promise<void>((resolve) => {
    socket.on("joined", () => resolve());
    socket.on("connect", () => {
      if (before && socket.recovered) listener.recovered();
      else if (before) listener.gap({ reconnected: true });
      before = true;
    });
  });
}

async function publish(address: string): Promise<(data: Buffer) => Promise<unknown>> {
  const socket = open(address);
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  // A text is one packet, bytes would be two.
  return (data) => socket.emitWithAck("publish", data.toString());
}

export const system: System = {
  name: "socket-io",
  title: "Socket.IO, Redis Streams adapter",
  settings:
    "two servers, one Redis, AOF everysec; `connectionStateRecovery` of 2 min, `maxLen` 1,000,000 (default 10,000), WebSocket only; acknowledged: the server has called `emit`",
  start,
  follow,
  publish,
};
