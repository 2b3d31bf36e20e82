// Batches: what is encoded by hand and spliced, against the generated code in both directions.
import fc from "fast-check";
import pb from "../../generated/reprise/v1/broker_pb.js";
import {
  countMessages,
  cutBatch,
  encodeBatch,
  encodePublisher,
  readPublish,
  skipMessages,
  spliceMessages,
} from "../../src/wire/batch.js";
import { RepriseError } from "../../src/wire/errors.js";
import { readServerFrame } from "../../src/wire/server-frame.js";
import { assert, suite } from "../harness.js";
import { batchHeader, bytes, channel, check, message, number53, session, text } from "./arbitraries.js";
import { elements, encoded, fixed64Field, lenField, varintField } from "./encoding.js";

const test = suite("wire batch");

const malformed = (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "malformed";
const messages = fc.array(message, { maxLength: 6 });

type PbMessage = InstanceType<typeof pb.Message>;

/** What the stored form of `message` must decode to. */
const stored = (message: PbMessage, publisher: string, session: string) => ({
  ...message.toObject(),
  publisher,
  session,
});

/** Decodes elements of `Batch.messages` by generated code. */
const decodeElements = (stored: Buffer) => pb.Batch.deserializeBinary(stored).getMessagesList();

test("encodeBatch writes byte by byte what generated code writes", () => {
  // Generated code leaves out fields that are 0, so these begin at 1.
  const header = batchHeader.map(({ epoch, first, count, storedAt }) => ({
    epoch: Math.max(1, epoch),
    first: Math.max(1, first),
    count: Math.max(1, count),
    storedAt: Math.max(1, storedAt),
  }));
  check(
    fc.property(channel, header, messages, (channel, header, messages) => {
      const batch = new pb.Batch()
        .setChannel(channel)
        .setEpoch(header.epoch)
        .setFirstOffset(header.first)
        .setCount(header.count)
        .setStoredAtMs(header.storedAt)
        .setMessagesList(messages);
      const twin = encoded(new pb.ServerFrame().setItemsList([new pb.ServerItem().setBatch(batch)]));
      assert.equal(encodeBatch(channel, header, elements(messages.map(encoded))), twin);
    }),
  );
});

test("what encodeBatch writes is read as it was meant, by generated code and by readServerFrame", () => {
  check(
    fc.property(channel, batchHeader, messages, (channel, header, messages) => {
      const bytes = elements(messages.map(encoded));
      const frame = encodeBatch(channel, header, bytes);
      const { epoch, first: firstOffset, count, storedAt: storedAtMs } = header;
      const twin = pb.ServerFrame.deserializeBinary(frame).getItemsList()[0]!.getBatch()!;
      const messagesList = messages.map((message) => message.toObject());
      assert.equal(twin.toObject(), { channel, epoch, firstOffset, count, storedAtMs, messagesList });
      assert.equal([...readServerFrame(frame)], [{ kind: "batch", batch: { channel, ...header, messages: bytes } }]);
    }),
  );
});

test("a batch of any size: the lengths in front of it are right where they grow by a byte", () => {
  for (const around of [2 ** 7, 2 ** 14, 2 ** 21]) {
    for (let size = around - 60; size <= around + 2; size++) {
      const frame = encodeBatch("c", { epoch: 1, first: 1, count: 1, storedAt: 1 }, Buffer.alloc(size));
      // ServerFrame.items, then ServerItem.batch: each must end where the frame ends.
      const end = (at: number): number => {
        let value = 0;
        let pos = at + 1;
        for (let scale = 1; ; scale *= 128) {
          value += (frame[pos]! & 0x7f) * scale;
          if (frame[pos++]! < 0x80) break;
        }
        assert.is(pos + value, frame.length, `${size}`);
        return pos;
      };
      end(end(0));
    }
  }
});

test("skipMessages and countMessages agree with what was encoded", () => {
  check(
    fc.property(fc.array(bytes(), { maxLength: 10 }), fc.nat(10), (messages, skip) => {
      const encoded = elements(messages);
      assert.is(countMessages(encoded), messages.length);
      if (skip <= messages.length) {
        assert.is(skipMessages(encoded, skip), elements(messages.slice(0, skip)).length);
      } else {
        assert.throws(() => skipMessages(encoded, skip), malformed);
      }
    }),
  );
});

test("bytes that are not a sequence of messages are refused when counted", () => {
  const good = elements([Buffer.from("abc")]);
  for (const [what, bad] of [
    ["another field", lenField(14, "abc")],
    ["another wire type", varintField(15, 3)],
    ["a length beyond the end", good.subarray(0, -1)],
    ["a field behind", Buffer.concat([good, varintField(4, 9)])],
  ] as const) {
    assert.throws(() => countMessages(bad), malformed, what);
    assert.throws(() => skipMessages(bad, 2), malformed, what);
  }
});

test("cutBatch leaves the messages from the given offset on", () => {
  check(
    fc.property(
      fc.array(bytes(50), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 2 ** 40 }),
      fc.integer({ min: -2, max: 7 }),
      (messages, first, skip) => {
        const batch = { epoch: 7, first, count: messages.length, storedAt: 9, messages: elements(messages) };
        const from = first + Math.min(skip, messages.length - 1);
        const left = messages.slice(Math.max(0, from - first));
        const cut = cutBatch(batch, from);
        assert.equal(cut, { ...batch, first: Math.max(first, from), count: left.length, messages: elements(left) });
        assert.is(cut.messages.buffer, batch.messages.buffer, "a view");
      },
    ),
  );
});

