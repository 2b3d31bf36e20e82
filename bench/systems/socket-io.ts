// Socket.IO with the Redis Streams adapter, over WebSocket.
import { once } from "node:events";
import { io } from "socket.io-client";
import { program, told } from "../child.js";
import type { Place, Servers, Session, System } from "../system.js";
import { NotOffered } from "../system.js";
import { startRedis } from "./redis.js";

async function start({ folder }: Place): Promise<Servers> {
  const redis = await startRedis(folder);
  const server = program("systems/socket-io-server.ts", redis.url);
  const { port, version } = await told<{ port: number; version: string }>(server);
  return {
    address: `http://127.0.0.1:${port}`,
    processes: [
      { role: "broker", pid: server.pid! },
      { role: "store", pid: redis.pid },
    ],
    version: `Socket.IO ${version}, ${redis.version}`,
    async stop() {
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
      await redis.stop();
    },
  };
}

async function open(address: string): Promise<Session> {
  const socket = io(address, { transports: ["websocket"], forceNew: true });
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return {
    publish: (channel, messages) => Promise.all(messages.map((data) => socket.emitWithAck("publish", channel, data))),
    async subscribe(channels, from, receive) {
      if (from !== "new") throw new NotOffered("Socket.IO gives history to its own reconnections only");
      socket.on("message", receive);
      await socket.emitWithAck("join", channels);
    },
    async close() {
      socket.disconnect();
    },
  };
}

export const systems: readonly System[] = [
  {
    name: "socket-io",
    title: "Socket.IO, Redis Streams",
    durability: "on its way to Redis, AOF everysec, the last 10,000",
    start,
    open,
  },
];
