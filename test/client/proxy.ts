// A TCP proxy in front of a node: it can cut connections, freeze them, slow them down, leave them half-open, and swallow
// what the node answers.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { T } from "../scope.js";
import { reset } from "./reset.js";

export interface Proxy {
  readonly address: string;
  /** Bytes that came from the node since the start. */
  readonly received: number;
  /** Bytes that came from peers since the start. */
  readonly sent: number;
  /** Connections made since the start. */
  readonly connections: number;
  /** Those that are there now. */
  readonly present: number;
  /** Resets every connection. */
  cut(): void;
  /** Passes nothing on any more, in either direction; what is connected stays so. New connections are not touched. */
  freeze(): void;
  /** From now on what the node says on present connections is lost; what it is told still reaches it. */
  deafen(): void;
  /** From now on whatever passes on present connections takes so much longer. */
  delay(ms: number): void;
  /** From now on present connections pass on so many bytes a second, in each direction. */
  throttle(bytesPerSecond: number): void;
  /** Half-open: peers are cut off, the node is not told. What it says from then on vanishes. */
  abandon(): void;
}

interface Pair {
  client: Socket;
  node: Socket;
  /** The client is gone, and the node is not told. */
  halfOpen: boolean;
}

export async function startProxy(t: T, target: string): Promise<Proxy> {
  const [host, port] = target.split(":");
  const pairs = new Set<Pair>();
  let received = 0;
  let sent = 0;
  let connections = 0;
  const server = createServer((client) => {
    connections++;
    const node = connect(Number(port), host);
    const pair: Pair = { client, node, halfOpen: false };
    pairs.add(pair);
    node.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    client.on("data", (chunk: Buffer) => {
      sent += chunk.length;
    });
    client.pipe(node);
    node.pipe(client);
    for (const socket of [client, node]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        if (pair.halfOpen && socket === client) return;
        pairs.delete(pair);
        client.destroy();
        node.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const { client, node } of pairs) {
      reset(client);
      reset(node);
    }
  };
  t.after(async () => {
    cut();
    server.close();
    await once(server, "close");
  });
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get received() {
      return received;
    },
    get sent() {
      return sent;
    },
    get connections() {
      return connections;
    },
    get present() {
      return pairs.size;
    },
    cut,
    freeze() {
      for (const { client, node } of pairs) {
        client.unpipe(node);
        node.unpipe(client);
        client.pause();
        node.pause();
      }
    },
    deafen() {
      for (const { client, node } of pairs) {
        node.unpipe(client);
        node.resume();
      }
    },
    delay(ms) {
      const later = (from: Socket, to: Socket) => {
        from.unpipe(to);
        // Timers of one length run in the order they were set.
        from.on("data", (chunk) => void setTimeout(() => to.destroyed || to.write(chunk), ms));
        from.resume();
      };
      for (const { client, node } of pairs) {
        later(client, node);
        later(node, client);
      }
    },
    throttle(bytesPerSecond) {
      const slowly = (from: Socket, to: Socket) => {
        from.unpipe(to);
        from.on("data", (chunk: Buffer) => {
          if (!to.destroyed) to.write(chunk);
          from.pause();
          setTimeout(() => from.resume(), (chunk.length / bytesPerSecond) * 1_000);
        });
        from.resume();
      };
      for (const { client, node } of pairs) {
        slowly(client, node);
        slowly(node, client);
      }
    },
    abandon() {
      for (const pair of pairs) {
        pair.halfOpen = true;
        pair.client.unpipe(pair.node);
        pair.node.unpipe(pair.client);
        pair.node.resume();
        reset(pair.client);
      }
    },
  };
}
