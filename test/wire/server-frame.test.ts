// What the broker sends: our encoders and reader against the generated code, in both directions.
import fc from "fast-check";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { encodeBatch } from "../../src/wire/batch.js";
import { RepriseError } from "../../src/wire/errors.js";
import { encodeMember, encodeMembers, type Member, writeMember } from "../../src/wire/members.js";
import { messagesOf } from "../../src/wire/message.js";
import { readServerFrame, type ServerItem } from "../../src/wire/server-frame.js";
import {
  encodeCaughtUp,
  encodeDraining,
  encodeEntered,
  encodeError,
  encodeGap,
  encodeHeartbeat,
  encodeLeft,
  encodeMembersUnwatched,
  encodeNodes,
  encodePublished,
  encodeSubscribed,
  encodeUnsubscribed,
  encodeWelcome,
} from "../../src/wire/server-item.js";
import { assert, suite } from "../harness.js";
import { batchHeader, channel, check, number32, number53, position, record, session, text } from "./arbitraries.js";
import { elements, encoded, frame, lenField, varintField } from "./encoding.js";

const test = suite("wire server frame");

const malformed = (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "malformed";

/** Checks that generated code reads `bytes` as `twin` and writes `twin` as `bytes`, and that we read it as `item`. */
function agree(bytes: Buffer, twin: InstanceType<typeof pb.ServerItem>, item: ServerItem): void {
  const frame = new pb.ServerFrame().setItemsList([twin]);
  assert.equal(pb.ServerFrame.deserializeBinary(bytes).toObject(), frame.toObject());
  assert.equal(bytes, encoded(frame));
  assert.equal([...readServerFrame(bytes)], [item]);
}

const item = () => new pb.ServerItem();
const pbPosition = ({ epoch, offset }: { epoch: number; offset: number }) =>
  new pb.Position().setEpoch(epoch).setOffset(offset);

test("welcome", () => {
  const limits = record({
    maxMessageBytes: number32,
    maxPublishMessages: number32,
    maxPublishBytes: number32,
    publishWindowBytes: number32,
    maxSubscriptions: number32,
  });
  const { STORED, FSYNCED, REPLICATED } = pb.AckLevel;
  const levels = [
    ["stored", STORED, 0],
    ["fsynced", FSYNCED, 0],
    ["replicated:1", REPLICATED, 1],
    ["replicated:5", REPLICATED, 5],
  ] as const;
  const level = fc.constantFrom(...levels);
  check(
    fc.property(text, session, limits, number32, level, (node, session, limits, heartbeatIntervalMs, level) => {
      const [ackLevel, number, replicas] = level;
      const twin = new pb.Welcome()
        .setVersion(1)
        .setNode(node)
        .setSession(session)
        .setHeartbeatIntervalMs(heartbeatIntervalMs)
        .setAckLevel(number)
        .setReplicas(replicas)
        .setLimits(
          new pb.Limits()
            .setMaxMessageBytes(limits.maxMessageBytes)
            .setMaxPublishMessages(limits.maxPublishMessages)
            .setMaxPublishBytes(limits.maxPublishBytes)
            .setPublishWindowBytes(limits.publishWindowBytes)
            .setMaxSubscriptions(limits.maxSubscriptions),
        );
      const welcome = { node, session, limits, heartbeatIntervalMs, ackLevel };
      agree(encodeWelcome(welcome), item().setWelcome(twin), { kind: "welcome", version: 1, ...welcome });
    }),
  );
  assert.throws(() => [...readServerFrame(frame([{ field: 1, content: varintField(1, 1) }]))], malformed);
});

test("subscribed, unsubscribed and caught up", () => {
  check(
    fc.property(channel, position, position, (channel, position, head) => {
      const subscribed = new pb.Subscribed()
        .setChannel(channel)
        .setPosition(pbPosition(position))
        .setHead(pbPosition(head));
      agree(encodeSubscribed(channel, position, head), item().setSubscribed(subscribed), {
        kind: "subscribed",
        channel,
        position,
        head,
      });
      agree(encodeUnsubscribed(channel), item().setUnsubscribed(new pb.Unsubscribed().setChannel(channel)), {
        kind: "unsubscribed",
        channel,
      });
      const caughtUp = new pb.CaughtUp().setChannel(channel).setPosition(pbPosition(position));
      agree(encodeCaughtUp(channel, position), item().setCaughtUp(caughtUp), { kind: "caughtUp", channel, position });
    }),
  );
});

test("entered, left and members unwatched", () => {
  check(
    fc.property(channel, (channel) => {
      agree(encodeEntered(channel), item().setEntered(new pb.Entered().setChannel(channel)), {
        kind: "entered",
        channel,
      });
      agree(encodeLeft(channel), item().setLeft(new pb.Left().setChannel(channel)), { kind: "left", channel });
      const unwatched = new pb.MembersUnwatched().setChannel(channel);
      agree(encodeMembersUnwatched(channel), item().setMembersUnwatched(unwatched), {
        kind: "membersUnwatched",
        channel,
      });
    }),
  );
});

const member: fc.Arbitrary<Member> = record({
  id: text,
  name: text,
  metadata: fc.array(record({ key: text, value: text }), { maxLength: 3 }),
  node: text,
  sinceMs: number53,
});

test("members, put together from encoded ones", () => {
  const some = fc.array(member, { maxLength: 4 });
  const values = fc.tuple(channel, fc.boolean(), some, some, fc.array(text, { maxLength: 4 }), fc.boolean());
  check(
    fc.property(values, ([channel, complete, joined, changed, left, more]) => {
      const twin = new pb.Members()
        .setChannel(channel)
        .setComplete(complete)
        .setJoinedList(joined.map(writeMember))
        .setChangedList(changed.map(writeMember))
        .setLeftList(left)
        .setMore(more);
      const given = { channel, complete, left, more };
      const encoded = { joined: joined.map(encodeMember), changed: changed.map(encodeMember) };
      const expected: ServerItem = { kind: "members", ...given, joined, changed };
      agree(encodeMembers({ ...given, ...encoded }), item().setMembers(twin), expected);
    }),
  );
});

test("gap, with every reason", () => {
  const { Reason } = pb.Gap;
  const reasons = [
    ["trimmed", Reason.TRIMMED],
    ["diverged", Reason.DIVERGED],
    ["reset", Reason.RESET],
    ["corrupt", Reason.CORRUPT],
  ] as const;
  assert.is(reasons.length, Object.keys(Reason).length - 1, "and no other than UNSPECIFIED");
  check(
    fc.property(
      channel,
      fc.constantFrom(...reasons),
      number53,
      number53,
      position,
      (channel, r, from, to, position) => {
        const [reason, number] = r;
        const twin = new pb.Gap()
          .setChannel(channel)
          .setReason(number)
          .setFromOffset(from)
          .setToOffset(to)
          .setPosition(pbPosition(position));
        const gap = { reason, from, to };
        agree(encodeGap(channel, gap, position), item().setGap(twin), { kind: "gap", channel, gap, position });
      },
    ),
  );
});

test("error", () => {
  const refusal = record({
    code: text,
    message: text,
    retryable: fc.boolean(),
    channel,
    sequence: number53,
    count: number32,
    expectedSequence: number53,
    request: number32,
    retryAfterMs: number32,
  });
  check(
    fc.property(refusal, (refusal) => {
      const twin = new pb.Error()
        .setCode(refusal.code)
        .setMessage(refusal.message)
        .setRetryable(refusal.retryable)
        .setChannel(refusal.channel)
        .setSequence(refusal.sequence)
        .setCount(refusal.count)
        .setExpectedSequence(refusal.expectedSequence)
        .setRequest(refusal.request)
        .setRetryAfterMs(refusal.retryAfterMs);
      agree(encodeError(refusal), item().setError(twin), { kind: "error", ...refusal });
    }),
  );
});

test("what a node does not say of its acknowledgements, or in words of a later version, is no more than stored", () => {
  const { ACK_LEVEL_UNSPECIFIED, REPLICATED } = pb.AckLevel;
  // Replicated, but not how often.
  for (const number of [ACK_LEVEL_UNSPECIFIED, REPLICATED, REPLICATED + 1]) {
    const content = Buffer.concat([lenField(4, ""), varintField(6, number)]);
    const [welcome] = [...readServerFrame(frame([{ field: 1, content }]))];
    assert.is(welcome?.kind === "welcome" && welcome.ackLevel, "stored", `${number}`);
  }
});

test("heartbeat, draining and nodes", () => {
  const heads = fc.array(record({ channel, position }), { maxLength: 5 });
  check(
    fc.property(
      number53,
      number32,
      heads,
      fc.boolean(),
      fc.array(text, { maxLength: 5 }),
      (timeMs, retryAfterMs, heads, bufferAway, addresses) => {
        const twin = new pb.Heartbeat().setTimeMs(timeMs).setBufferAway(bufferAway);
        for (const { channel, position } of heads) {
          twin.addHeads(new pb.ChannelPosition().setChannel(channel).setPosition(pbPosition(position)));
        }
        agree(encodeHeartbeat(timeMs, heads, bufferAway), item().setHeartbeat(twin), {
          kind: "heartbeat",
          timeMs,
          heads,
          bufferAway,
        });
        const draining = new pb.Draining().setRetryAfterMs(retryAfterMs).setAddressesList(addresses);
        agree(encodeDraining(retryAfterMs, addresses), item().setDraining(draining), {
          kind: "draining",
          retryAfterMs,
          addresses,
        });
        const nodes = new pb.Nodes().setAddressesList(addresses);
        agree(encodeNodes(addresses), item().setNodes(nodes), { kind: "nodes", addresses });
      },
    ),
  );
});

test("published is written by hand: the same bytes where no field is 0, the same content always", () => {
  const published = record({
    channel,
    sequence: number53,
    count: number32,
    epoch: number53,
    first: number53,
    duplicate: fc.boolean(),
  });
  check(
    fc.property(published, (published) => {
      const { channel, sequence, count, epoch, first, duplicate } = published;
      const twin = new pb.Published()
        .setChannel(channel)
        .setSequence(sequence)
        .setCount(count)
        .setEpoch(epoch)
        .setFirstOffset(first)
        .setDuplicate(duplicate);
      const frame = new pb.ServerFrame().setItemsList([item().setPublished(twin)]);
      const bytes = encodePublished(published);
      assert.equal(pb.ServerFrame.deserializeBinary(bytes).toObject(), frame.toObject());
      if (sequence * count * epoch * first > 0 && duplicate) assert.equal(bytes, encoded(frame));
      assert.equal([...readServerFrame(bytes)], [{ kind: "published", ...published }]);
    }),
    1000,
  );
});

test("frames concatenate: what leaves in one write is read item by item", () => {
  const batch = { epoch: 1, first: 5, count: 1, storedAt: 9 };
  const messages = elements([encoded(new pb.Message().setData(Buffer.from("m")))]);
  const all = Buffer.concat([
    encodeSubscribed("c", { epoch: 1, offset: 4 }, { epoch: 1, offset: 5 }),
    encodeBatch("c", batch, messages),
    encodeCaughtUp("c", { epoch: 1, offset: 5 }),
    encodeHeartbeat(3),
  ]);
  const items = [...readServerFrame(all)];
  assert.equal(
    items.map((item) => item.kind),
    ["subscribed", "batch", "caughtUp", "heartbeat"],
  );
  const read = items[1]!;
  assert.ok(read.kind === "batch");
  assert.is(read.batch.messages.buffer, all.buffer, "messages are a view of the frame");
  assert.equal(
    [...messagesOf("c", read.batch)].map((message) => [message.offset, message.text]),
    [[5, "m"]],
  );
});

test("a batch without messages, and one whose header comes in another order, are read as they are", () => {
  check(
    fc.property(batchHeader, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (header, order) => {
      const { epoch, first, count, storedAt } = header;
      const fields = [
        lenField(1, "c"),
        varintField(2, epoch),
        varintField(3, first),
        varintField(4, count),
        varintField(5, storedAt),
      ];
      const content = Buffer.concat(order.map((index) => fields[index]!));
      const [item] = [...readServerFrame(frame([{ field: 4, content }]))];
      assert.equal(item, { kind: "batch", batch: { channel: "c", ...header, messages: Buffer.alloc(0) } });
    }),
  );
});

test("items and fields of a later version are passed over, and what is beside them is not lost", () => {
  const known = encodeUnsubscribed("c");
  const later = frame([{ field: 30, content: Buffer.from("later") }]);
  const inside = lenField(1, Buffer.concat([lenField(3, lenField(1, "c")), lenField(20, "later")]));
  const numberInside = lenField(1, Buffer.concat([varintField(20, 1), lenField(3, lenField(1, "c"))]));
  for (const bytes of [
    Buffer.concat([later, known]),
    Buffer.concat([known, later]),
    Buffer.concat([lenField(2, "later"), known, varintField(3, 1)]),
    inside,
    numberInside,
  ]) {
    assert.equal([...readServerFrame(bytes)], [{ kind: "unsubscribed", channel: "c" }], bytes.toString("hex"));
  }
});

test("a gap for a reason of a later version is a reset: the one that promises least", () => {
  const content = Buffer.concat([lenField(1, "c"), varintField(2, 9), varintField(3, 4), varintField(4, 6)]);
  const [item] = [...readServerFrame(frame([{ field: 5, content }]))];
  assert.is(item?.kind === "gap" && item.gap.reason, "reset");
});

test.run();