test("encodePublisher writes what generated code writes, and both fields always", () => {
  check(
    fc.property(text, session, (name, session) => {
      const twin = pb.Message.deserializeBinary(encodePublisher(name, session));
      assert.equal([twin.getPublisher(), twin.getSession()], [name, session]);
      if (name !== "" && session !== "0") {
        assert.equal(encodePublisher(name, session), encoded(new pb.Message().setPublisher(name).setSession(session)));
      }
    }),
  );
  assert.equal(encodePublisher("", "0"), Buffer.from([0x1a, 0x00, 0x21, 0, 0, 0, 0, 0, 0, 0, 0]));
});

test("readPublish finds what generated code wrote", () => {
  check(
    fc.property(channel, number53, messages, (channel, sequence, messages) => {
      const request = encoded(new pb.Publish().setChannel(channel).setSequence(sequence).setMessagesList(messages));
      const sizes = messages.map((message) => encoded(message).length);
      assert.equal(readPublish(request), {
        channel,
        sequence,
        count: messages.length,
        bytes: sizes.reduce((sum, size) => sum + size, 0),
        largest: Math.max(0, ...sizes),
        request,
      });
    }),
  );
});

/** Fields that this version does not know. */
const unknown = fc.oneof(
  fc.tuple(fc.integer({ min: 16, max: 5000 }), bytes(20)).map(([field, content]) => lenField(field, content)),
  fc.tuple(fc.integer({ min: 16, max: 5000 }), number53).map(([field, value]) => varintField(field, value)),
  fc.integer({ min: 16, max: 5000 }).map((field) => fixed64Field(field, "18446744073709551615")),
);

/** A message whose fields come in any order, some twice, some unknown. */
const oddMessage = fc
  .array(
    fc.oneof(
      bytes(60).map((data) => lenField(1, data)),
      fc.tuple(text, text).map(([key, value]) => lenField(2, encoded(new pb.Header().setKey(key).setValue(value)))),
      text.map((publisher) => lenField(3, publisher)),
      session.map((session) => fixed64Field(4, session)),
      unknown,
    ),
    { maxLength: 8 },
  )
  .map((fields) => Buffer.concat(fields));

/** A publish whose fields come in any order, messages among them. */
const oddPublish = fc.record({
  messages: fc.array(oddMessage, { maxLength: 5 }),
  others: fc.array(
    fc.tuple(
      fc.nat(5),
      fc.oneof(
        unknown,
        channel.map((name) => lenField(1, name)),
      ),
    ),
    { maxLength: 4 },
  ),
});

function encodeOdd({ messages, others }: { messages: Buffer[]; others: [number, Buffer][] }): Buffer {
  const fields = messages.map((message) => lenField(15, message));
  for (const [at, field] of others) fields.splice(Math.min(at, fields.length), 0, field);
  return Buffer.concat(fields);
}

test("spliced messages decode to the same messages with the broker's publisher, whatever the publisher claimed", () => {
  check(
    fc.property(oddPublish, text, session, (odd, name, session) => {
      const request = encodeOdd(odd);
      const publish = readPublish(request);
      const twin = pb.Publish.deserializeBinary(request);
      assert.equal([publish.channel, publish.count], [twin.getChannel(), odd.messages.length]);
      const spliced = spliceMessages(publish, encodePublisher(name, session));
      assert.is(countMessages(spliced), publish.count);
      assert.equal(
        decodeElements(spliced).map((message) => message.toObject()),
        twin.getMessagesList().map((message) => stored(message, name, session)),
      );
    }),
    1000,
  );
});

test("spliced messages are a copy: the request may be reused", () => {
  const request = encoded(new pb.Publish().setMessagesList([new pb.Message().setData(Buffer.from("hello"))]));
  const spliced = spliceMessages(readPublish(request), encodePublisher("ann", "7"));
  request.fill(0);
  assert.equal(Buffer.from(decodeElements(spliced)[0]!.getData_asU8()).toString(), "hello");
});

test("a message that some protobuf library could not decode is refused before it reaches anybody", () => {
  const header = (content: Buffer) => lenField(2, content);
  const bad: [what: string, message: Buffer][] = [
    ["data as a number", varintField(1, 5)],
    ["data longer than the message", Buffer.from([0x0a, 0x05, 1])],
    ["a header as a number", varintField(2, 5)],
    ["a header's key as a number", header(varintField(1, 5))],
    ["a header's value as fixed64", header(fixed64Field(2, "5"))],
    ["a header's key of half a character", header(lenField(1, Buffer.from([0xc3])))],
    ["a header's value that is not UTF-8", header(lenField(2, Buffer.from([0xff, 0xfe])))],
    ["a header's value that is a surrogate", header(lenField(2, Buffer.from([0xed, 0xa0, 0x80])))],
    ["a header that ends inside a field", header(Buffer.from([0x0a, 0x02, 0x61]))],
    ["a publisher that is not UTF-8, though it is replaced", lenField(3, Buffer.from([0xff]))],
    ["a publisher as a number", varintField(3, 5)],
    ["a session as a number", varintField(4, 5)],
    ["half a session", Buffer.from([0x21, 1, 2, 3])],
    ["a group", Buffer.from([0x2b, 0x2c])],
    ["an unknown field that ends too late", Buffer.from([0x82, 0x01, 0x05])],
  ];
  for (const [what, message] of bad) {
    const request = Buffer.concat([lenField(1, "c"), lenField(15, Buffer.alloc(0)), lenField(15, message)]);
    assert.throws(() => readPublish(request), malformed, what);
  }
});

test("fields of a publish with another wire type than the protocol's, and a channel that is no text, are refused", () => {
  const cases = [varintField(1, 5), varintField(15, 5), lenField(2, "1"), fixed64Field(2, "1")];
  cases.push(lenField(1, Buffer.from([0x61, 0xff])));
  for (const field of cases) assert.throws(() => readPublish(field), malformed, field.toString("hex"));
});

test.run();
