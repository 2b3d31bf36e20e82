// The Socket.IO server of socket-io.ts, as the documentation of connection state recovery shows it; plain JavaScript, so
// that it starts as fast as it can. Arguments: its port, the URL of Redis.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";

const [port, redis] = process.argv.slice(2);
const room = "compare";
const http = createServer();
const io = new Server(http, {
  adapter: createAdapter(new Redis(redis), { maxLen: 1_000_000 }),
  connectionStateRecovery: { maxDisconnectionDuration: 2 * 60 * 1000, skipMiddlewares: true },
  transports: ["websocket"],
});

io.on("connection", async (socket) => {
  socket.on("publish", (data, ack) => {
    io.to(room).emit("message", data);
    ack();
  });
  if (socket.recovered) return;
  await socket.join(room);
  socket.emit("joined");
});

http.listen(Number(port), "127.0.0.1");
