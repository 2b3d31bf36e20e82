// A proxy between real clients and a node that keeps what the clients say, as bytes.
import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";

/** A connection. */
export interface Recording {
  name: string;
  /** Everything that the client sent. */
  bytes: Buffer;
  /** Of which of the node's ports. */
  to: "port" | "httpPort";
}

export interface Recorder {
  address: string;
  stop(): Promise<Buffer[]>;
}

export async function startRecorder(port: number): Promise<Recorder> {
  const said: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const chunks: Buffer[] = [];
    said.push(chunks);
    const node = connectTcp(port, "127.0.0.1");
    client.on("data", (chunk: Buffer) => chunks.push(chunk));
    client.pipe(node);
    node.pipe(client);
    for (const socket of [client, node]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        node.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
      return said.map((chunks) => Buffer.concat(chunks));
    },
  };
}
