// The request of the calls that publish without a session.
import fc from "fast-check";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { RepriseError } from "../../src/wire/errors.js";
import { readPublishRequest } from "../../src/wire/publish-request.js";
import { assert, suite } from "../harness.js";
import { bytes, channel, check, message, text } from "./arbitraries.js";
import { encoded, lenField, varintField } from "./encoding.js";

const test = suite("wire publish request");

test("readPublishRequest finds what generated code wrote, in any order", () => {
  check(
    fc.property(channel, bytes(64), text, fc.array(message, { maxLength: 4 }), (channel, key, name, messages) => {
      const parts = [
        new pb.PublishRequest().setChannel(channel),
        new pb.PublishRequest().setIdempotencyKey(key),
        new pb.PublishRequest().setName(name),
        ...messages.map((message) => new pb.PublishRequest().setMessagesList([message])),
      ].map(encoded);
      for (const request of [Buffer.concat(parts), Buffer.concat(parts.reverse())]) {
        const { publish, idempotencyKey, name: found } = readPublishRequest(request);
        assert.equal([publish.channel, publish.sequence, publish.count], [channel, 0, messages.length]);
        assert.equal([idempotencyKey, found], [key, name]);
        assert.is(publish.request, request);
      }
    }),
  );
});

test("an idempotency key, a name or a message that is not what its field says is malformed", () => {
  for (const field of [
    varintField(2, 5),
    varintField(3, 5),
    lenField(3, Buffer.from([0xff])),
    lenField(15, varintField(1, 5)),
  ]) {
    assert.throws(
      () => readPublishRequest(Buffer.concat([lenField(1, "c"), field])),
      (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "malformed",
      field.toString("hex"),
    );
  }
});

test.run();
