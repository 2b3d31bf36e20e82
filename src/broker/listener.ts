// The listening socket, and the connections that gRPC is given from it. gRPC can end a connection in good order only,
// which waits for a peer that has stopped reading for as long as it likes; so the sockets are kept here, to be cut.
import { createServer, type Socket } from "node:net";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { RepriseError } from "../wire/errors.js";
import { setReceiveWindow } from "./receive-window.js";

export interface Listener {
  port: number;
  /** Accepts nothing more, lets the connections end in good order, and cuts those that have not after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** What it takes at most to cut connections. */
const cutMs = 1_000;

/**
 * @param windowBytes how much a peer may send before it was read
 * @throws RepriseError `invalid_argument`, `unavailable`
 */
export async function listen(server: Server, address: string, windowBytes: number): Promise<Listener> {
  const match = /^(?:\[(.+)\]|(.+)):(\d+)$/.exec(address);
  if (match === null) {
    throw new RepriseError("invalid_argument", `listen address ${JSON.stringify(address)}: expected HOST:PORT`);
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  setReceiveWindow(server, windowBytes);
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    injector.injectConnection(socket);
  });
  const close = async (graceMs: number) => {
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    // After its grace gRPC would tell the peers that they have cancelled their calls; here the sockets go first.
    injector.drain(graceMs + cutMs);
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(cut);
    server.forceShutdown();
  };
  return new Promise((resolve, reject) => {
    listener.once("error", (cause) => {
      reject(new RepriseError("unavailable", `cannot listen on ${address}: ${cause.message}`, { cause }));
    });
    listener.listen(Number(match[3]), match[1] ?? match[2], () => {
      resolve({ port: (listener.address() as { port: number }).port, close });
    });
  });
}
