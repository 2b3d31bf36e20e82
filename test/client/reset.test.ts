// What the proxies of tests do to connections.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { suite } from "../harness.js";
import { reset } from "./reset.js";

const test = suite("resetting a connection");

test("a connection that is just being ended is closed", async (t) => {
  const accepted: Socket[] = [];
  const server = createServer((socket) => void accepted.push(socket.on("error", () => {}).resume()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    for (const socket of accepted) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  const closed = once(socket, "close");
  socket.end();
  // The end is with the system then, which has not done it.
  await new Promise<void>((resolve) => process.nextTick(() => process.nextTick(resolve)));
  reset(socket);
  await closed;
});

test.run();
