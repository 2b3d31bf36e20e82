// Messages that do not end, on a node that may keep little of them: the connection goes for which most is kept, and what it
// had is not counted any more.
import { type ClientHttp2Session, connect } from "node:http2";
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { createIncoming } from "../../src/broker/incoming.js";
import { raw } from "../../src/broker/services/grpc.js";
import { createTurn } from "../../src/broker/turn.js";
import { createLog, type LogFields } from "../../src/log/log.js";
import { MiB } from "../../src/wire/limits.js";
import { assert, suite, type T, until } from "../harness.js";
import { framed } from "../scenarios/raw.js";

const test = suite("incoming");

const path = "/test.Echo/Echo";

/** A server that says back what it is told, and may keep 3 MiB of messages that are not complete. */
async function startEcho(t: T) {
  const lines: LogFields[] = [];
  const incoming = createIncoming({
    maxMessageBytes: 2 * MiB,
    gate: { connection: () => undefined },
    turn: createTurn(),
    log: createLog((_level, fields, message) => void lines.push({ message, ...fields })),
    maxBytes: 3 * MiB,
  });
  const server = new Server({ interceptors: [incoming.intercept] });
  t.after(() => server.forceShutdown());
  const echo = { path, requestStream: true, responseStream: true, originalName: "echo", ...raw };
  server.addService(
    { Echo: echo },
    {
      Echo(call: ServerDuplexStream<Buffer, Buffer>) {
        call.on("data", (message: Buffer) => call.write(message));
        call.on("error", () => {});
        call.on("end", () => call.end());
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { incoming, lines, address: `http://127.0.0.1:${port}` };
}

function openConnection(t: T, address: string): ClientHttp2Session {
  const session = connect(address);
  session.on("error", () => {});
  t.after(() => session.destroy());
  return session;
}

function call(session: ClientHttp2Session) {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  const heard: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => heard.push(chunk));
  stream.on("error", () => {});
  return { stream, said: () => Buffer.concat(heard) };
}

test("what is kept of a message is counted until it is complete, or given up", async (t) => {
  const { incoming, address } = await startEcho(t);
  const message = framed(Buffer.alloc(MiB, "x"));
  const { stream, said } = call(openConnection(t, address));
  stream.write(message.subarray(0, -1));
  await until(() => incoming.bytes > MiB, "it is counted");
  stream.write(message.subarray(-1));
  await until(() => said().equals(message), "it is answered");
  assert.is(incoming.bytes, 0);
  stream.write(message.subarray(0, -1));
  await until(() => incoming.bytes > MiB, "it is counted");
  stream.close();
  await until(() => incoming.bytes === 0, "it is forgotten");
});

test("the connection goes on which most does not end; others finish theirs", async (t) => {
  const { incoming, lines, address } = await startEcho(t);
  const message = framed(Buffer.alloc(MiB, "x"));
  const honest = call(openConnection(t, address));
  honest.stream.write(message.subarray(0, -1));
  await until(() => incoming.bytes > MiB, "it is counted");
  const session = openConnection(t, address);
  for (let i = 0; i < 4; i++) call(session).stream.write(message.subarray(0, -1));
  await until(() => session.destroyed, "the connection is cut", 20_000);
  honest.stream.write(message.subarray(-1));
  await until(() => honest.said().equals(message), "the other is answered");
  await until(() => incoming.bytes === 0, "nothing is counted");
  assert.is(lines.length, 1);
  assert.is(lines[0]!.peer, "127.0.0.1");
  assert.ok(Number(lines[0]!.bytes) > 2 * MiB);
});

test.run();
