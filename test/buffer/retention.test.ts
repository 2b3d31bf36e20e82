// The rules of retention: what they say, which one wins, which are refused.
import { defaultRetention, type Retention, retentionPolicy } from "../../src/buffer/retention.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite } from "../harness.js";

const test = suite("retention rules");

const none = Number.POSITIVE_INFINITY;
const of = (rules: string[], channel: string): Retention => retentionPolicy(rules)(channel);

test("without a rule every channel has the default", () => {
  assert.equal(of([], "c"), defaultRetention);
  assert.equal(defaultRetention, { messages: 1_000_000, bytes: 256 * 2 ** 20, ageMs: 7 * 24 * 3600 * 1000 });
});

test("a rule without a pattern is for all channels, and sets only what it names", () => {
  assert.equal(of(["messages=1000"], "a/b:c"), { ...defaultRetention, messages: 1000 });
  assert.equal(of(["messages=5 bytes=6 age=7s"], "c"), { messages: 5, bytes: 6, ageMs: 7000 });
});

test("units", () => {
  const bytes = { "1": 1, "1B": 1, "3KiB": 3072, "2MiB": 2 ** 21, "1GiB": 2 ** 30, "4TiB": 2 ** 42 };
  for (const [text, value] of Object.entries(bytes)) assert.is(of([`bytes=${text}`], "c").bytes, value, text);
  const ages = { "250ms": 250, "2s": 2000, "3m": 180_000, "24h": 86_400_000, "7d": 604_800_000 };
  for (const [text, value] of Object.entries(ages)) assert.is(of([`age=${text}`], "c").ageMs, value, text);
});

test("none lifts a limit", () => {
  assert.equal(of(["messages=none bytes=none age=none"], "c"), { messages: none, bytes: none, ageMs: none });
  assert.equal(of(["messages=5", "room.* messages=none"], "room.1").messages, none);
});

test("a pattern is for the channels it matches as a whole; * stands for any characters, also none", () => {
  const limit = (pattern: string, channel: string) => of([`${pattern} messages=7`], channel).messages === 7;
  for (const channel of ["chat.", "chat.a", "chat.a/b:c@d"]) assert.ok(limit("chat.*", channel), channel);
  for (const channel of ["chat", "chatXa", "xchat.a", "CHAT.a"]) assert.not(limit("chat.*", channel), channel);
  assert.ok(limit("*", "anything"));
  assert.ok(limit("*.log", "a.b.log"));
  assert.not(limit("*.log", "a.log.b"));
  assert.ok(limit("a*b*c", "abc") && limit("a*b*c", "a--b--c"));
  assert.not(limit("a*b*c", "acb"));
  assert.ok(limit("exact", "exact"));
  assert.not(limit("exact", "exactly"));
});

test("what has a meaning in regular expressions stands for itself", () => {
  for (const channel of ["a.b", "a+b", "a(b", "a[b", "a|b", "a$b", "a\\b", "a?b", "^ab", "a/b"]) {
    assert.is(of([`${channel} messages=7`], channel).messages, 7, channel);
    assert.is(of([`${channel} messages=7`], "axb").messages, defaultRetention.messages, channel);
  }
});

test("for each limit the last rule that matches and names it wins", () => {
  const rules = ["messages=1 bytes=1 age=1s", "room.* messages=2 bytes=2", "room.vip* messages=3", "* age=4s"];
  assert.equal(of(rules, "other"), { messages: 1, bytes: 1, ageMs: 4000 });
  assert.equal(of(rules, "room.a"), { messages: 2, bytes: 2, ageMs: 4000 });
  assert.equal(of(rules, "room.vip1"), { messages: 3, bytes: 2, ageMs: 4000 });
  assert.is(of([...rules].reverse(), "room.vip1").messages, 1);
  assert.is(of(["messages=1 messages=2"], "c").messages, 2);
});

test("space around and between words does not count", () => {
  assert.equal(of(["  room.*\t messages=5   age=1h "], "room.1"), {
    ...defaultRetention,
    messages: 5,
    ageMs: 3_600_000,
  });
});

test("what one channel is answered can be changed without changing the rules", () => {
  const policy = retentionPolicy(["messages=5"]);
  policy("c").messages = 1;
  assert.is(policy("c").messages, 5);
  assert.is(of([], "c").messages, defaultRetention.messages);
});

const bad = [
  ...["", "   ", "room.*", "messages", "messages=", "messages=0", "messages=-1", "messages=1.5", "messages=1e3"],
  ...[
    "messages=5KiB",
    "messages=many",
    "bytes=5KB",
    "bytes=5kib",
    "bytes=KiB",
    "bytes=0KiB",
    "age=5",
    "age=5y",
    "age=s",
  ],
  ...["age=5 s", "size=5", "Messages=5", "a b messages=5", "messages=5 room.*", "messages=5,bytes=6", "=5"],
  ...["messages=5 age=", "age=none5", "messages=toString", "bytes=1constructor", "bytes=5=6"],
];

for (const rule of bad) {
  test(`refused, with the rule and what is allowed: ${JSON.stringify(rule)}`, () => {
    try {
      retentionPolicy(["messages=5", rule]);
    } catch (error) {
      if (!(error instanceof RepriseError)) throw error;
      assert.is(error.code, "invalid_argument");
      assert.ok(error.message.startsWith(`retention ${JSON.stringify(rule)}: expected `), error.message);
      for (const part of ["[pattern] limit…", "messages=N", "bytes=N", "age=N", "none", "for example"]) {
        assert.ok(error.message.includes(part), part);
      }
      return;
    }
    assert.unreachable(`${JSON.stringify(rule)} was accepted`);
  });
}

test("the example of the message is a rule", () => {
  assert.equal(of(["chat.* messages=1000 age=24h"], "chat.1"), {
    ...defaultRetention,
    messages: 1000,
    ageMs: 86_400_000,
  });
});

test.run();
