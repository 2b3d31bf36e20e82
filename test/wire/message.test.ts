// Messages: encoded by the client, decoded lazily by it, against the generated code.
import fc from "fast-check";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { RepriseError } from "../../src/wire/errors.js";
import { encodeMessage, Message, messagesOf } from "../../src/wire/message.js";
import { assert, suite } from "../harness.js";
import { bytes, check, headers, message, text } from "./arbitraries.js";
import { elements, encoded, lenField, varintField } from "./encoding.js";

const test = suite("wire message");

const malformed = (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "malformed";

const received = (bytes: Buffer) => new Message({ channel: "c", epoch: 3, storedAt: 11, bytes }, 7);

test("encodeMessage writes byte by byte what generated code writes", () => {
  check(
    // Generated code leaves out empty data; ours writes its tag and length, which means the same.
    fc.property(
      bytes().filter((data) => data.length > 0),
      headers,
      (data, headers) => {
        const twin = new pb.Message().setData(data);
        for (const [key, value] of Object.entries(headers)) {
          twin.addHeaders(new pb.Header().setKey(key).setValue(value));
        }
        assert.equal(encodeMessage(data, headers), encoded(twin));
      },
    ),
  );
  assert.is(pb.Message.deserializeBinary(encodeMessage(Buffer.alloc(0))).getData_asU8().length, 0);
});

test("a message is decoded as generated code decodes it; of headers of the same key the last one counts", () => {
  check(
    fc.property(message, (message) => {
      const decoded = received(encoded(message));
      assert.equal(decoded.data, Buffer.from(message.getData_asU8()));
      const headers = message.getHeadersList().map((header) => [header.getKey(), header.getValue()]);
      assert.equal(Object.entries(decoded.headers).sort(), Object.entries(Object.fromEntries(headers)).sort());
      assert.is(decoded.publisher, message.getPublisher());
      assert.is(decoded.session, message.getSession());
    }),
  );
});

test("what encodeMessage writes comes back", () => {
  check(
    fc.property(text, headers, (text, headers) => {
      const decoded = received(encodeMessage(Buffer.from(text), headers));
      assert.is(decoded.text, text);
      assert.equal({ ...decoded.headers }, headers);
      assert.equal([decoded.publisher, decoded.session], ["", "0"]);
    }),
  );
});

test("a header called __proto__ is a header like any other", () => {
  const headers = JSON.parse('{"__proto__": "x", "constructor": "y"}');
  const decoded = received(encodeMessage(Buffer.from("m"), headers)).headers;
  assert.equal(Object.entries(decoded), [
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
  assert.is(received(encodeMessage(Buffer.from("m"))).headers.constructor, undefined);
  assert.is(decoded.toString, undefined);
});

test("data is a view of what was received", () => {
  const bytes = encodeMessage(Buffer.alloc(5000));
  assert.is(received(bytes).data.buffer, bytes.buffer);
});

test("a message that is not one throws malformed when it is looked at, each time", () => {
  const bad = received(Buffer.from([0x0a, 0x09, 1]));
  for (let i = 0; i < 2; i++) assert.throws(() => bad.data, malformed);
  assert.equal([bad.channel, bad.epoch, bad.offset, bad.storedAt], ["c", 3, 7, 11]);
});

test("messagesOf numbers a batch's messages and passes over those before the offset asked for", () => {
  check(
    fc.property(fc.array(bytes(20), { maxLength: 8 }), fc.nat(12), (contents, from) => {
      const encodedMessages = contents.map((data) => encodeMessage(data));
      const batch = { epoch: 5, first: 3, count: contents.length, storedAt: 9, messages: elements(encodedMessages) };
      const found = [...messagesOf("c", batch, from)];
      const expected = contents.map((data, i) => [3 + i, data] as const).filter(([offset]) => offset >= from);
      assert.equal(
        found.map((message) => [message.offset, message.data]),
        expected,
      );
      for (const message of found) assert.equal([message.channel, message.epoch, message.storedAt], ["c", 5, 9]);
    }),
  );
});

test("a batch with something else among its messages is malformed, not a message more", () => {
  const good = lenField(15, encodeMessage(Buffer.from("m")));
  for (const other of [lenField(16, "m"), lenField(1, "m"), varintField(15, 1), varintField(3, 1)]) {
    const batch = { epoch: 1, first: 1, count: 2, storedAt: 1, messages: Buffer.concat([good, other]) };
    assert.throws(() => [...messagesOf("c", batch)], malformed, other.toString("hex"));
  }
});

test.run();
