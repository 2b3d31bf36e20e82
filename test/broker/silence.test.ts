// Those who say nothing: connections without HTTP/2, without requests, streams without a hello, peers that vanished
// behind a network that swallows everything. The node finds them by itself, within 10 + 5 s and a little.
import { connect, createServer, type Socket } from "node:net";
import { status } from "@grpc/grpc-js";
import { assert, suite, type T, until } from "../harness.js";
import { startNode } from "./node.js";
import { connectPeer, openStream, texts, textsOf } from "./peer.js";

const test = suite("silence");

const portOf = (address: string) => Number(address.split(":")[1]);

/** A way to the node that can be cut without either end hearing of it. */
async function swallowingProxy(t: T, address: string): Promise<{ address: string; swallow(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(portOf(address), "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined);
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return {
    address: `127.0.0.1:${bound.port}`,
    swallow: () => {
      for (const socket of sockets) socket.unpipe().resume();
    },
  };
}

/** A TCP connection; answers when the other side has ended it. */
function openSocket(t: T, address: string, greeting: Buffer): { closed: boolean } {
  const state = { closed: false };
  const socket = connect(portOf(address), "127.0.0.1", () => socket.write(greeting));
  socket.on("error", () => undefined);
  socket.on("close", () => {
    state.closed = true;
  });
  socket.resume();
  t.after(() => socket.destroy());
  return state;
}

test(
  "P-1 P-5 all of them are ended and forgotten, while the others go on",
  async (t) => {
    const node = await startNode(t);
    const proxy = await swallowingProxy(t, node.address);
    const [speaker, hearer] = [await connectPeer(t, node.address), await connectPeer(t, node.address)];
    await hearer.subscribe("others");
    const vanished = await connectPeer(t, proxy.address);
    await vanished.subscribe("gone");
    proxy.swallow();
    const preface = Buffer.concat([
      Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      // An empty SETTINGS frame.
      Buffer.from("000000040000000000", "hex"),
    ]);
    const sockets = Array.from({ length: 200 }, (_, i) =>
      openSocket(t, node.address, i < 100 ? Buffer.alloc(0) : preface),
    );
    const mute = openStream(t, node.address);
    // So that the node hears of the stream.
    mute.send(Buffer.alloc(0));
    let said = 0;
    let slowest = 0;
    const goOn = async () => {
      const before = performance.now();
      speaker.publish("others", [`m/${++said}`]);
      await hearer.hears("others", said);
      slowest = Math.max(slowest, performance.now() - before);
    };
    await until(
      async () => {
        await goOn();
        return mute.ended !== undefined;
      },
      "the stream without a hello is ended",
      15_000,
    );
    assert.equal([mute.ended!.code, mute.ended!.status], ["protocol_violation", status.FAILED_PRECONDITION]);
    await until(
      async () => {
        await goOn();
        return sockets.every(({ closed }) => closed);
      },
      "silent connections are ended",
      20_000,
    );
    await until(
      async () => {
        await goOn();
        return (await node.admin.sessions()).length === 2 && node.buffer.watchers.size === 1;
      },
      "the peer that vanished is forgotten",
      10_000,
    );
    assert.ok(slowest < 2_000, `the others waited ${slowest} ms`);
    assert.equal(textsOf(hearer.heard("others")), texts("m", said));
    vanished.cancel();
  },
  { timeoutMs: 60_000 },
);

test("P-5 an idle stream hears a heartbeat in every interval, and a busy one hears messages instead", async (t) => {
  const node = await startNode(t, { heartbeatIntervalMs: 40 });
  const peer = await connectPeer(t, node.address);
  assert.is(peer.all("welcome")[0]!.heartbeatIntervalMs, 40);
  const before = Date.now();
  const beats = await peer.gets("heartbeat", 5);
  const elapsed = Date.now() - before;
  assert.ok(elapsed >= 4 * 40 - 20, `5 in ${elapsed} ms`);
  const times = beats.map(({ timeMs }) => timeMs);
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
  );
  assert.ok(times.every((time) => Math.abs(time - Date.now()) < 60_000));
});

test.run();
