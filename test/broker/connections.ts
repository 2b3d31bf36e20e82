// Connections that never say anything.
import { connect, type Socket } from "node:net";
import { type T, until } from "../harness.js";

/** @param from its own address, one of loopback */
export async function silent(
  t: T,
  { address }: { address: string },
  from = "127.0.0.1",
): Promise<{ socket: Socket; closed: boolean }> {
  const [host, port] = address.split(":");
  const socket = connect({ port: Number(port), host: host!, localAddress: from });
  const connection = { socket, closed: false };
  socket
    .on("error", () => {})
    .on("close", () => {
      connection.closed = true;
    });
  socket.resume();
  t.after(() => socket.destroy());
  await until(() => !socket.connecting, "it is connected");
  return connection;
}
