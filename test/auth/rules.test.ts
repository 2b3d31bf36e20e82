// Rules, and the policy that holds them.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { rulesOf } from "../../src/auth/permissions.js";
import { readPolicy, rulesFor } from "../../src/auth/policy.js";
import { parseOperations, readRules, rightsOf } from "../../src/auth/rules.js";
import { channelPattern, patternsMeet } from "../../src/wire/channel-pattern.js";
import { failure } from "../failure.js";
import { assert, cpuMs, suite } from "../harness.js";

const test = suite("auth rules");

test("in a pattern * stands for any characters, and everything else for itself", () => {
  const cases: [pattern: string, matches: string[], others: string[]][] = [
    ["*", ["", "a", "a.b/c"], []],
    ["orders", ["orders"], ["orders.1", "order", "xorders"]],
    ["orders.*", ["orders.", "orders.1", "orders.a/b"], ["orders", "orders-1", "xorders.1"]],
    ["*.log", ["a.log", ".log", "a.b.log"], ["log", "a.logs"]],
    ["a*b*c", ["abc", "a1b2c", "abbcc"], ["ab", "acb", "a1c"]],
    ["ab*ba", ["abba", "ab-ba"], ["aba", "ab"]],
    ["a*a*a", ["aaa", "aaaa"], ["aa", "a"]],
    ["a.b", ["a.b"], ["axb"]],
  ];
  for (const [pattern, matches, others] of cases) {
    for (const name of matches) assert.ok(channelPattern(pattern)(name), `${pattern} matches ${name}`);
    for (const name of others) assert.not.ok(channelPattern(pattern)(name), `${pattern} does not match ${name}`);
  }
  const begun = cpuMs();
  channelPattern("*a".repeat(60))("a".repeat(119));
  assert.ok(cpuMs() - begun < 1_000);
});

test("two patterns meet where one name can match both, and one covers another that it matches", () => {
  const cases: [a: string, b: string, meet: boolean][] = [
    ["a", "a", true],
    ["a", "b", false],
    ["a.*", "a.b", true],
    ["a.*", "b.*", false],
    ["a.*", "*", true],
    ["a.*", "a.b.*", true],
    ["a*", "*b", true],
    ["*a", "*b", false],
    ["*.log", "audit*", true],
    ["a*x*c", "a*y*c", true],
    ["ab*", "ac*", false],
  ];
  for (const [a, b, meet] of cases) {
    assert.is(patternsMeet(a, b), meet, `${a} and ${b}`);
    assert.is(patternsMeet(b, a), meet, `${b} and ${a}`);
  }
  const rights = rightsOf(
    readRules(
      [
        { allow: ["publish", "admin"], channels: "orders.*" },
        { deny: "admin", channels: "*.secret" },
      ],
      "test",
    ),
  );
  assert.equal([...rights("orders.1*")], ["publish"], "denied on some of them");
  assert.equal([...rights("orders.*.open")], ["publish", "admin"]);
  assert.equal([...rights("order*")], [], "allowed on some of them");
});

test("what no rule allows is denied, and deny wins, in whatever order (P-43)", () => {
  const rules = [
    { allow: ["publish", "subscribe"], channels: ["orders.*", "lobby"] },
    { deny: "publish", channels: "orders.secret*" },
    { allow: "all", channels: "orders.secret.mine" },
  ];
  for (const order of [rules, [...rules].reverse()]) {
    const rights = rightsOf(readRules(order, "test"));
    assert.ok(rights("orders.1").has("publish"));
    assert.ok(rights("orders.secret").has("subscribe"));
    assert.ok(rights("orders.secret.mine").has("history"));
    assert.not.ok(rights("orders.secret.mine").has("publish"));
    assert.not.ok(rights("orders.1").has("history"));
    assert.not.ok(rights("other").has("publish"));
    assert.not.ok(rights("").has("admin"), "the node itself is only in *");
  }
  const all = rightsOf(readRules([{ allow: "all", channels: "*" }], "test"));
  assert.equal([...all("")], ["publish", "subscribe", "history", "presence", "admin"]);
});

