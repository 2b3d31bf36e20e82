// Bytes that nobody should send: random ones, and valid ones that were damaged. What our readers accept, generated
// code decodes to the same content; what they refuse is `malformed` and nothing else; no input takes long or makes
// them allocate by a length that it claims.
import { inflateRawSync } from "node:zlib";
import pb from "../../generated/reprise/v1/broker_pb.js";
import {
  countMessages,
  encodeBatch,
  encodePublisher,
  type Publish,
  readPublish,
  spliceMessages,
} from "../../src/wire/batch.js";
import {
  type ClientItem,
  encodeAuthenticate,
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
} from "../../src/wire/client-frame.js";
import { encodeCompressed } from "../../src/wire/compressed.js";
import { RepriseError } from "../../src/wire/errors.js";
import { defaultLimits } from "../../src/wire/limits.js";
import { encodeMember, encodeMembers } from "../../src/wire/members.js";
import { encodeMessage, type Message, messagesOf } from "../../src/wire/message.js";
import { readPublishRequest } from "../../src/wire/publish-request.js";
import { readServerFrame } from "../../src/wire/server-frame.js";
import {
  encodeAuthenticated,
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
import { assert, cpuMs, suite } from "../harness.js";
import { elements, encoded, lenField, varintField } from "./encoding.js";

const test = suite("wire fuzz");

/** Printed with a failure; the same seed gives the same inputs. */
const seed = 0xfacade;

/** Per reader. */
const inputs = 8_000;

/** No input of these sizes takes nearly as long, on whatever machine. */
/** Of CPU. */
const longestMs = 2_000;

type Random = () => number;

/** A stream of numbers 0 ≤ x < 1 from a seed (mulberry32). */
function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const below = (random: Random, limit: number) => Math.floor(random() * limit);

const randomBytes = (random: Random, length: number) => Buffer.from(Array.from({ length }, () => below(random, 256)));

/** Numbers and lengths that hurt: the largest of 31, 32, 53 and 64 bits, one beyond, and ones without an end. */
const nasty = ["ffffffff07", "8080808008", "ffffffff0f", "ffffffffffffff0f", "8080808080808010", "ffffffffffffffffff01"]
  .concat(["80808080808080808000", "8080808080808080808000", "ff", "80", "00", "0b", "0c"])
  .map((hex) => Buffer.from(hex, "hex"));

/** Damages a copy of `valid` in a few places. */
function mutate(random: Random, valid: Buffer, others: readonly Buffer[]): Buffer {
  let bytes: Buffer = Buffer.from(valid);
  for (let times = 1 + below(random, 3); times > 0; times--) bytes = damage(random, bytes, others);
  return bytes;
}

function damage(random: Random, bytes: Buffer, others: readonly Buffer[]): Buffer {
  const at = below(random, bytes.length + 1);
  const to = at + below(random, bytes.length + 1 - at);
  const insert = (what: Buffer, until = at) => Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(until)]);
  switch (below(random, 9)) {
    case 0: // a bit flipped
      if (at < bytes.length) bytes[at]! ^= 1 << below(random, 8);
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return insert(randomBytes(random, 1 + below(random, 6)));
    case 3: // a stretch lost
      return insert(Buffer.alloc(0), to);
    case 4: // a stretch repeated
      return insert(bytes.subarray(at, to));
    case 5:
      return insert(nasty[below(random, nasty.length)]!);
    case 6:
      return insert(nasty[below(random, nasty.length)]!, Math.min(bytes.length, at + 1));
    case 7: // something valid in the wrong place
      return insert(others[below(random, others.length)]!);
    default: // one level deeper
      return lenField(1 + below(random, 16), bytes);
  }
}

const isMalformed = (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "malformed";

/** What `read` answers; undefined if it refuses. */
function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (thrown) {
    if (isMalformed(thrown)) return undefined;
    throw thrown;
  }
}

