// Peers that keep to no rules: bytes on a TCP connection, and HTTP/2 streams below gRPC's own library.
import { connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { connect, type Socket } from "node:net";
import { readServerFrame, type ServerItem } from "../../src/wire/server-frame.js";
import type { T } from "../harness.js";

export interface RawSocket {
  socket: Socket;
  /** Resolves when the node has ended the connection. */
  closed: Promise<void>;
}

/** @param keepHalf stay open for writing or reading when the other direction has ended */
export function openSocket(t: T, port: number, keepHalf = false): Promise<RawSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: keepHalf });
    t.after(() => socket.destroy());
    const closed = new Promise<void>((settle) => {
      socket.once("close", () => settle());
      socket.once("end", () => settle());
    });
    // A reset is an end like any other.
    socket.on("error", reject);
    socket.once("connect", () => resolve({ socket, closed }));
    socket.resume();
  });
}

/** What an HTTP/2 client says first, with an empty SETTINGS frame. */
export const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/** How a stream ended: HTTP's status, and gRPC's if there was one. */
export interface Ending {
  http: number;
  grpc: number | undefined;
  message: string;
}

export interface RawStream {
  /** What arrived, if the method answers with frames. */
  readonly items: ServerItem[];
  /** Bytes as they are. */
  write(bytes: Buffer): void;
  /** One gRPC message. */
  send(message: Buffer): void;
  /** Ends this side. */
  end(): void;
  readonly ended: Promise<Ending>;
  /** Ends the connection. */
  close(): void;
}

/** A gRPC message as it is on the stream: not compressed, its length, its bytes. */
export function framed(message: Buffer, length = message.length): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(length, 1);
  return Buffer.concat([header, message]);
}

export const connectPath = "/reprise.v1.Broker/Connect";

/** Opens a stream on a connection of its own. */
export function openStream(t: T, address: string, path = connectPath, headers: IncomingHttpHeaders = {}): RawStream {
  // Its own limit of 10 MB would end a stream that the node should end.
  const session = connectHttp2(`http://${address}`, { maxSessionMemory: 1_000 });
  const close = () => session.destroy();
  t.after(close);
  session.on("error", () => {});
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  const items: ServerItem[] = [];
  let unread: Buffer = Buffer.alloc(0);
  stream.on("data", (bytes: Buffer) => {
    unread = Buffer.concat([unread, bytes]);
    while (unread.length >= 5 && unread.length >= 5 + unread.readUInt32BE(1)) {
      const end = 5 + unread.readUInt32BE(1);
      for (const item of readServerFrame(unread.subarray(5, end))) items.push(item);
      unread = unread.subarray(end);
    }
  });
  let http = 0;
  let last: IncomingHttpHeaders = {};
  stream.on("response", (received) => {
    http = Number(received[":status"]);
    last = received;
  });
  stream.on("trailers", (received) => {
    last = received;
  });
  stream.on("error", () => {});
  const ended = new Promise<Ending>((resolve) => {
    const settle = () => {
      const grpc = last["grpc-status"];
      const message = decodeURIComponent(String(last["grpc-message"] ?? ""));
      resolve({ http, grpc: grpc === undefined ? undefined : Number(grpc), message });
    };
    // The node's side has ended, or the whole of it, if in disorder.
    stream.on("end", settle);
    stream.on("close", settle);
  });
  return {
    items,
    write: (bytes) => void stream.write(bytes),
    send: (message) => void stream.write(framed(message)),
    end: () => void stream.end(),
    ended,
    close,
  };
}
