// The server of tcp.ts.
import { createServer, type Socket } from "node:net";

const subscribers = new Set<Socket>();

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {});
  socket.on("close", () => subscribers.delete(socket));
  socket.once("data", (first: Buffer) => {
    if (first[0] === "S".charCodeAt(0)) {
      subscribers.add(socket);
      socket.write("S");
      return;
    }
    const publish = (bytes: Buffer) => {
      for (const subscriber of subscribers) subscriber.write(bytes);
    };
    if (first.length > 1) publish(first.subarray(1));
    socket.on("data", publish);
  });
});

server.listen(0, "127.0.0.1", () => process.send!({ port: (server.address() as { port: number }).port }));
process.on("disconnect", () => process.exit());
