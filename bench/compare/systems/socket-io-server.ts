// The Socket.IO server of socket-io.ts, as the documentation of connection state recovery shows it. Arguments: its port, the
// URL of Redis.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";

const [port, redis] = process.argv.slice(2) as [string, string];
const room = "compare";
const http = createServer();
const io = new Server(http, {
  adapter: createAdapter(new Redis(redis), { maxLen: 1_000_000 }),
  connectionStateRecovery: { maxDisconnectionDuration: 2 * 60 * 1000, skipMiddlewares: true },
  transports: ["websocket"],
});

io.on("connection", async (socket) => {
  socket.on("publish", (data: string, ack: () => void) => {
    io.to(room).emit("message", data);
    ack();
  });
  if (socket.recovered) return;
  await socket.join(room);
  socket.emit("joined");
});

http.listen(Number(port), "127.0.0.1");