/** Runs `examine` over inputs made of `valid` ones; it answers whether the input was accepted. */
function fuzz(valid: readonly Buffer[], examine: (bytes: Buffer) => boolean): void {
  const random = randomOf(seed);
  let accepted = 0;
  for (let round = 0; round < inputs; round++) {
    const bytes =
      round % 5 === 0
        ? randomBytes(random, below(random, 40))
        : mutate(random, valid[below(random, valid.length)]!, valid);
    const before = cpuMs();
    try {
      if (examine(bytes)) accepted++;
      assert.ok(cpuMs() - before < longestMs, "in time");
    } catch (thrown) {
      throw new Error(`seed ${seed}, round ${round}, input ${bytes.toString("hex")}: ${(thrown as Error).stack}`);
    }
  }
  assert.ok(accepted > inputs / 20, `${accepted} of ${inputs} inputs were accepted: most of them test nothing`);
}

// Valid examples.

const position = { epoch: 1_700_000_000_000, offset: 300 };
const text = encodeMessage(Buffer.from("hello"), { kind: "greeting", ключ: "значение" });
const full = encoded(new pb.Message().setData(text).setPublisher("ann").setSession("18446744073709551615"));
const messages = [text, full, encodeMessage(Buffer.alloc(0)), Buffer.alloc(0), encodeMessage(Buffer.alloc(200, 7))];

const clientFrames = [
  encodeHello("ann", Buffer.from("0123456789abcdef"), true, "0123456789abcdef"),
  encodeEnter("room.1", [
    { key: "kind", value: "greeting" },
    { key: "ключ", value: "" },
  ]),
  encodeLeave("room.1"),
  encodeWatchMembers("room.1"),
  encodeUnwatchMembers("room.1"),
  encodeAuthenticate("a.b.c"),
  encodeSubscribe("room.1", { from: "position", position }),
  encodeSubscribe("room.1", { from: "last", count: 10 }),
  encodeSubscribe("room.1", { from: "new" }),
  encodeSubscribe("room.1", { from: "earliest" }, true),
  encodeUnsubscribe("room.1"),
  encodePublish("room.1", 5, messages),
  encodePublish("a", 0, [text]),
];
clientFrames.push(Buffer.concat(clientFrames));

const channel = lenField(1, "room.1");
const publishes = [messages, [text], [full, full]].map((list) =>
  Buffer.concat([channel, varintField(2, 129), elements(list)]),
);
publishes.push(Buffer.concat([elements([full]), channel, elements([text]), lenField(40, "later")]));

const keyAndName = Buffer.concat([lenField(2, "0123456789abcdef"), lenField(3, "ann")]);
const publishRequests = [messages, [text], []].map((list) => Buffer.concat([channel, keyAndName, elements(list)]));
publishRequests.push(Buffer.concat([elements([full]), channel, lenField(3, "bob"), elements([text])]));

