// The listening socket, and the connections that gRPC is given from it. gRPC can end a connection in good order only,
// which waits for a peer that has stopped reading for as long as it likes; so the sockets are kept here, to be cut.
import type { ServerHttp2Session } from "node:http2";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import type { Log } from "../log/log.js";
import { RepriseError } from "../wire/errors.js";
import type { NodeTls } from "./certificates.js";
import type { Gate } from "./gate.js";
import { onConnection, setReceiveWindow } from "./receive-window.js";
import { secureServer } from "./secure.js";
import type { Turn } from "./turn.js";

export interface ListenOptions {
  /** HOST:PORT */
  address: string;
  /** Undefined: in plaintext. */
  tls: NodeTls | undefined;
  /** How much a peer may send before it was read. */
  windowBytes: number;
  gate: Pick<Gate, "admits" | "connection">;
  turn: Turn;
  log: Log;
}

export interface Listener {
  port: number;
  /** Reads the certificates now, if there are any. */
  reload(): Promise<void>;
  /** Accepts nothing more, lets the connections end in good order, and cuts those that have not after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** What it takes at most to cut connections. */
const cutMs = 1_000;

/** What is being written when a session is destroyed has so long to leave. */
const lastWordsMs = 1_000;

/**
 * A session that was destroyed lets go of its socket when what is being written has left. Below TLS that may be never: where
 * Node's HTTP/2 gives a session up for resets in quick succession, TLS keeps the last record, and the connection stays
 * for good (seen in Node 20.20, without gRPC too). What finds it is gRPC's ping, which is not answered.
 */
function cutWithSession(session: ServerHttp2Session, socket: Socket): void {
  const { destroy } = session;
  session.destroy = (...args) => {
    destroy.apply(session, args);
    setTimeout(() => socket.destroy(), lastWordsMs).unref();
  };
}

/** @throws RepriseError `invalid_argument`, `unavailable` */
export async function listen(
  server: Server,
  { address, tls, windowBytes, gate, turn, log }: ListenOptions,
): Promise<Listener> {
  const match = /^(?:\[(.+)\]|(.+)):(\d+)$/.exec(address);
  if (match === null) {
    throw new RepriseError("invalid_argument", `listen address ${JSON.stringify(address)}: expected HOST:PORT`);
  }
  // For gRPC they are sockets either way; what a peer has proven it finds in them.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  setReceiveWindow(server, windowBytes);
  onConnection(server, (session) => {
    const { remoteAddress, remotePort } = session.socket;
    const socket = gate.connection(`${remoteAddress}:${remotePort}`)?.socket;
    if (socket === undefined) return;
    // Also those that are no calls: of unknown methods, and what is not gRPC.
    session.on("stream", () => turn.took(socket));
    cutWithSession(session, socket);
  });
  const accept = (socket: Socket) => injector.injectConnection(socket);
  const secure = tls === undefined ? undefined : await secureServer(tls, log, accept);
  const sockets = new Set<Socket>();
  // Below TLS as well: to cut this one ends what is on it, also in the middle of a handshake; and who is turned away costs none.
  const listener: NetServer = createServer({ noDelay: true }, (socket) => {
    if (!gate.admits(socket)) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    if (secure === undefined) accept(socket);
    else secure.take(socket);
  });
  const close = async (graceMs: number) => {
    secure?.close();
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
      secure?.close();
      reject(new RepriseError("unavailable", `cannot listen on ${address}: ${cause.message}`, { cause }));
    });
    listener.listen(Number(match[3]), match[1] ?? match[2], () => {
      const { port } = listener.address() as { port: number };
      resolve({ port, reload: async () => secure?.reload(), close });
    });
  });
}
