// Generated code behind its guard: claims that would keep it busy for minutes are refused before it sees them.
import pb from "../../generated/reprise/v1/broker_pb.js";
import { decode, type Nesting, startNesting, subscribeNesting } from "../../src/wire/decode.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite } from "../harness.js";
import { encoded, lenField, varintField } from "./encoding.js";

const test = suite("wire decode");

const malformed = (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "malformed";

/** A length-delimited field that claims 2^32 - 1 bytes and has 3. */
const claim = (field: number) => Buffer.from([(field << 3) | 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3]);

const refused: [what: string, type: { deserializeBinary(bytes: Uint8Array): unknown }, bytes: Buffer, Nesting?][] = [
  ["a string", pb.Unsubscribe, claim(1)],
  ["bytes", pb.Hello, claim(3)],
  ["an unknown field", pb.Hello, claim(99)],
  ["a message in a message", pb.Subscribe, Buffer.concat([lenField(1, "c"), claim(2)]), subscribeNesting],
  ["a message two levels down", pb.Subscribe, lenField(2, claim(6)), subscribeNesting],
  ["a field in a message two levels down", pb.Subscribe, lenField(2, lenField(6, claim(3))), subscribeNesting],
  ["a string in a repeated message", pb.SubscribeRequest, lenField(1, claim(1)), { 1: subscribeNesting }],
  ["a position", pb.HistoryRequest, lenField(2, claim(6)), { 2: startNesting }],
];

test("a length that is only claimed is malformed, at once, wherever it stands", () => {
  for (const [what, type, bytes, nesting] of refused) {
    const before = performance.now();
    assert.throws(() => decode(type, bytes, nesting), malformed, what);
    assert.ok(performance.now() - before < 1_000, what);
  }
});

test("what generated code throws is malformed too", () => {
  for (const bytes of [varintField(1, 5), lenField(2, lenField(6, lenField(1, "not a number")))]) {
    assert.throws(() => decode(pb.Subscribe, bytes, subscribeNesting), malformed, bytes.toString("hex"));
  }
});

test("what is well formed is decoded, with fields of a later version", () => {
  const start = new pb.Start().setAfter(new pb.Position().setEpoch(7).setOffset(8));
  const subscribe = new pb.Subscribe().setChannel("c").setStart(start);
  const bytes = Buffer.concat([encoded(subscribe), lenField(40, "later"), varintField(41, 1)]);
  assert.equal(decode(pb.Subscribe, bytes, subscribeNesting).toObject(), subscribe.toObject());
});

test.run();
