// What peers send: our encoders and readers against the generated code, in both directions.
import fc from "fast-check";
import pb from "../../generated/reprise/v1/broker_pb.js";
import {
  encodeEnter,
  encodeHello,
  encodeLeave,
  encodePublish,
  encodeSubscribe,
  encodeUnsubscribe,
  encodeUnwatchMembers,
  encodeWatchMembers,
  readClientFrame,
  readStart,
  type Start,
  writeStart,
} from "../../src/wire/client-frame.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite } from "../harness.js";
import { bytes, channel, check, message, number53, position, record, text } from "./arbitraries.js";
import { encoded, frame, lenField, varintField } from "./encoding.js";

const test = suite("wire client frame");

const malformed = (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "malformed";

const clientFrame = (...items: InstanceType<typeof pb.ClientItem>[]): Buffer =>
  encoded(new pb.ClientFrame().setItemsList(items));

const start: fc.Arbitrary<Start> = fc.oneof(
  fc.constant<Start>({ from: "new" }),
  fc.constant<Start>({ from: "earliest" }),
  number53.map((count): Start => ({ from: "last", count })),
  number53.map((offset): Start => ({ from: "offset", offset })),
  number53.map((timeMs): Start => ({ from: "time", timeMs })),
  position.map((position): Start => ({ from: "position", position })),
);

test("encodeHello, encodeSubscribe and encodeUnsubscribe are what generated code reads, and what we read", () => {
  check(
    fc.property(
      channel,
      text,
      bytes(64),
      fc.boolean(),
      start,
      text,
      (channel, name, producer, discover, start, member) => {
        const all = Buffer.concat([
          encodeHello(name, producer, discover, member),
          encodeSubscribe(channel, start),
          encodeUnsubscribe(channel),
        ]);
        const [hello, subscribe, unsubscribe] = pb.ClientFrame.deserializeBinary(all).getItemsList();
        assert.equal([hello!.getHello()!.getVersion(), hello!.getHello()!.getName()], [1, name]);
        assert.is(hello!.getHello()!.getMember(), member);
        assert.equal(Buffer.from(hello!.getHello()!.getProducer_asU8()), producer);
        assert.is(hello!.getHello()!.getDiscover(), discover);
        assert.is(subscribe!.getSubscribe()!.getChannel(), channel);
        assert.equal(readStart(subscribe!.getSubscribe()!.getStart()), start);
        assert.is(unsubscribe!.getUnsubscribe()!.getChannel(), channel);
        assert.equal(
          [...readClientFrame(all)],
          [
            { kind: "hello", version: 1, name, producer, discover, member },
            { kind: "subscribe", channel, start },
            { kind: "unsubscribe", channel },
          ],
        );
      },
    ),
  );
});

test("what concerns members is what generated code writes, and what we read", () => {
  const metadata = fc.array(record({ key: text, value: text }), { maxLength: 3 });
  check(
    fc.property(channel, metadata, (channel, metadata) => {
      const headers = metadata.map(({ key, value }) => new pb.Header().setKey(key).setValue(value));
      const twins = clientFrame(
        new pb.ClientItem().setEnter(new pb.Enter().setChannel(channel).setMetadataList(headers)),
        new pb.ClientItem().setLeave(new pb.Leave().setChannel(channel)),
        new pb.ClientItem().setWatchMembers(new pb.WatchMembers().setChannel(channel)),
        new pb.ClientItem().setUnwatchMembers(new pb.UnwatchMembers().setChannel(channel)),
      );
      const ours = Buffer.concat([
        encodeEnter(channel, metadata),
        encodeLeave(channel),
        encodeWatchMembers(channel),
        encodeUnwatchMembers(channel),
      ]);
      assert.equal(ours, twins);
      assert.equal(
        [...readClientFrame(ours)],
        [
          { kind: "enter", channel, metadata },
          { kind: "leave", channel },
          { kind: "watchMembers", channel },
          { kind: "unwatchMembers", channel },
        ],
      );
    }),
  );
});

test("encodePublish writes byte by byte what generated code writes", () => {
  check(
    // Generated code leaves out a sequence that is 0.
    fc.property(channel, number53, fc.array(message, { maxLength: 5 }), (channel, n, messages) => {
      const sequence = Math.max(1, n);
      const publish = new pb.Publish().setChannel(channel).setSequence(sequence).setMessagesList(messages);
      const ours = encodePublish(channel, sequence, messages.map(encoded));
      assert.equal(ours, clientFrame(new pb.ClientItem().setPublish(publish)));
      const [item] = [...readClientFrame(ours)];
      assert.equal(item, { kind: "publish", request: encoded(publish) });
    }),
  );
  const unnumbered = encodePublish("c", 0, [encoded(new pb.Message())]);
  const twin = pb.ClientFrame.deserializeBinary(unnumbered).getItemsList()[0]!.getPublish()!;
  assert.equal([twin.getChannel(), twin.getSequence(), twin.getMessagesList().length], ["c", 0, 1]);
});

test("every kind of start survives; none at all means new", () => {
  check(
    fc.property(start, (start) => {
      assert.equal(readStart(pb.Start.deserializeBinary(writeStart(start).serializeBinary())), start);
    }),
  );
  assert.equal(readStart(undefined), { from: "new" });
  assert.equal(readStart(new pb.Start()), { from: "new" });
  assert.equal(readStart(new pb.Start().setAfter(new pb.Position())), {
    from: "position",
    position: { epoch: 0, offset: 0 },
  });
});

test("numbers above 2^53 - 1 in a start are refused, not rounded", () => {
  const max = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
  const number = (field: number) => Buffer.from([field << 3, ...max]);
  for (const start of [number(3), number(4), number(5), lenField(6, number(1)), lenField(6, number(2))]) {
    const content = Buffer.concat([lenField(1, "c"), lenField(2, start)]);
    assert.throws(() => [...readClientFrame(frame([{ field: 3, content }]))], malformed, start.toString("hex"));
  }
});

test("frames written one after the other are one frame", () => {
  const frames = [encodeHello("ann", Buffer.alloc(8)), encodePublish("c", 1, []), encodeUnsubscribe("c")];
  const kinds = (frame: Buffer) => [...readClientFrame(frame)].map((item) => item.kind);
  assert.equal(kinds(Buffer.concat(frames)), ["hello", "publish", "unsubscribe"]);
  assert.equal(kinds(Buffer.alloc(0)), []);
});

test("fields that this version does not know are passed over, in the frame and beside an item", () => {
  const item = lenField(4, lenField(1, "c"));
  const known = { kind: "unsubscribe", channel: "c" } as const;
  for (const other of [lenField(18, "later"), varintField(19, 5)]) {
    for (const fields of [
      [item, other],
      [other, item],
    ]) {
      assert.equal([...readClientFrame(lenField(1, Buffer.concat(fields)))], [known]);
    }
    assert.equal([...readClientFrame(Buffer.concat([other, lenField(1, item), other]))], [known]);
  }
});

test("two items in one are malformed: protobuf would drop the first without a word", () => {
  const two = Buffer.concat([lenField(4, lenField(1, "a")), lenField(3, lenField(1, "b"))]);
  assert.throws(() => [...readClientFrame(lenField(1, two))], malformed);
});

test("an item that is empty or not known to this version is malformed; those before it are read", () => {
  const good = { field: 4, content: lenField(1, "c") };
  for (const bad of [
    lenField(1, Buffer.alloc(0)),
    frame([{ field: 9, content: Buffer.alloc(0) }]),
    varintField(1, 4),
  ]) {
    const items = readClientFrame(Buffer.concat([frame([good]), bad]));
    assert.equal(items.next().value, { kind: "unsubscribe", channel: "c" });
    assert.throws(() => items.next(), malformed, bad.toString("hex"));
  }
});

test("a known field of an item with another wire type is malformed", () => {
  for (const field of [1, 2, 3, 4, 5, 6, 7, 8, 16]) {
    assert.throws(() => [...readClientFrame(lenField(1, varintField(field, 1)))], malformed, `${field}`);
  }
});

test("the producer of a hello is a copy: the frame may be reused", () => {
  const bytes = encodeHello("ann", Buffer.from("12345678"));
  const [hello] = [...readClientFrame(bytes)];
  bytes.fill(0);
  assert.equal(hello?.kind === "hello" && hello.producer, Buffer.from("12345678"));
});

test.run();