const batch = { epoch: position.epoch, first: 299, count: messages.length, storedAt: 1_700_000_000_001 };
const refusal = {
  message: "why",
  retryable: true,
  channel: "room.1",
  sequence: 4,
  count: 2,
  expectedSequence: 3,
  request: 2,
  retryAfterMs: 1_500,
};
const member = encodeMember({
  id: "0123456789abcdef",
  name: "ann",
  metadata: [{ key: "ключ", value: "значение" }],
  node: "n1",
  sinceMs: 1_700_000_000_000,
});
const members = { channel: "room.1", changed: [member], left: ["0123456789", "abcdefghij"] };
const serverFrames = [
  encodeWelcome({
    node: "n1",
    session: "12345678901234567890",
    limits: defaultLimits,
    heartbeatIntervalMs: 10_000,
    ackLevel: "stored",
  }),
  encodeSubscribed("room.1", position, position),
  encodeUnsubscribed("room.1"),
  encodeBatch("room.1", batch, elements(messages)),
  encodeBatch("a", { epoch: 1, first: 1, count: 1, storedAt: 1 }, elements([full])),
  encodeCompressed(Buffer.concat(Array.from({ length: 5 }, () => encodeBatch("room.1", batch, elements(messages)))))!,
  encodeGap("room.1", { reason: "trimmed", from: 1, to: 9 }, position),
  encodeCaughtUp("room.1", position),
  encodePublished({ channel: "a", sequence: 3, count: 4, epoch: 1, first: 9, duplicate: true }),
  encodeError({ code: "sequence_skipped", ...refusal }),
  encodeHeartbeat(1_700_000_000_000, [{ channel: "c", position: { epoch: 1, offset: 2 } }]),
  encodeDraining(1_000, ["n1.example:50051", "[::1]:50052"]),
  encodeNodes(["n1.example:50051", "[::1]:50052"]),
  encodeEntered("room.1"),
  encodeLeft("room.1"),
  encodeMembers({ ...members, joined: [member, member], complete: true, more: true }),
  encodeMembers({ ...members, joined: [], complete: false, more: false }),
  encodeMembersUnwatched("room.1"),
  encodeAuthenticated({ name: "ada", member: "m-12345678", expiresInMs: 60_000 }),
];
serverFrames.push(Buffer.concat(serverFrames));

// What generated code makes of the same bytes.

type PbMessage = InstanceType<typeof pb.Message>;

/** Data, headers (the last of a key), publisher and session. */
const contentOf = (message: PbMessage) => [
  Buffer.from(message.getData_asU8()).toString("hex"),
  Object.fromEntries(message.getHeadersList().map((header) => [`=${header.getKey()}`, header.getValue()])),
  message.getPublisher(),
  message.getSession(),
];

const ourContentOf = (message: Message) => [
  message.data.toString("hex"),
  Object.fromEntries(Object.entries(message.headers).map(([key, value]) => [`=${key}`, value])),
  message.publisher,
  message.session,
];

const inflated = (compressed: InstanceType<typeof pb.Compressed>) =>
  pb.ServerFrame.deserializeBinary(inflateRawSync(compressed.getFrame_asU8())).getItemsList();

/** A publish that was read, against its twin: the same request, and spliced the same messages with our publisher. */
function comparePublish(publish: Publish, twin: InstanceType<typeof pb.Publish>): void {
  assert.is(publish.channel, twin.getChannel());
  assert.is(publish.sequence, twin.getSequence());
  compareMessages(publish, twin.getMessagesList());
}

function compareMessages(publish: Publish, twins: PbMessage[]): void {
  assert.is(publish.count, twins.length);
  const spliced = spliceMessages(publish, encodePublisher("broker", "42"));
  assert.is(countMessages(spliced), twins.length);
  const contents = twins.map((twin) => contentOf(twin.setPublisher("broker").setSession("42")));
  assert.equal(pb.Batch.deserializeBinary(spliced).getMessagesList().map(contentOf), contents);
  const batch = { epoch: 1, first: 1, count: publish.count, storedAt: 1, messages: spliced };
  assert.equal([...messagesOf("c", batch)].map(ourContentOf), contents);
}

