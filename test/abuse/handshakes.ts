// What TLS lets strangers do before they have said a word of HTTP/2, and below it.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { connect, createSecureContext, type TLSSocket } from "node:tls";
import { openSocket, preface } from "../scenarios/raw.js";
import { type T, until } from "../scope.js";
import type { Attack } from "./attack.js";
import { callBlock, headers, ping, settings } from "./frames.js";
import { openGrpc, type Target } from "./target.js";

const answeredMs = 60_000;

/** What a client of gRPC says first. */
async function takeHello(t: T, { secure }: Target): Promise<Buffer> {
  const server = createServer();
  t.after(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: "127.0.0.1", ALPNProtocols: ["h2"], ...(secure && { secureContext: secure }) });
  client.on("error", () => {});
  const [socket] = (await once(server, "connection")) as [Socket];
  const [hello] = (await once(socket, "data")) as [Buffer];
  client.destroy();
  socket.destroy();
  return hello;
}

/** So many TCP connections, each of which says this and stays. */
async function openAll(t: T, { port }: Target, count: number, say: (index: number) => Buffer): Promise<Socket[]> {
  const opened = Array.from({ length: count }, async (_, index) => {
    const { socket } = await openSocket(t, port);
    socket.on("error", () => {});
    socket.write(say(index));
    return socket;
  });
  return Promise.all(opened);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Connections that say nothing, half of what begins a handshake, or that more comes than ever will. */
export const halfHellos: Attack = async (t, target, forMs) => {
  const hello = await takeHello(t, target);
  const halves = [hello.subarray(0, 0), hello.subarray(0, 3), hello.subarray(0, hello.length / 2)];
  await openAll(t, target, 500, (index) => halves[index % halves.length]!);
  await pause(forMs);
};

const garbage = [
  preface,
  Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"),
  Buffer.alloc(20_000, 0x16),
  // An alert, an application's data, a record of 2^16 bytes, an old hello (SSL 2).
  Buffer.from("15030300020228", "hex"),
  Buffer.concat([Buffer.from("1703034000", "hex"), Buffer.alloc(16_384)]),
  Buffer.concat([Buffer.from("160301ffff01", "hex"), Buffer.alloc(65_535)]),
  Buffer.from("802b0100020012000000100100800300800700c0", "hex"),
];

/** What is no hello, and hellos that are damaged: each is cut, or waits for its end. */
export const noHellos: Attack = async (t, target, forMs) => {
  const hello = await takeHello(t, target);
  const damaged = (index: number) => {
    const copy = Buffer.from(hello);
    copy[5 + ((index * 7) % (hello.length - 5))]! ^= 1 << (index % 8);
    return copy;
  };
  await openAll(t, target, 500, (index) => (index % 2 ? damaged(index) : garbage[(index / 2) % garbage.length]!));
  await pause(forMs);
};

/** The same hello on very many connections at once: each takes the node a signature, and us nothing. */
export const helloVolley: Attack = async (t, target) => {
  const hello = await takeHello(t, target);
  let answered = 0;
  // All are there when the first of them speaks.
  const sockets = await openAll(t, target, 1_000, () => Buffer.alloc(0));
  for (const socket of sockets) {
    socket.once("data", () => {
      answered++;
    });
    socket.write(hello);
  }
  await until(() => answered === sockets.length, "all are answered", answeredMs);
};

/** Opens connections, several at a time, and closes them as soon as TLS would let them speak. */
export const handshakesOnly: Attack = async (t, target, forMs) => {
  const endAt = performance.now() + forMs;
  const lane = async () => {
    while (performance.now() < endAt) (await openGrpc(t, target)).socket.destroy();
  };
  await Promise.all(Array.from({ length: 8 }, lane));
};

/** Handshakes in the middle of a connection, which TLS 1.2 knows: nobody is given one. */
export const renegotiations: Attack = async (t, target, forMs) => {
  const secure = createSecureContext({ maxVersion: "TLSv1.2" });
  let given = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = (await openGrpc(t, { ...target, secure })).socket as TLSSocket;
      socket.on("error", () => {});
      socket.renegotiate({}, (error) => {
        if (error === null) given++;
      });
    }),
  );
  await pause(forMs);
  if (given > 0) throw new Error(`${given} connections were renegotiated`);
};

/** Frames in records of a byte each: TLS puts twenty around it, and the node unwraps each by itself. */
export const tinyRecords: Attack = async (t, target, forMs) => {
  const frames = Buffer.concat([headers(1, callBlock("/reprise.v1.Broker/Connect")), ...Array(20).fill(ping())]);
  const endAt = performance.now() + forMs;
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      const { socket } = await openGrpc(t, target);
      socket.on("error", () => {});
      socket.write(Buffer.concat([preface.subarray(0, 24), settings()]));
      for (let at = 0; performance.now() < endAt && !socket.destroyed; at = (at + 1) % frames.length) {
        // What waits would leave in one record.
        await new Promise((resolve) => socket.write(frames.subarray(at, at + 1), resolve));
      }
    }),
  );
};
