// Values that property tests draw: whatever the protocol allows, with its edges drawn often.
import fc from "fast-check";
import pb from "../../generated/reprise/v1/broker_pb.js";

/** One seed for every run of the property tests; a failure prints it with the smallest counterexample. */
const seed = 0x5eed;

/** Checks a property with many values. */
export const check = <Values>(property: fc.IProperty<Values>, numRuns = 300): void =>
  fc.assert(property, { seed, numRuns });

const edges = [0, 1, 127, 128, 2 ** 14 - 1, 2 ** 14, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 42, Number.MAX_SAFE_INTEGER];

/** 0 to 2^53 - 1 */
export const number53 = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat(), fc.nat(300));

/** 0 to 2^32 - 1 */
export const number32 = number53.map((value) => value % 2 ** 32);

const letters = "ABCXYZabcxyz0189";

export const channel = fc
  .tuple(
    fc.constantFrom(...letters),
    fc.string({ unit: fc.constantFrom(...letters, ..."._:/@-"), maxLength: 119, size: "max" }),
  )
  .map(([first, rest]) => first + rest);

/** Any code points, also such as take 4 bytes. */
export const text = fc.string({ unit: "binary", maxLength: 40 });

export const bytes = (maxLength = 300): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength, size: "max" }).map((array) => Buffer.from(array));

/** Decimal, 0 to 2^64 - 1. */
export const session = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);

/** Keys are distinct, so that a record holds them all. */
export const headers = fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true });

/** An object with these values, an ordinary one. */
export const record = <R>(values: { [K in keyof R]: fc.Arbitrary<R[K]> }): fc.Arbitrary<R> =>
  fc.record<R>(values, { noNullPrototype: true } as fc.RecordConstraints<keyof R>) as fc.Arbitrary<R>;

export const position = record({ epoch: number53, offset: number53 });

export const batchHeader = record({ epoch: number53, first: number53, count: number32, storedAt: number53 });

/** A message as any client may send it, with the broker's own fields in it or not. */
export const message = fc
  .record({ data: bytes(), headers: fc.array(fc.tuple(text, text), { maxLength: 3 }), publisher: text, session })
  .map(({ data, headers, publisher, session }) =>
    new pb.Message()
      .setData(data)
      .setHeadersList(headers.map(([key, value]) => new pb.Header().setKey(key).setValue(value)))
      .setPublisher(publisher)
      .setSession(session),
  );