function compareClientItem(item: ClientItem, twin: InstanceType<typeof pb.ClientItem>): boolean {
  switch (item.kind) {
    case "hello": {
      const hello = twin.getHello()!;
      assert.equal([item.version, item.name], [hello.getVersion(), hello.getName()]);
      assert.equal(item.producer, Buffer.from(hello.getProducer_asU8()));
      assert.is(item.member, hello.getMember());
      assert.is(item.discover, hello.getDiscover());
      return true;
    }
    case "enter": {
      const enter = twin.getEnter()!.toObject();
      assert.equal([item.channel, item.metadata], [enter.channel, enter.metadataList]);
      return true;
    }
    case "leave":
      assert.is(item.channel, twin.getLeave()!.getChannel());
      return true;
    case "watchMembers":
      assert.is(item.channel, twin.getWatchMembers()!.getChannel());
      return true;
    case "unwatchMembers":
      assert.is(item.channel, twin.getUnwatchMembers()!.getChannel());
      return true;
    case "authenticate":
      assert.is(item.token, twin.getAuthenticate()!.getToken());
      return true;
    case "subscribe": {
      const subscribe = twin.getSubscribe()!;
      assert.equal([item.channel, item.start], [subscribe.getChannel(), readStart(subscribe.getStart())]);
      return true;
    }
    case "unsubscribe":
      assert.is(item.channel, twin.getUnsubscribe()!.getChannel());
      return true;
    case "publish":
      comparePublish(readPublish(item.request), twin.getPublish()!);
      return true;
  }
}

test("client frames", () => {
  fuzz(clientFrames, (bytes) => {
    const items = attempt(() => [...readClientFrame(bytes)]);
    if (items === undefined) return false;
    // Generated code decodes the messages of publishes too; those that are refused need not please it.
    if (items.some((item) => item.kind === "publish" && attempt(() => readPublish(item.request)) === undefined))
      return false;
    const twins = pb.ClientFrame.deserializeBinary(bytes).getItemsList();
    assert.is(items.length, twins.length);
    return items.every((item, index) => compareClientItem(item, twins[index]!));
  });
});

test("publishes", () => {
  fuzz(publishes, (bytes) => {
    const publish = attempt(() => readPublish(bytes));
    if (publish === undefined) return false;
    comparePublish(publish, pb.Publish.deserializeBinary(bytes));
    return true;
  });
});

test("publish requests", () => {
  fuzz(publishRequests, (bytes) => {
    const request = attempt(() => readPublishRequest(bytes));
    if (request === undefined) return false;
    const twin = pb.PublishRequest.deserializeBinary(bytes);
    assert.equal(request.idempotencyKey, Buffer.from(twin.getIdempotencyKey_asU8()));
    assert.equal([request.publish.channel, request.name], [twin.getChannel(), twin.getName()]);
    compareMessages(request.publish, twin.getMessagesList());
    return true;
  });
});

/** Reads a server frame to the last field of the last message, as a client may. */
function readAll(bytes: Buffer) {
  return [...readServerFrame(bytes)].map((item) => ({
    item,
    messages: item.kind === "batch" ? [...messagesOf(item.batch.channel, item.batch)].map(ourContentOf) : [],
  }));
}

/** True if the broker would have let these messages through: only then must other libraries read them as we do. */
const wellFormed = (messages: Buffer) => attempt(() => readPublish(messages)) !== undefined;

test("server frames", () => {
  fuzz(serverFrames, (bytes) => {
    const items = attempt(() => readAll(bytes));
    if (items === undefined) return false;
    if (items.some(({ item }) => item.kind === "batch" && !wellFormed(item.batch.messages))) return false;
    const twins = pb.ServerFrame.deserializeBinary(bytes)
      .getItemsList()
      .filter((twin) => twin.getItemCase() !== pb.ServerItem.ItemCase.ITEM_NOT_SET)
      .flatMap((twin) => (twin.hasCompressed() ? inflated(twin.getCompressed()!) : [twin]));

    assert.is(items.length, twins.length);
    for (const [index, { item, messages }] of items.entries()) {
      const twin = twins[index]!.toObject();
      if (item.kind === "batch") {
        const { epoch, first, storedAt, count } = item.batch;
        const { epoch: e, firstOffset, storedAtMs, count: c } = twin.batch!;
        // A count of more than 32 bits is cut by generated code.
        assert.equal([epoch, first, storedAt, count >>> 0], [e, firstOffset, storedAtMs, c]);
        assert.equal(messages, twins[index]!.getBatch()!.getMessagesList().map(contentOf));
      } else if (item.kind === "published") {
        const { kind, first: firstOffset, count, ...rest } = item;
        assert.equal({ ...rest, firstOffset, count: count >>> 0 }, twin[kind]);
      } else {
        assert.ok(twin[item.kind] !== undefined, item.kind);
      }
    }
    return true;
  });
});

