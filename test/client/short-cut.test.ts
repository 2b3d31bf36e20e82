// What arrives on a call takes the short cut. That rests on fields of grpc-js that are not public: a version without them
// must be noticed, since all would still work, for twice the CPU.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { Client, credentials } from "@grpc/grpc-js";
import fc from "fast-check";
import { messageParser, takeShortCut } from "../../src/client/short-cut.js";
import { MiB } from "../../src/wire/limits.js";
import { assert, suite, type T, until } from "../harness.js";
import { bytes, check } from "../wire/arbitraries.js";

const test = suite("short cut");

const identity = (bytes: Buffer) => bytes;

/** One after the other, some of them small enough to arrive together, and one that must grow. */
const messages = [randomBytes(9), ...Array.from({ length: 50 }, (_, i) => Buffer.from(`${i}`)), Buffer.alloc(0)]
  .concat([randomBytes(100_000), randomBytes(3 * MiB), randomBytes(7)])
  .concat(Array.from({ length: 300 }, (_, i) => randomBytes(i * 10)));

const prefixed = (message: Uint8Array, compressed = 0): Buffer => {
  const prefix = Buffer.from([compressed, 0, 0, 0, 0]);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
};

/** A call of a server that sends them all, those compressed that `isCompressed` says. */
async function call(t: T, isCompressed: (index: number) => boolean, limit: number) {
  const encoded = messages.map((message, index) =>
    isCompressed(index) ? prefixed(gzipSync(message), 1) : prefixed(message),
  );
  // grpc-js compresses nothing as a server.
  const server = createServer().on("stream", (stream) => {
    stream.on("error", () => {});
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-encoding": "gzip" },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    for (const message of encoded) stream.write(message);
    stream.end();
  });
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new Client(address, credentials.createInsecure(), { "grpc.max_receive_message_length": limit });
  t.after(() => client.close());
  return client.makeServerStreamRequest("/test/watch", identity, identity, Buffer.alloc(0));
}

/** How many came which way; all of them, once and in order. */
async function receive(t: T, isCompressed: (index: number) => boolean, limit = -1) {
  const watching = await call(t, isCompressed, limit);
  const received: Buffer[] = [];
  const ways = { long: 0, short: 0 };
  let ended = false;
  watching.on("data", (message: Buffer) => {
    takeShortCut(watching, (message) => {
      ways.short++;
      received.push(message);
    });
    ways.long++;
    received.push(message);
  });
  watching.on("error", () => {});
  watching.on("end", () => {
    assert.is(received.length, messages.length, "the end comes after all messages");
    ended = true;
  });
  await until(() => ended, "the call has ended");
  assert.equal(received, messages);
  return ways;
}

test("messages take it, after the first ones", async (t) => {
  const { short, long } = await receive(t, () => false);
  assert.ok(short > messages.length / 2, `this grpc-js has the fields; ${long} messages went the long way`);
});

test("compressed ones do not, and all come in order", async (t) => {
  assert.is((await receive(t, () => true)).short, 0);
  const { short, long } = await receive(t, (index) => index % 40 === 20);
  assert.ok(short > 0 && long > 1, `${short} and ${long}`);
});

test("none do where their size is limited", async (t) => {
  assert.is((await receive(t, () => false, 4 * MiB)).short, 0);
});

test("however the bytes are cut, they are the same messages; from a compressed one on they are handed back", () => {
  const contents = fc.array(bytes(40), { maxLength: 8 });
  check(
    fc.property(contents, contents, fc.array(fc.nat(30), { minLength: 1, maxLength: 5 }), (plain, left, sizes) => {
      const rest = left.map((content, index) => prefixed(content, index === 0 ? 1 : 0));
      const all = Buffer.concat([...plain.map((content) => prefixed(content)), ...rest]);
      const received: Buffer[] = [];
      const parse = messageParser((message) => received.push(message));
      const back: Buffer[] = [];
      for (let at = 0, turn = 0; at < all.length; turn++) {
        const piece = all.subarray(at, at + 1 + sizes[turn % sizes.length]!);
        at += piece.length;
        const handed = back.length > 0 ? piece : parse(piece);
        if (handed !== undefined) back.push(handed);
      }
      assert.equal(received, plain);
      assert.equal(Buffer.concat(back), Buffer.concat(rest));
    }),
  );
});

test("what a message claims to be takes no memory before it is there", () => {
  const before = process.memoryUsage().arrayBuffers;
  const parse = messageParser(() => assert.unreachable());
  assert.is(parse(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1])), undefined);
  assert.ok(process.memoryUsage().arrayBuffers - before < 16 * MiB);
});

test.run();
