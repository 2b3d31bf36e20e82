// The Socket.IO server of socket-io.ts, as its documentation shows it. Argument: the URL of Redis.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { adapter: createAdapter(new Redis(process.argv[2]!)), transports: ["websocket"] });

io.on("connection", (socket) => {
  socket.on("join", async (channels: string[], ack: () => void) => {
    await socket.join(channels);
    ack();
  });
  socket.on("publish", (channel: string, data: Buffer, ack: () => void) => {
    io.to(channel).emit("message", data);
    ack();
  });
});

http.listen(0, "127.0.0.1", () => {
  const { version } = createRequire(import.meta.url)("socket.io/package.json") as { version: string };
  process.send!({ port: (http.address() as { port: number }).port, version });
});
process.on("disconnect", () => process.exit());