test("a policy adds up: what everyone may, one's own rules, those of one's roles and of one's token", () => {
  const text = `
everyone:
  - allow: subscribe
    channels: lobby
roles:
  writer:
    - { allow: publish, channels: "news.*" }
  silent:
    - { deny: publish, channels: "*" }
identities:
  ada: { roles: [writer] }
  bob: { roles: writer, rules: [{ deny: publish, channels: news.today }] }
`;
  const policy = readPolicy(text, "policy");
  const of = (name: string, roles: string[] = []) => rightsOf(rulesFor(policy, name, { roles, rules: [] }));
  assert.ok(of("ada")("news.today").has("publish"));
  assert.not.ok(of("bob")("news.today").has("publish"));
  assert.ok(of("bob")("news.tomorrow").has("publish"));
  assert.ok(of("eve")("lobby").has("subscribe"));
  assert.not.ok(of("eve")("news.1").has("publish"));
  assert.ok(of("eve", ["writer", "unknown"])("news.1").has("publish"));
  assert.not.ok(of("ada", ["silent"])("news.1").has("publish"));
});

test("permissions of channels are rules besides those of the policy, for everyone, for names, for roles of policy and token", () => {
  const policy = readPolicy(
    `
roles: { shop: [{ allow: publish, channels: "orders.*" }] }
identities: { ada: { roles: [shop] } }
`,
    "policy",
  );
  const permission = { channels: "orders.*", allows: true, roles: [], identities: [] };
  const permitted = rulesOf([
    { ...permission, operations: parseOperations("presence") },
    { ...permission, operations: parseOperations("subscribe"), roles: ["shop", "clerk"], identities: ["bob"] },
    { ...permission, operations: parseOperations("publish", "admin"), allows: false, identities: ["eve", "ada"] },
  ]);
  const of = (name: string, ...roles: string[]) =>
    [...rightsOf(rulesFor(policy, name, { roles, rules: [] }, permitted))("orders.1")].join();
  assert.is(of("ada"), "subscribe,presence", "deny wins over what her role in the policy allows");
  assert.is(of("bob"), "subscribe,presence");
  assert.is(of("cyd"), "presence");
  assert.is(of("cyd", "clerk"), "subscribe,presence", "a role that only a token and the permissions know");
  assert.is(of("cyd", "shop"), "publish,subscribe,presence");
  assert.is(of("eve", "shop"), "subscribe,presence");
  const bob = rightsOf(rulesFor(policy, "bob", undefined, permitted));
  assert.equal([...bob("other")], []);
  assert.equal([...bob("orders.a*")], ["subscribe", "presence"], "of a pattern, too");
  assert.not.ok(rightsOf(rulesFor(policy, "ada", undefined, permitted))("*.1").has("publish"), "denied on some");
});

test("a policy that is not one is an error that names the place", async () => {
  const cases: [text: string, where: RegExp][] = [
    ["- a", /policy: expected everyone, roles and identities/],
    ["everybody: []", /"everybody" is not known/],
    ["everyone: [{ allow: publish }]", /everyone, rule 1: expected channels/],
    ["everyone: [{ allow: publish, channels: [] }]", /expected channels/],
    ["everyone: [{ allow: publish, channels: 7 }]", /expected channels/],
    ["everyone: [{ allow: write, channels: a }]", /expected all, or some of publish, subscribe/],
    ["everyone: [{ allow: [], channels: a }]", /expected all, or some of/],
    ["everyone: [{ allow: publish, deny: publish, channels: a }]", /either allow or deny/],
    ["everyone: [{ allow: publish, channel: a }]", /"channel" is not known/],
    ['everyone: [{ allow: publish, channels: "a b" }]', /no pattern/],
    ["roles: { r: { allow: publish } }", /role r: expected a list/],
    ["identities: { ada: { roles: [admni] } }", /ada: there is no role "admni"/],
    ["identities: { ada: [] }", /identity ada: expected roles/],
    ["everyone: [", /policy: /],
  ];
  for (const [text, where] of cases) {
    const { code, message } = await failure((async () => readPolicy(text, "policy"))());
    assert.is(code, "invalid_argument", text);
    assert.match(message, where);
  }
  assert.equal(rulesFor(readPolicy("", "policy"), "ada", undefined), []);
});

test("the policy in docs/security.md is one, and does what stands beside it", () => {
  const page = readFileSync(resolve(import.meta.dirname, "../../docs/security.md"), "utf8");
  const policy = readPolicy(/```yaml\n([\s\S]*?)```/.exec(page)![1]!, "docs/security.md");
  const worker = rightsOf(rulesFor(policy, "worker-1", undefined));
  assert.ok(worker("orders.1").has("publish"));
  assert.not.ok(worker("orders.secret.1").has("publish"));
  assert.ok(worker("workers").has("presence"));
  assert.ok(worker("lobby").has("subscribe"));
  assert.ok(rightsOf(rulesFor(policy, "ada", undefined))("").has("admin"));
  assert.not.ok(worker("").has("admin"));
});

test.run();
