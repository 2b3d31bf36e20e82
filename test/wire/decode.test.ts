// Generated code behind its guard: claims that would keep it busy for minutes are refused before it sees them.
import pb from "../../generated/reprise/v1/broker_pb.js";
import { decode, type Shape, startShape, subscribeShape } from "../../src/wire/decode.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, cpuMs, suite } from "../harness.js";
import { encoded, lenField, varintField } from "./encoding.js";

const test = suite("wire decode");

const malformed = (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "malformed";

/** A length-delimited field that claims 2^32 - 1 bytes and has 3. */
const claim = (field: number) => Buffer.from([(field << 3) | 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3]);

const refused: [what: string, type: { deserializeBinary(bytes: Uint8Array): unknown }, bytes: Buffer, Shape][] = [
  ["a string", pb.Unsubscribe, claim(1), { 1: "text" }],
  ["bytes", pb.Hello, claim(3), {}],
  ["an unknown field", pb.Hello, claim(99), {}],
  ["a message in a message", pb.Subscribe, Buffer.concat([lenField(1, "c"), claim(2)]), subscribeShape],
  ["a message two levels down", pb.Subscribe, lenField(2, claim(6)), subscribeShape],
  ["a field in a message two levels down", pb.Subscribe, lenField(2, lenField(6, claim(3))), subscribeShape],
  ["a string in a repeated message", pb.SubscribeRequest, lenField(1, claim(1)), { 1: subscribeShape }],
  ["a position", pb.HistoryRequest, lenField(2, claim(6)), { 2: startShape }],
];

test("a length that is only claimed is malformed, at once, wherever it stands", () => {
  for (const [what, type, bytes, nesting] of refused) {
    const before = cpuMs();
    assert.throws(() => decode(type, bytes, nesting), malformed, what);
    assert.ok(cpuMs() - before < 1_000, what);
  }
});

test("what is not UTF-8 is malformed where text belongs, and nowhere else", () => {
  for (const hex of ["ff", "f1", "c3", "61eda080"]) {
    const content = Buffer.from(hex, "hex");
    assert.throws(() => decode(pb.Unsubscribe, lenField(1, content), { 1: "text" }), malformed, hex);
    const request = lenField(1, lenField(1, content));
    assert.throws(() => decode(pb.SubscribeRequest, request, { 1: subscribeShape }), malformed, hex);
    const hello = Buffer.concat([lenField(2, "ключ"), lenField(3, content)]);
    assert.equal(Buffer.from(decode(pb.Hello, hello, { 2: "text" }).getProducer_asU8()), content);
  }
});

test("what generated code throws is malformed too", () => {
  for (const bytes of [varintField(1, 5), lenField(2, lenField(6, lenField(1, "not a number")))]) {
    assert.throws(() => decode(pb.Subscribe, bytes, subscribeShape), malformed, bytes.toString("hex"));
  }
});

test("what is well formed is decoded, with fields of a later version", () => {
  const start = new pb.Start().setAfter(new pb.Position().setEpoch(7).setOffset(8));
  const subscribe = new pb.Subscribe().setChannel("c").setStart(start);
  const bytes = Buffer.concat([encoded(subscribe), lenField(40, "later"), varintField(41, 1)]);
  assert.equal(decode(pb.Subscribe, bytes, subscribeShape).toObject(), subscribe.toObject());
});

test.run();
