// What breaks a rule of HTTP/2 or of gRPC, once each: whoever does it is told, or cut.
import { encodeHello } from "../../src/wire/client-frame.js";
import { framed, openSocket } from "../scenarios/raw.js";
import { type T, until } from "../scope.js";
import { type Attack, flood, repeated, streamOf } from "./attack.js";
import {
  callBlock,
  continuation,
  data,
  frame,
  header,
  headers,
  number32,
  openRaw,
  ping,
  priority,
  reset,
  settings,
  types,
  windowUpdate,
} from "./frames.js";
import type { Target } from "./target.js";

const none = Buffer.alloc(0);
const path = "/reprise.v1.Broker/Connect";
const call = callBlock(path);
const publish = "/reprise.v1.Broker/Publish";
const hello = framed(encodeHello("", none));
const open = headers(1, call);

/** The header of one name replaced, wherever it stands. */
const other = (name: string, value: string): Buffer => callBlock(path, { [name]: value });

/** The node answers with an error of the connection, and ends it. */
const fatal: Record<string, Buffer[]> = {
  "data without a stream": [data(0, hello)],
  "data on a stream that was never opened": [data(5, hello)],
  "headers on stream 0": [headers(0, call)],
  "a stream of the node's own numbers": [headers(2, call)],
  "a settings frame on a stream": [frame(types.settings, 0, 1, none)],
  "half a setting": [frame(types.settings, 0, 0, Buffer.alloc(5))],
  "a window beyond 2^31": [settings([4, 0xffffffff])],
  "frames of 2^24 bytes": [settings([5, 0x7fffffff])],
  "a ping of 7 bytes": [frame(types.ping, 0, 0, Buffer.alloc(7))],
  "a promise": [frame(types.push, 4, 1, Buffer.concat([number32(2), call]))],
  "a continuation of nothing": [open, continuation(1, header("a", "b"), true)],
  "something between headers and their continuation": [headers(1, call, false, false), ping()],
  "a frame longer than any may be": [open, data(1, Buffer.alloc(20_000))],
  "more padding than there is frame": [open, frame(types.data, 8, 1, Buffer.from([200, 1, 2]))],
  "an index of no header": [headers(1, Buffer.concat([call, Buffer.from([0xff, 0xff, 0xff, 0x0f])]))],
  "a header of 2^32 bytes, as it says": [headers(1, Buffer.concat([call, Buffer.from("007fffffffff0f", "hex")]))],
  "a window update of 3 bytes": [frame(types.window, 0, 0, Buffer.alloc(3))],
};

/** The connection goes on. */
const answered: Record<string, Buffer[]> = {
  "a stream number that goes back": [headers(5, call), headers(3, call)],
  "no path": [headers(1, header(":method", "POST"), true)],
  "two paths": [headers(1, Buffer.concat([call, header(":path", "/x")]), true)],
  "a header in capitals": [headers(1, Buffer.concat([call, header("Upper", "x")]), true)],
  "a header with a line break": [headers(1, Buffer.concat([call, header("x-a", "b\r\nc: d")]), true)],
  "a connection header": [headers(1, Buffer.concat([call, header("connection", "close")]), true)],
  "no content type": [headers(1, other("content-type", ""), true)],
  JSON: [headers(1, other("content-type", "application/json"), true)],
  "a content type that only begins well": [headers(1, other("content-type", "application/grpc-web+nonsense"), true)],
  "a path of bytes": [headers(1, callBlock("/\u00ff\u00fe/\u0080"), true)],
  "a path of 10,000 letters": [headers(1, callBlock(`/${"x".repeat(10_000)}`), true)],
  "a method that only reads": [headers(1, other(":method", "GET"), true)],
  CONNECT: [headers(1, other(":method", "CONNECT"), true)],
  "a time limit that is no time": [headers(1, other("grpc-timeout", "soon"), true)],
  "a time limit of ages": [headers(1, other("grpc-timeout", "99999999H"), true)],
  "an encoding that nobody knows": [
    headers(1, other("grpc-encoding", "\u00e9%zz")),
    data(1, Buffer.from("0100000000", "hex")),
  ],
  "binary metadata that is no base64": [headers(1, other("x-bin", "\u00ff,=,,")), data(1, hello)],
  "a token that is none": [headers(1, other("authorization", "Bearer \u00e9 \u0001")), data(1, hello)],
  "replay that is no number": [
    headers(1, callBlock("/stream.StreamService/BiStream", { replay: "@9e99", name: "\u00ff" })),
  ],
  "trailers at once": [open, headers(1, header("grpc-status", "0"), true)],
  "trailers that do not end": [open, headers(1, header("grpc-status", "0"))],
  "trailers in the middle": [open, data(1, hello), headers(1, header("a", "b")), data(1, hello)],
  "trailers with a path": [open, data(1, hello), headers(1, call, true)],
  "data after the end": [headers(1, call, true), data(1, hello)],
  "data after a reset": [open, reset(1), data(1, hello)],
  "a stream that depends on itself": [open, priority(1, 1)],
  "a window update of nothing": [open, windowUpdate(1, 0)],
  "false content-length": [headers(1, other("content-length", "3")), data(1, hello, true)],
  "a length of 4 GiB": [open, data(1, framed(none, 0xffffffff))],
  "a length that is one short": [open, data(1, framed(hello.subarray(5), hello.length - 6))],
  "a length that is one long, then the end": [open, data(1, framed(hello.subarray(5), hello.length - 4), true)],
  "compressed, as it says": [open, data(1, Buffer.concat([Buffer.from([1]), hello.subarray(1)]))],
  "a flag of 255": [open, data(1, Buffer.concat([Buffer.from([255]), hello.subarray(1)]))],
  "two requests where one is allowed": [headers(1, callBlock(publish)), data(1, Buffer.concat([hello, hello]), true)],
  "no request where one is needed": [headers(1, callBlock(publish), true)],
  "half a prefix": [headers(1, callBlock(publish)), data(1, Buffer.alloc(3), true)],
};

