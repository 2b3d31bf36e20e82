// The way of one client to the nodes: a TCP proxy of its own that leads each connection to the next node that is up, as a
// load balancer does.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { reset } from "../../test/client/reset.js";

export interface Path {
  /** HOST:PORT. */
  readonly address: string;
  /** The node of its last connection, as an index. */
  readonly node: number | undefined;
  /** Resets what is connected. */
  cut(): void;
  /** From now on nothing passes, in either direction, and new connections get nowhere. */
  block(): void;
  /** Resets all of these; new ones pass again. */
  unblock(): void;
  close(): Promise<void>;
}

interface Place {
  index: number;
  port: number;
}

/** @param next the node for a new connection; undefined if none is up */
export async function startPath(next: () => Place | undefined): Promise<Path> {
  const sockets = new Set<Socket>();
  let blocked = false;
  let node: number | undefined;

  const keep = (socket: Socket, other?: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      // A black hole does not tell the other side.
      if (!blocked) other?.destroy();
    });
  };
  const cut = () => {
    for (const socket of sockets) reset(socket);
  };
  const server = createServer((client) => {
    const place = blocked ? undefined : next();
    if (place === undefined) {
      keep(client);
      if (!blocked) reset(client);
      return;
    }
    node = place.index;
    const upstream = connect(place.port, "127.0.0.1");
    for (const socket of [client, upstream]) socket.setNoDelay(true);
    keep(client, upstream);
    keep(upstream, client);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get node() {
      return node;
    },
    cut,
    block() {
      blocked = true;
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    unblock() {
      blocked = false;
      cut();
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
