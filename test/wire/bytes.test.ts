// Varints and fields, the ground under everything else, against google-protobuf's own reader and writer.
import fc from "fast-check";
import jspb from "google-protobuf";
import { FieldReader, varintSize, writeVarint } from "../../src/wire/bytes.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite } from "../harness.js";
import { bytes, check, number53 } from "./arbitraries.js";
import { fixed32Field, fixed64Field, lenField, varintField } from "./encoding.js";

const test = suite("wire bytes");

const malformed = (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "malformed";
const varintOf = (...encoded: number[]) => new FieldReader(Buffer.from(encoded)).varint();

function encode(value: number): Buffer {
  const encoded = Buffer.alloc(10, 0xaa);
  return encoded.subarray(0, writeVarint(encoded, 0, value));
}

test("varints are written as google-protobuf writes them and read back, at every edge", () => {
  const edges = [0, 1, 127, 128, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
  for (let power = 7; power < 53; power += 7) edges.push(2 ** power - 1, 2 ** power);
  const roundTrip = (value: number) => {
    const writer = new jspb.BinaryWriter();
    writer.writeUint64(1, value);
    const encoded = encode(value);
    assert.equal(encoded, Buffer.from(writer.getResultBuffer()).subarray(1));
    assert.is(varintSize(value), encoded.length);
    assert.is(new FieldReader(encoded).varint(), value);
  };
  edges.forEach(roundTrip);
  check(fc.property(number53, roundTrip), 1000);
});

test("numbers above 2^53 - 1 are refused, not rounded", () => {
  const of = (value: bigint) => Buffer.from(new Uint8Array(bigVarint(value)));
  assert.is(new FieldReader(of(2n ** 53n - 1n)).varint(), Number.MAX_SAFE_INTEGER);
  for (const value of [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    assert.throws(() => new FieldReader(of(value)).varint(), malformed, String(value));
  }
});

function bigVarint(value: bigint): number[] {
  return value < 128n ? [Number(value)] : [Number(value % 128n) | 0x80, ...bigVarint(value / 128n)];
}

test("a number may be longer than it needs to be, up to 10 bytes, and no longer", () => {
  assert.is(varintOf(0x81, 0x80, 0x00), 1);
  assert.is(varintOf(...Array(9).fill(0x80), 0x00), 0);
  assert.throws(() => varintOf(...Array(10).fill(0x80), 0x00), malformed);
});

test("a number that ends before its last byte is refused", () => {
  assert.throws(() => varintOf(), malformed);
  assert.throws(() => varintOf(0x80), malformed);
  assert.throws(() => varintOf(...Array(9).fill(0xff)), malformed);
});

test("fields of all wire types are read or passed over, whatever their number", () => {
  const field = fc.integer({ min: 1, max: 2 ** 29 - 1 });
  check(
    fc.property(fc.array(fc.tuple(field, bytes(20), number53, fc.nat(3)), { maxLength: 8 }), (fields) => {
      const encoded = fields.map(([field, content, value, kind]) => {
        if (kind === 0) return lenField(field, content);
        if (kind === 1) return varintField(field, value);
        return kind === 2 ? fixed64Field(field, String(value)) : fixed32Field(field, value % 2 ** 32);
      });
      const reader = new FieldReader(Buffer.concat(encoded));
      for (const [field, content, value, kind] of fields) {
        assert.ok(reader.next());
        assert.is(reader.field, field);
        if (kind === 0) assert.equal(reader.view(), content);
        else if (kind === 1) assert.is(reader.varint(), value);
        else reader.skip();
      }
      assert.not(reader.next());
    }),
  );
});

test("an unknown number may have all 64 bits", () => {
  const reader = new FieldReader(Buffer.from([0x08, ...Array(9).fill(0xff), 0x01]));
  assert.ok(reader.next());
  reader.skip();
  assert.not(reader.next());
});

test("what reaches over the end, groups and field number 0 are refused", () => {
  const cases: [what: string, encoded: number[]][] = [
    ["a length above what is left", [0x0a, 0x02, 0x00]],
    ["a length of 2^31", [0x0a, 0x80, 0x80, 0x80, 0x80, 0x08]],
    ["a length of 2^53 - 1", [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["a length of 2^64 - 1", [0x0a, ...Array(9).fill(0xff), 0x01]],
    ["half a fixed64", [0x09, 1, 2, 3, 4, 5, 6, 7]],
    ["half a fixed32", [0x0d, 1, 2, 3]],
    ["a number without an end", [0x08, 0x80, 0x80]],
    ["an unknown number of 11 bytes", [0x08, ...Array(10).fill(0x80), 0x00]],
    ["a group", [0x0b, 0x0c]],
    ["wire type 6", [0x0e]],
    ["wire type 7", [0x0f]],
    ["field 0", [0x02, 0x00]],
    ["a field number of 30 bits", [0x82, 0x80, 0x80, 0x80, 0x10, 0x00]],
  ];
  for (const [what, encoded] of cases) {
    const reader = new FieldReader(Buffer.from(encoded));
    const readAll = () => {
      while (reader.next()) reader.skip();
    };
    assert.throws(readAll, malformed, what);
  }
});

test("a reader of a part sees nothing beyond the end of it", () => {
  const whole = Buffer.concat([lenField(1, "abc"), lenField(2, "defg")]);
  const reader = new FieldReader(whole, 0, 5);
  assert.ok(reader.next());
  assert.equal(reader.view().toString(), "abc");
  assert.not(reader.next());
  const short = new FieldReader(whole, 0, 4);
  assert.ok(short.next());
  assert.throws(() => short.view(), malformed);
});

test("text is UTF-8 or refused", () => {
  const textOf = (content: Uint8Array | string) => {
    const reader = new FieldReader(lenField(1, content));
    reader.next();
    return reader.text();
  };
  assert.is(textOf("ключ 😀"), "ключ 😀");
  assert.is(textOf(""), "");
  for (const bad of ["ff", "c3", "eda080", "c080", "f5808080"]) {
    assert.throws(() => textOf(Buffer.from(bad, "hex")), malformed, bad);
  }
});

test("content is a view of what was read, not a copy", () => {
  const whole = lenField(1, Buffer.alloc(1000));
  const reader = new FieldReader(whole);
  reader.next();
  assert.is(reader.view().buffer, whole.buffer);
});

test.run();
