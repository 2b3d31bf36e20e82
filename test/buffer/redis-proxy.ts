// A TCP proxy in front of Redis that misbehaves on request.
import { connect, createServer, type Socket } from "node:net";
import type { T } from "../harness.js";

export interface Proxy {
  port: number;
  /** The next request that contains `word` reaches Redis; before its answer comes back, the connection is cut. */
  cutAfter(word: string): void;
  /** How many connections were cut so. */
  readonly cuts: number;
  /**
   * Connections whose requests contained `word` carry nothing any more, in neither direction, but stay open; so do
   * those that come to it later, until `recover`.
   */
  stall(word: string): void;
  /** The same, but only what Redis sends gets lost on the way. */
  mute(word: string): void;
  recover(): void;
  /** Cuts all connections; those that come now lead to this port. */
  moveTo(port: number): void;
}

export async function startProxy(t: T, port: number): Promise<Proxy> {
  let target = port;
  const sockets = new Set<Socket>();
  let cutWord: string | undefined;
  let stallWord: string | undefined;
  let muted = false;
  let cuts = 0;

  function pair(client: Socket): void {
    const server = connect(target, "127.0.0.1");
    let asked = "";
    let cutting = false;
    const stalled = () => stallWord !== undefined && asked.includes(stallWord);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    client.on("data", (data) => {
      // Commands and names stand in front.
      asked = (asked + data.toString("latin1")).slice(-100_000);
      if (stalled() && !muted) return;
      if (cutWord !== undefined && data.toString("latin1").includes(cutWord)) {
        cutWord = undefined;
        cutting = true;
      }
      server.write(data);
    });
    server.on("data", (data) => {
      if (cutting) {
        cuts++;
        client.destroy();
      } else if (!stalled()) {
        client.write(data);
      }
    });
  }

  const listener = createServer(pair);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    const closed = new Promise((resolve) => listener.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    cutAfter: (word) => {
      cutWord = word;
    },
    get cuts() {
      return cuts;
    },
    stall: (word) => {
      stallWord = word;
      muted = false;
    },
    mute: (word) => {
      stallWord = word;
      muted = true;
    },
    recover: () => {
      stallWord = undefined;
    },
    moveTo: (port) => {
      target = port;
      for (const socket of sockets) socket.destroy();
    },
  };
}
