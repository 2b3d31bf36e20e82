// P-9: which acknowledgement keeps which promise.
import { type AckLevel, parseAckLevel, satisfies } from "../../src/wire/ack-level.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite } from "../harness.js";

const test = suite("wire ack level");

const levels = ["stored", "fsynced", "replicated:1", "replicated:2", "replicated:5"] as const;

test("what each level includes", () => {
  const included: Record<(typeof levels)[number], AckLevel[]> = {
    stored: ["stored"],
    fsynced: ["stored", "fsynced"],
    "replicated:1": ["stored", "replicated:1"],
    "replicated:2": ["stored", "replicated:1", "replicated:2"],
    "replicated:5": ["stored", "replicated:1", "replicated:2", "replicated:5"],
  };
  for (const given of levels) {
    const kept = levels.filter((wanted) => satisfies(given, wanted));
    assert.equal(kept, included[given], given);
  }
});

test("a level in words", () => {
  for (const level of levels) assert.is(parseAckLevel(level), level);
  const wrong = ["", "fsync", "Stored", "replicated", "replicated:", "replicated:0", "replicated:6", "replicated:1.5"];
  for (const text of [...wrong, "replicated:01", " stored", "replicated:1:2"]) {
    assert.throws(
      () => parseAckLevel(text),
      (error: unknown) =>
        error instanceof RepriseError && error.code === "invalid_argument" && /replicated:N/.test(error.message),
      text,
    );
  }
});

test.run();