test("messages", () => {
  fuzz([text, full, ...messages], (bytes) => {
    const batch = { epoch: 1, first: 1, count: 1, storedAt: 1, messages: lenField(15, bytes) };
    const content = attempt(() => [...messagesOf("c", batch)].map(ourContentOf));
    if (!wellFormed(batch.messages)) return false;
    assert.equal(content, [contentOf(pb.Message.deserializeBinary(bytes))]);
    return true;
  });
});

const readers: [name: string, read: (bytes: Buffer) => unknown][] = [
  ["readClientFrame", (bytes) => [...readClientFrame(bytes)]],
  ["readPublish", readPublish],
  ["readPublishRequest", readPublishRequest],
  ["readServerFrame", readAll],
  ["countMessages", countMessages],
];

test("large inputs of one repeated byte pattern, however deep, take time in proportion and end well", () => {
  const size = 2 ** 21;
  const patterns = [
    "0b",
    "0c",
    "00",
    "ff",
    "80",
    "0a",
    "7a",
    "0a00",
    "7a00",
    "0a022200",
    "7a020a00",
    "7a021200",
    "fa017a",
  ];
  const nested = (field: number) => {
    let bytes: Buffer = Buffer.alloc(0);
    while (bytes.length < 100_000) bytes = lenField(field, bytes);
    return bytes;
  };
  const large: Buffer[] = [
    ...patterns.map((pattern) => Buffer.alloc(size, pattern, "hex")),
    ...[1, 2, 3, 15].map(nested),
    // Generated code recurses over groups in fields that it does not know.
    ...[1, 3].map((field) => lenField(1, lenField(field, Buffer.alloc(size, 0x9b)))),
  ];
  for (const bytes of large) {
    for (const [name, read] of readers) {
      const before = cpuMs();
      attempt(() => read(bytes));
      const took = cpuMs() - before;
      assert.ok(took < longestMs, `${name} of ${bytes.subarray(0, 4).toString("hex")}…: ${took} ms`);
    }
  }
});

test("no memory is taken for lengths that are only claimed", () => {
  const claims = ["ffff7f", "ffffffff01", "ffffffff07", "ffffffff0f", "ffffffffffffff0f"];
  const tags = [[], [0x0a], [0x12], [0x1a], [0x22], [0x2a], [0x7a], [0x0a, 0x40, 0x0a], [0x0a, 0x40, 0x22, 0x3e, 0x7a]];
  const small = claims.flatMap((claim) =>
    tags.map((tag) => Buffer.concat([Buffer.from(tag), Buffer.from(claim, "hex"), Buffer.alloc(64, 1)])),
  );
  const rounds = 200;
  const taken = () => process.memoryUsage().arrayBuffers;
  for (const [name, read] of readers) {
    let most = 0;
    for (const bytes of small) {
      const before = taken();
      for (let round = 0; round < rounds; round++) attempt(() => read(bytes));
      most = Math.max(most, (taken() - before) / rounds);
    }
    assert.ok(most < 4_096, `${name} took ${most} bytes for an input of ${small[0]!.length}`);
  }
});

test("what is read is a view of the frame: a reader copies nothing", () => {
  const frame = Buffer.from(clientFrames.at(-1)!);
  for (const item of readClientFrame(frame)) {
    if (item.kind === "publish") assert.is(item.request.buffer, frame.buffer);
  }
  const answer = Buffer.from(serverFrames.at(-1)!);
  for (const item of readServerFrame(answer)) {
    if (item.kind === "batch") assert.is(item.batch.messages.buffer, answer.buffer);
  }
});

test.run();
