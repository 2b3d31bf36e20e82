// How long Redis was within reach, by a clock that somebody may set.
import { createContact } from "../../src/presence/redis/contact.js";
import { assert, suite, type T } from "../harness.js";

const test = suite("contact with Redis");

const settleMs = 10_000;
const roundMs = 1_000;

function clock(t: T): { now: number } {
  const at = { now: 1_000_000 };
  const real = Date.now;
  Date.now = () => at.now;
  t.after(() => {
    Date.now = real;
  });
  return at;
}

test("settled after rounds without a break", (t) => {
  const at = clock(t);
  const contact = createContact(settleMs, roundMs);
  for (let round = 0; round < 10; round++) {
    contact.kept();
    assert.not(contact.settled);
    at.now += roundMs;
  }
  contact.kept();
  assert.ok(contact.settled);
  contact.lost();
  assert.not(contact.settled);
});

for (const [how, hours] of [
  ["forwards", 6],
  ["back", -6],
] as const) {
  test(`a clock that is set ${how} settles nothing, not even until the next round`, (t) => {
    const at = clock(t);
    const contact = createContact(settleMs, roundMs);
    contact.kept();
    at.now += hours * 3_600_000;
    assert.not(contact.settled);
    contact.kept();
    assert.not(contact.settled);
    for (let round = 0; round < 10; round++) {
      at.now += roundMs;
      contact.kept();
    }
    assert.ok(contact.settled);
  });
}

test.run();
