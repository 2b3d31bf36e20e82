// The table of codes, channel names and limits: small rules that everything else leans on.
import { readFileSync } from "node:fs";
import { status } from "@grpc/grpc-js";
import fc from "fast-check";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { checkChannel, maxChannelLength } from "../../src/wire/channel.js";
import { encodePublish } from "../../src/wire/client-frame.js";
import { type ErrorCode, isErrorCode, RepriseError, toRepriseError } from "../../src/wire/errors.js";
import { defaultLimits, maxFrameBytes } from "../../src/wire/limits.js";
import { encodeMessage } from "../../src/wire/message.js";
import { assert, suite } from "../harness.js";
import { channel, check } from "./arbitraries.js";

const test = suite("wire errors");

// Written out again: a changed status or a code that lost its retryability is a change of the protocol.
const codes: Record<ErrorCode, [status, retryable: boolean]> = {
  malformed: [status.INVALID_ARGUMENT, false],
  protocol_violation: [status.FAILED_PRECONDITION, false],
  unsupported_version: [status.FAILED_PRECONDITION, false],
  invalid_channel: [status.INVALID_ARGUMENT, false],
  invalid_argument: [status.INVALID_ARGUMENT, false],
  offset_out_of_range: [status.OUT_OF_RANGE, false],
  message_too_large: [status.INVALID_ARGUMENT, false],
  batch_too_large: [status.INVALID_ARGUMENT, false],
  too_many_subscriptions: [status.RESOURCE_EXHAUSTED, false],
  too_many_members: [status.RESOURCE_EXHAUSTED, false],
  already_subscribed: [status.ALREADY_EXISTS, false],
  not_subscribed: [status.NOT_FOUND, false],
  channel_not_found: [status.NOT_FOUND, false],
  sequence_skipped: [status.ABORTED, false],
  buffer_unavailable: [status.UNAVAILABLE, true],
  buffer_full: [status.RESOURCE_EXHAUSTED, true],
  limit_reached: [status.RESOURCE_EXHAUSTED, true],
  buffer_locked: [status.FAILED_PRECONDITION, false],
  outbox_full: [status.RESOURCE_EXHAUSTED, true],
  ack_level_unavailable: [status.FAILED_PRECONDITION, false],
  unauthenticated: [status.UNAUTHENTICATED, false],
  permission_denied: [status.PERMISSION_DENIED, false],
  session_not_found: [status.NOT_FOUND, false],
  disconnected: [status.UNAVAILABLE, true],
  draining: [status.UNAVAILABLE, true],
  tls_failed: [status.UNAVAILABLE, false],
  unavailable: [status.UNAVAILABLE, true],
  deadline_exceeded: [status.DEADLINE_EXCEEDED, true],
  cancelled: [status.CANCELLED, false],
  closed: [status.CANCELLED, false],
  gap: [status.DATA_LOSS, false],
  undecodable: [status.DATA_LOSS, false],
  position_store_failed: [status.INTERNAL, false],
  internal: [status.INTERNAL, false],
};

test("every code has a gRPC status, says whether to retry, and what to do", () => {
  for (const code of Object.keys(codes) as ErrorCode[]) {
    assert.ok(isErrorCode(code));
    const error = new RepriseError(code, "what happened");
    assert.equal([error.status, error.retryable], codes[code], code);
    assert.ok(error.advice.length > 5, code);
  }
});

test("the table of docs/protocol.md and this one say the same", () => {
  const text = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
  const rows = text.slice(text.indexOf("## Codes")).matchAll(/^\| (`.+`) \| ([A-Z_]+) \| (yes|no) \| (.*) \|$/gm);
  const documented = [...rows].flatMap(([, words = "", name, again, meaning = ""]) => {
    assert.ok(meaning.length > 2, words);
    return words.split(", ").map((word) => [word.replaceAll("`", ""), name, again === "yes"]);
  });
  const known = Object.entries(codes).map(([code, [number, retryable]]) => [code, status[number], retryable]);
  assert.equal(documented.sort(), known.sort());
});

test("a word that is no code is not one, whatever objects inherit", () => {
  for (const word of ["", "nonsense", "constructor", "__proto__", "toString"]) assert.not(isErrorCode(word), word);
});

test("the funnel keeps what it knows, and what it does not know becomes the cause", () => {
  const known = new RepriseError("draining", "x");
  assert.is(toRepriseError(known), known);
  const thrown = new TypeError("y");
  const error = toRepriseError(thrown);
  assert.equal([error.code, error.message, error.cause], ["internal", "y", thrown]);
  assert.is(toRepriseError("z", "malformed").code, "malformed");
  assert.is(toRepriseError(undefined).message, "undefined");
});

test("channel names: what is allowed passes, and nothing else", () => {
  check(
    fc.property(channel, (name) => {
      assert.is(checkChannel(name), name);
    }),
  );
  const refused = ["", ".a", "-a", "/a", "a b", "a\n", "a\u0000", "é", "a{b}", "a*", "#a", "😀", "a".repeat(121)];
  for (const name of refused) {
    assert.throws(
      () => checkChannel(name),
      (thrown: unknown) =>
        thrown instanceof RepriseError && thrown.code === "invalid_channel" && thrown.message.length < 300,
      name,
    );
  }
  assert.is(checkChannel("a".repeat(maxChannelLength)).length, maxChannelLength);
  const any = fc.string({ unit: "binary" });
  check(
    fc.property(any, (name) => {
      const allowed = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,119}$/.test(name) && !name.includes("\n");
      try {
        checkChannel(name);
        assert.ok(allowed, name);
      } catch (thrown) {
        if (!(thrown instanceof RepriseError)) throw thrown;
        assert.not(allowed, name);
      }
    }),
  );
});

test("the error for a name of a megabyte is short", () => {
  assert.throws(
    () => checkChannel("a".repeat(2 ** 20)),
    (thrown: unknown) => thrown instanceof RepriseError && thrown.message.length < 400,
  );
});

test("the largest publish allowed fits into the largest frame allowed", () => {
  const name = "c".repeat(maxChannelLength);
  const limits = { ...defaultLimits, maxPublishMessages: 500 };
  const empty = encodeMessage(Buffer.alloc(0));
  const one = (size: number) => encodeMessage(Buffer.alloc(size));
  const largest = one(
    limits.maxMessageBytes - encodeMessage(Buffer.alloc(limits.maxMessageBytes)).length + limits.maxMessageBytes,
  );
  assert.is(largest.length, limits.maxMessageBytes);
  assert.ok(encodePublish(name, Number.MAX_SAFE_INTEGER, [largest, largest]).length <= maxFrameBytes(limits));
  const many = Array(limits.maxPublishMessages).fill(one(Math.floor(limits.maxPublishBytes / 500) - 10)) as Buffer[];
  assert.ok(encodePublish(name, Number.MAX_SAFE_INTEGER, many).length <= maxFrameBytes(limits));
  const small = { ...defaultLimits, maxMessageBytes: 1, maxPublishBytes: 1, maxPublishMessages: 500 };
  const empties = Array(small.maxPublishMessages).fill(empty) as Buffer[];
  assert.ok(encodePublish(name, 1, empties).length <= maxFrameBytes(small));
  assert.is(pb.ClientFrame.deserializeBinary(encodePublish(name, 1, empties)).getItemsList().length, 1);
});

test.run();
