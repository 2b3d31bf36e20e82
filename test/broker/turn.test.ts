// What a turn of the event loop takes of connections on which very much has come.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { createTurn } from "../../src/broker/turn.js";
import { assert, suite, type T, until } from "../harness.js";

const test = suite("turn");

const connections = 3;
const bytes = 2_000_000;
const workMs = 20;

/** In a thread of its own: there is more to be read as soon as something was. */
const write = `
const { connect } = require("node:net");
const { port, connections, bytes } = require("node:worker_threads").workerData;
for (let i = 0; i < connections; i++) connect(port, "127.0.0.1").write(Buffer.alloc(bytes));
`;

async function openConnections(t: T, accept: (socket: Socket) => void): Promise<void> {
  const server = createServer(accept);
  t.after(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const writer = new Worker(write, { eval: true, execArgv: [], workerData: { port, connections, bytes } });
  t.after(() => writer.terminate());
}

test("after 50 ms of a turn no connection is read twice, and in the next turn they go on", async (t) => {
  const turn = createTurn();
  let read = 0;
  let begunAt: number | undefined;
  let late = new Map<Socket, number>();
  let most = 0;
  await openConnections(t, (socket) => {
    t.after(() => socket.destroy());
    socket.on("data", (chunk) => {
      if (begunAt === undefined) {
        begunAt = performance.now();
        setImmediate(() => {
          begunAt = undefined;
          most = Math.max(most, ...late.values());
          late = new Map();
        });
      }
      turn.took(socket);
      // A little more: it has looked at its own clock.
      if (performance.now() > begunAt + 51) late.set(socket, (late.get(socket) ?? 0) + 1);
      for (const end = performance.now() + workMs; performance.now() < end; );
      read += chunk.length;
    });
  });
  await until(() => read === connections * bytes, "everything is read", 60_000);
  assert.is(most, 1);
});

test.run();
