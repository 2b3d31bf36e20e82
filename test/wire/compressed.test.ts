// P-36, P-37: compressed batches are the batches that they were made of, for us and for generated code; and whatever else
// claims to be one is refused within bounded memory.
import { randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { encodeBatch } from "../../src/wire/batch.js";
import { encodeCompressed, maxInflatedBytes } from "../../src/wire/compressed.js";
import { RepriseError } from "../../src/wire/errors.js";
import { MiB } from "../../src/wire/limits.js";
import { readServerFrame } from "../../src/wire/server-frame.js";
import { encodeCaughtUp, encodeGap } from "../../src/wire/server-item.js";
import { bomb, peakMemory } from "../bomb.js";
import { assert, suite } from "../harness.js";
import { batchHeader, channel, check, message } from "./arbitraries.js";
import { elements, encoded, frame, lenField, varintField } from "./encoding.js";

const test = suite("wire compressed batches");

const malformed = (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "malformed";

const textBatch = (count: number) => {
  const messages = elements(Array.from({ length: count }, (_, i) => lenField(1, `a text that is like others ${i}`)));
  return encodeBatch("c", { epoch: 1, first: 1, count, storedAt: 5 }, messages);
};

const item = (compression: number, size: number, deflated: Uint8Array) =>
  frame([
    { field: 16, content: Buffer.concat([varintField(1, compression), varintField(2, size), lenField(3, deflated)]) },
  ]);

const compressed = (bytes: Buffer) => item(1, bytes.length, deflateRawSync(bytes));

const read = (bytes: Buffer) => [...readServerFrame(bytes)];

test("P-36 whatever batches they were, they are the same batches", () => {
  const batch = fc
    .tuple(channel, batchHeader, fc.array(message, { maxLength: 8 }))
    .map(([name, header, messages]) => encodeBatch(name, header, elements(messages.map(encoded))));
  check(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 6 }), fc.nat(20), (batches, repeated) => {
      const bytes = Buffer.concat(Array.from({ length: repeated + 1 }, () => batches).flat());
      const smaller = encodeCompressed(bytes);
      if (smaller === undefined) return;
      assert.equal(read(smaller), read(bytes));
      const { compression, size, frame } = pb.ServerFrame.deserializeBinary(smaller)
        .getItemsList()[0]!
        .getCompressed()!
        .toObject();
      assert.equal([compression, size], [pb.Compression.DEFLATE, bytes.length]);
      assert.equal(inflateRawSync(Buffer.from(frame as string, "base64")), bytes);
    }),
  );
});

test("text becomes smaller, random bytes stay as they are", () => {
  const text = textBatch(500);
  assert.ok(encodeCompressed(text)!.length < text.length / 3);
  const noise = encodeBatch(
    "c",
    { epoch: 1, first: 1, count: 1, storedAt: 5 },
    lenField(15, lenField(1, randomBytes(5_000))),
  );
  assert.is(encodeCompressed(noise), undefined);
});

test("P-37 what is not what it declares is malformed", () => {
  const bytes = textBatch(100);
  const deflated = deflateRawSync(bytes);
  assert.is(read(item(1, bytes.length, deflated)).length, 1);
  const cases: [string, Buffer][] = [
    ["no algorithm", item(0, bytes.length, deflated)],
    ["another algorithm", item(2, bytes.length, deflated)],
    ["of no bytes", item(1, 0, deflated)],
    ["one byte less", item(1, bytes.length - 1, deflated)],
    ["one byte more", item(1, bytes.length + 1, deflated)],
    ["nothing", item(1, bytes.length, Buffer.alloc(0))],
    ["no fields", frame([{ field: 16, content: Buffer.alloc(0) }])],
    ["not deflated", item(1, bytes.length, bytes)],
    ["random", item(1, 1_000, randomBytes(1_000))],
    ["a size of 2^53 - 1", item(1, Number.MAX_SAFE_INTEGER, deflated)],
    ["more than the bound", compressed(Buffer.alloc(maxInflatedBytes + 1))],
    ["a caught-up", compressed(encodeCaughtUp("c", { epoch: 1, offset: 1 }))],
    ["a gap", compressed(encodeGap("c", { reason: "trimmed", from: 1, to: 2 }, { epoch: 1, offset: 2 }))],
    ["itself compressed", compressed(compressed(bytes))],
    ["an item of later", compressed(frame([{ field: 99, content: Buffer.from("later") }]))],
    ["half a batch", compressed(bytes.subarray(0, bytes.length / 2))],
  ];
  for (const [what, wrong] of cases) assert.throws(() => read(wrong), malformed, what);
  for (let length = 0; length < deflated.length; length++) {
    assert.throws(() => read(item(1, bytes.length, deflated.subarray(0, length))), malformed, `${length} bytes of it`);
  }
});

test("P-37 a bomb takes no more memory than it declares", async () => {
  const half = await bomb("raw", 512);
  const before = peakMemory();
  for (const size of [1, 1_000, maxInflatedBytes]) {
    assert.throws(() => read(item(1, size, half)), malformed);
  }
  const grown = peakMemory() - before;
  assert.ok(grown < 32 * MiB, `${grown} bytes`);
});

test.run();
