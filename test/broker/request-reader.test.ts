// Messages in pieces of whatever size, and what the pieces take meanwhile.
import { RequestReader } from "../../src/broker/request-reader.js";
import { createRandom } from "../../torture/random.js";
import { assert, suite } from "../harness.js";
import { framed } from "../scenarios/raw.js";

const test = suite("request reader");

const maxBytes = 10_000;

function newReader() {
  let held = 0;
  const reader = new RequestReader(maxBytes, (more) => {
    held += more;
    assert.ok(held >= 0);
  });
  return { reader, held: () => held };
}

test("however a stream is cut, the same messages come out, and nothing is kept of them", () => {
  const random = createRandom(7);
  const messages = Array.from({ length: 300 }, () =>
    framed(Buffer.alloc(random.pick([0, 1, 5, 100, 600, 1_030, maxBytes]), random.between(0, 255))),
  );
  const stream = Buffer.concat(messages);
  for (const most of [1, 2, 7, 600, 16_384, stream.length]) {
    const { reader, held } = newReader();
    const found: Buffer[] = [];
    for (let at = 0; at < stream.length; ) {
      const chunk = Buffer.from(stream.subarray(at, at + random.between(1, most)));
      found.push(...reader.write(chunk));
      at += chunk.length;
      // What is read next is not written over what was returned.
      chunk.fill(0xee);
    }
    assert.is(found.length, messages.length);
    assert.ok(Buffer.concat(found).equals(stream), `pieces of up to ${most}`);
    assert.is(held(), 0);
  }
});

test("a message of a byte a piece takes twice its size at most, and a length that is only claimed nothing", () => {
  const { reader, held } = newReader();
  const message = framed(Buffer.alloc(5_000), maxBytes);
  for (const [at, byte] of message.entries()) {
    reader.write(Buffer.from([byte]));
    assert.ok(held() <= Math.max(512, 2 * (at + 1)), `${held()} bytes for ${at + 1}`);
  }
  reader.clear();
  assert.is(held(), 0);
});

test("one that is larger than it may be is refused as soon as its length is known", () => {
  for (const each of [1, 5, 100]) {
    const { reader } = newReader();
    const message = framed(Buffer.alloc(100), maxBytes + 1);
    assert.throws(() => {
      for (let at = 0; at < 5; at += each) reader.write(message.subarray(at, at + each));
    }, /larger than max/);
  }
});

test.run();