/** Each on a connection of its own. */
export const brokenRules: Attack = async (t, target) => {
  const cut = Object.entries(fatal).map(async ([what, frames]) => {
    const connection = await openRaw(t, target);
    await connection.send(...frames);
    await until(() => connection.refused, `a connection is ended for ${what}`, 30_000);
  });
  const kept = Object.entries(answered).map(async ([what, frames]) => {
    const connection = await openRaw(t, target);
    await connection.send(...frames);
    // The others have given their own streams up.
    const before = connection.received;
    await connection.send(ping());
    await until(() => connection.over || connection.received > before, `something is answered to ${what}`, 30_000);
    connection.close();
  });
  await Promise.all([...cut, ...kept]);
};

/** So many wrong frames of a stream that was reset: none of them ends a connection by itself. */
export const ignoredFrames: Attack = async (t, target, forMs) => {
  const connection = await openRaw(t, target);
  await connection.send(open, reset(1));
  await flood(connection, forMs, () => repeated(data(1, hello), 500));
};

/** A byte now and then, from many: of the preface, of a frame, of a request to the gateway. */
export const slowBytes: Attack = async (t, { port, httpPort }, forMs) => {
  const grpc = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), settings(), open]);
  const get = Buffer.from(`GET /metrics HTTP/1.1\r\nhost: x\r\nx-a: ${"b".repeat(1_000)}`);
  const slow = async (to: number, bytes: Buffer) => {
    const { socket } = await openSocket(t, to);
    socket.on("error", () => {});
    const endAt = performance.now() + forMs;
    for (let i = 0; i < bytes.length && performance.now() < endAt && !socket.destroyed; i++) {
      socket.write(bytes.subarray(i, i + 1));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.all(Array.from({ length: 300 }, (_, i) => (i % 6 === 0 ? slow(httpPort, get) : slow(port, grpc))));
};

const requests = [
  "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n",
  "GET /readyz?x=1 HTTP/1.1\r\nhost: x\r\n\r\n",
  "GET /__proto__ HTTP/1.1\r\nhost: x\r\n\r\n",
  `GET /metrics?${"x=%20&".repeat(1_200)} HTTP/1.1\r\nhost: x\r\n\r\n`,
  "POST /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n",
  "GET / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
  `GET / HTTP/1.1\r\n${"x: y\r\n".repeat(5_000)}\r\n`,
  `GET /${"x".repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
  "CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n",
  "\u0000\u0001\u0002",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

/** Requests to the HTTP gateway in a row, good and bad; whose answers nobody reads. */
export const gatewayFlood: Attack = async (t, { httpPort }: Target, forMs) => {
  const one = async (request: Buffer) => {
    const endAt = performance.now() + forMs;
    while (performance.now() < endAt) await untilGone(t, httpPort, request, endAt);
  };
  await Promise.all(requests.map((request) => one(repeated(Buffer.from(request, "latin1"), 50))));
};

async function untilGone(t: T, port: number, bytes: Buffer, endAt: number): Promise<void> {
  const { socket } = await openSocket(t, port);
  socket.on("error", () => {});
  socket.pause();
  while (!socket.destroyed && performance.now() < endAt) {
    if (!socket.write(bytes)) await new Promise((resolve) => setTimeout(resolve, 100));
    else await new Promise(setImmediate);
    if (socket.readableLength > 0) socket.read();
  }
  socket.destroy();
}

/** Streams by the hundred thousand, each ended at once, none of them a call. */
export const shortStreams: Attack = async (t, target, forMs) => {
  const connection = await openRaw(t, target);
  await flood(connection, forMs, (round) =>
    Array.from({ length: 100 }, (_, i) =>
      headers(streamOf(round * 100 + i), other("content-type", "text/plain"), true),
    ),
  );
};
