// Handshakes wait for one another, and for their peers to say something.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createHandshakes } from "../../src/broker/handshakes.js";
import { assert, suite, type T, until } from "../harness.js";

const test = suite("handshakes");

/** Of one handshake: no more than two and a bit fit into a slice. */
const workMs = 5;

async function start(t: T, begin: (socket: Socket) => void, late: (socket: Socket) => void, timeoutMs: number) {
  const accepted: Socket[] = [];
  const take = createHandshakes(begin, late, timeoutMs);
  const server = createServer((socket) => {
    accepted.push(socket);
    t.after(() => socket.destroy());
    take(socket);
  });
  t.after(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const open = async () => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    t.after(() => socket.destroy());
    await once(socket, "connect");
    return socket;
  };
  return { accepted, open };
}

test("of one turn they take 10 ms; each begins with what its peer has said", async (t) => {
  const begun: string[] = [];
  let now = 0;
  let most = 0;
  const begin = (socket: Socket) => {
    process.nextTick(() => {
      begun.push(String(socket.read()));
      for (const end = performance.now() + workMs; performance.now() < end; );
    });
    if (now++ === 0) {
      setImmediate(() => {
        most = Math.max(most, now);
        now = 0;
      });
    }
  };
  const { accepted, open } = await start(t, begin, () => {}, 60_000);
  const peers = await Promise.all(Array.from({ length: 30 }, open));
  await until(() => accepted.length === peers.length, "all are accepted");
  for (const [index, peer] of peers.entries()) peer.write(`hello ${index}`);
  await until(() => begun.length === peers.length, "all have begun");
  assert.equal([...begun].sort(), peers.map((_, index) => `hello ${index}`).sort());
  assert.ok(most <= 3, `${most} in one turn`);
});

test("who says nothing is cut; who says something, or has gone, is not waited for", async (t) => {
  const begun: Socket[] = [];
  const late: Socket[] = [];
  const { accepted, open } = await start(
    t,
    (socket) => begun.push(socket),
    (socket) => late.push(socket),
    300,
  );
  const [silent, gone] = [await open(), await open()];
  gone.end();
  await until(() => accepted.some(({ destroyed }) => destroyed), "who has gone is let go");
  await once(silent, "close");
  const speaking = await open();
  speaking.write("hello");
  await until(() => begun.length === 1, "it begins");
  assert.is(late.length, 1);
  assert.is(begun[0]!.destroyed, false);
});

test.run();
