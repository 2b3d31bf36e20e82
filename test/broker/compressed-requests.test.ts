// What grpc-js compresses: requests, by gzip or deflate, on streams and calls. And a bomb among them.
import { connect as connectHttp2 } from "node:http2";
import { Client, compressionAlgorithms, credentials, Metadata, status } from "@grpc/grpc-js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { encodeHello, encodePublish, encodeSubscribe } from "../../src/wire/client-frame.js";
import { MiB } from "../../src/wire/limits.js";
import { bomb, peakMemory } from "../bomb.js";
import { assert, suite, type T, until } from "../harness.js";
import { startNode } from "./node.js";
import { connectPeer, encodeTexts, listen, texts, textsOf } from "./peer.js";

const test = suite("compressed requests");

const identity = (bytes: Buffer) => bytes;

function compressingClient(t: T, address: string, algorithm: compressionAlgorithms): Client {
  const client = new Client(address, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.default_compression_algorithm": algorithm,
  });
  t.after(() => client.close());
  return client;
}

const openStream = (client: Client) =>
  client.makeBidiStreamRequest("/reprise.v1.Broker/Connect", identity, identity, new Metadata());

for (const algorithm of ["gzip", "deflate"] as const) {
  test(`${algorithm}: publishes on a stream, in their order, and calls`, async (t) => {
    const { address } = await startNode(t);
    const client = compressingClient(t, address, compressionAlgorithms[algorithm]);
    const call = openStream(client);
    t.after(() => call.cancel());
    const peer = listen(call);
    call.write(encodeHello("", Buffer.alloc(0)));
    call.write(encodeSubscribe("c", { from: "earliest" }));
    const all = texts("message", 2_000);
    for (let i = 0; i < all.length; i += 50) call.write(encodePublish("c", 0, encodeTexts(all.slice(i, i + 50))));
    assert.equal(textsOf(await peer.hears("c", 2_000)), all);
    const request = new pb.PublishRequest()
      .setChannel("c")
      .setMessagesList([new pb.Message().setData(Buffer.alloc(100_000, "x"))]);
    const bytes = Buffer.from(request.serializeBinary());
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest("/reprise.v1.Broker/Publish", identity, identity, bytes, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
    const heard = await peer.hears("c", 2_001);
    assert.is(heard.at(-1)!.text.length, 100_000);
  });
}

/** Says hello on a stream of gzip, then sends messages that are compressed already; resolves to the gRPC status. */
async function sendCompressed(t: T, address: string, messages: readonly Buffer[]): Promise<string> {
  const session = connectHttp2(`http://${address}`);
  t.after(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": "/reprise.v1.Broker/Connect",
    "content-type": "application/grpc",
    "grpc-encoding": "gzip",
    te: "trailers",
  });
  let ended = "";
  stream.on("response", (headers) => {
    ended = String(headers["grpc-status"] ?? "");
  });
  stream.on("trailers", (trailers) => {
    ended = String(trailers["grpc-status"]);
  });
  stream.on("error", () => undefined);
  stream.resume();
  const framed = (compressed: number, bytes: Buffer) => {
    const prefix = Buffer.from([compressed, 0, 0, 0, 0]);
    prefix.writeUInt32BE(bytes.length, 1);
    return Buffer.concat([prefix, bytes]);
  };
  stream.write(framed(0, encodeHello("", Buffer.alloc(0))));
  for (const bytes of messages) stream.write(framed(1, bytes));
  await until(() => ended !== "" || stream.destroyed, "the stream ends", 20_000);
  return ended;
}

test("a bomb ends its own stream, in bounded memory; others notice nothing", async (t) => {
  const { address, admin } = await startNode(t);
  const zeros = await bomb("gzip", 1_024);
  assert.ok(zeros.length > 0.9 * MiB && zeros.length < 1.1 * MiB);
  const other = await connectPeer(t, address);
  await other.subscribe("c");
  const before = peakMemory();
  for (let i = 0; i < 3; i++) {
    assert.is(await sendCompressed(t, address, [zeros]), String(status.RESOURCE_EXHAUSTED));
    await other.published("c", [`m/${i}`]);
  }
  assert.equal(textsOf(await other.hears("c", 3)), ["m/0", "m/1", "m/2"]);
  const grown = peakMemory() - before;
  assert.ok(grown < 64 * MiB, `${grown} bytes`);
  await until(async () => (await admin.sessions()).length === 1, "the other is left");
});

test("what cannot be inflated ends its own stream", async (t) => {
  const { address, admin } = await startNode(t);
  const zeros = await bomb("gzip", 1);
  const cases = [zeros.subarray(0, zeros.length / 2), Buffer.from("not compressed")];
  for (const bytes of cases) assert.is(await sendCompressed(t, address, [bytes]), String(status.INTERNAL));
  await until(async () => (await admin.sessions()).length === 0, "it has gone");
});

test.run();
