// The configuration file by itself: what it may say, and what is said of what it may not.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseOperations } from "../../src/auth/index.js";
import { allCommands } from "../../src/bin/commands.js";
import { type ConfigFile, keyOf, readConfig, variableOf } from "../../src/bin/config-file.js";
import { configurationPage } from "../../src/bin/config-page.js";
import { Exit } from "../../src/bin/exit.js";
import { nearest } from "../../src/bin/nearest.js";
import { serveOptions } from "../../src/bin/serve.js";
import { masked } from "../../src/bin/settings.js";
import { variablesOf } from "../../src/bin/variables.js";
import { parseAckLevel, retentionPolicy } from "../../src/store/index.js";
import { assert, suite } from "../harness.js";

const test = suite("configuration file");

const table = serveOptions.filter((option) => option.attributeName() !== "config");

const read = (text: string): ConfigFile =>
  readConfig("f.yaml", text, table, {
    ack: parseAckLevel,
    retain: (rule) => retentionPolicy([rule]),
    operations: parseOperations,
  });

/** What is wrong with it, by line. */
function problems(text: string): string[] {
  try {
    read(text);
  } catch (thrown) {
    assert.instance(thrown, Exit);
    return (thrown as Exit).message.split("\n").map((line) => line.replace(/^f\.yaml:/, ""));
  }
  return [];
}

test("each option has a variable of the same name, and the page of all of them is the one in docs", () => {
  for (const option of serveOptions) assert.is(option.envVar, variableOf(option));
  assert.is(new Set(table.map(keyOf)).size, table.length);
  const page = configurationPage(serveOptions);
  assert.is(readFileSync(resolve(import.meta.dirname, "../../docs/configuration.md"), "utf8"), page, "npm run docs");
  for (const option of table) assert.match(page, `\`${option.name()}\``.replace("`", "`--"));
});

test("the example in docs is right, and means what it says", () => {
  const text = /```yaml\n([\s\S]*?)```/.exec(configurationPage(serveOptions))![1]!;
  const { values, channels } = read(text);
  assert.equal(Object.fromEntries(values), {
    listen: "0.0.0.0:50051",
    buffer: "redis://redis.internal:6379",
    ack: "replicated:1",
    tlsCert: "/etc/reprise/server.crt",
    tlsKey: "/etc/reprise/server.key",
    retain: ["messages=100000 age=24h"],
    maxMessage: 262_144,
    drainWindow: 20_000,
    authTokens: "/etc/reprise/tokens",
  });
  assert.equal(
    channels.map(({ line, ...settings }) => settings),
    [
      { pattern: "prices.*", retain: "prices.* messages=1000 age=1h", maxMessageBytes: 4_096 },
      {
        pattern: "audit.*",
        retain: "audit.* messages=none bytes=none age=30d",
        ack: "replicated:2",
        permissions: [
          { allows: true, operations: ["all"], roles: ["auditor"], identities: ["ada"] },
          { allows: false, operations: ["subscribe", "history"], roles: ["intern"], identities: [] },
        ],
      },
    ],
  );
});

test("values are texts, as in flags: versions, sizes, switches, lists, and nothing at all", () => {
  const { values } = read(
    "tls-min: 1.2\nmax-message: 1000\nbalance: no\ninsecure: true\nretain: [messages=1, a.* age=1h]",
  );
  assert.equal(Object.fromEntries(values), {
    tlsMin: "1.2",
    maxMessage: 1_000,
    balance: false,
    insecure: true,
    retain: ["messages=1", "a.* age=1h"],
  });
  assert.is(read("").values.size, 0);
  assert.is(read("# nothing\n").values.size, 0);
  assert.equal(read("channels: []").channels, []);
});

test("all that is wrong is said at once: line, key, what is allowed, and what may be meant", () => {
  const text = `listen: nowhere
reatin: messages=1
fsync: sometimes
ack: twice
auth-cert: maybe
max-message: [1, 2]
maxSessionAge: 1h
node:
retain: [messages=1, age=1y]
nonsense: 1
`;
  const expected: [number, RegExp][] = [
    [1, /^listen: "nowhere" cannot be used\. Expected HOST:PORT/],
    [2, /^"reatin" is no key; is retain meant\?$/],
    [3, /^fsync: "sometimes" .*always, everysec, no/],
    [4, /^ack: ack level "twice": expected stored, fsynced/],
    [5, /^auth-cert: "maybe" .*true or false/],
    [6, /^max-message: expected one value$/],
    [7, /^"maxSessionAge" is no key; is max-session-age meant\?$/],
    [8, /^node: there is no value/],
    [9, /^retain: retention "age=1y": expected/],
    [10, /^"nonsense" is no key; there are .*buffer, channels, drain-window,/],
  ];
  const found = problems(text);
  assert.is(found.length, expected.length, found.join("\n"));
  for (const [i, [line, what]] of expected.entries()) {
    const [, number, sentence] = /^(\d+): (.*)$/.exec(found[i]!)!;
    assert.is(Number(number), line);
    assert.match(sentence!, what);
  }
});

test("channels: what each may say", () => {
  const of = (entry: string) => problems(`channels:\n  - ${entry}`);
  const wrong: [string, RegExp][] = [
    ["a.*", /^2: channels: expected a pattern and/],
    ["retain: { messages: 1 }", /^2: channels: expected a pattern of channel names/],
    ['pattern: "a b"', /^2: channels: expected a pattern of channel names/],
    ["{ pattern: a, retain: messages=1 }", /^2: channels: retain: expected some of messages, bytes, age/],
    ["{ pattern: a, retain: { mesages: 1 } }", /^2: channels: retain: "mesages" is no key; is messages meant\?/],
    ["{ pattern: a, retain: { age: 1y } }", /^2: channels: retention "age=1y": expected/],
    ["{ pattern: a, max-message: big }", /^2: channels: max-message: "big" cannot be used\. Expected a size/],
    ["{ pattern: a, maxmessage: 1 }", /^2: channels: "maxmessage" is no key; is max-message meant\?/],
    ["{ pattern: a, ack: twice }", /^2: channels: ack level "twice": expected stored, fsynced, or replicated:N/],
    ["{ pattern: a, ack: [stored] }", /^2: channels: ack level "": expected stored/],
    ["{ pattern: a, permissions: all }", /^2: channels: permissions: expected a list, each with allow or deny/],
    ["{ pattern: a, permissions: [all] }", /^2: channels: permissions: expected allow or deny/],
  ];
  const permissions: [string, RegExp][] = [
    ["roles: a", /^expected either allow or deny$/],
    ["allow: all, deny: all", /^expected either allow or deny$/],
    ["allow: write", /^allow: expected all, or some of publish, subscribe, history, presence, admin$/],
    ["deny: [all, publish]", /^deny: expected all, or some of publish/],
    ["allow: { publish: yes }", /^allow: expected all/],
    ["allow: []", /^allow: expected all/],
    ["allow: all, role: a", /^"role" is no key; is roles meant\?$/],
    ["allow: all, channels: a", /^"channels" is no key; there are allow, deny, identities, roles$/],
    // An empty list is not everyone.
    ["allow: all, roles: []", /^roles: expected a name, or a list of them$/],
    ["allow: all, identities: ", /^identities: expected a name/],
    ["allow: all, identities: [a, [b]]", /^identities: expected a name/],
  ];
  for (const [entry, what] of permissions) {
    const found = problems(`channels:\n  - pattern: a\n    permissions:\n      - { ${entry} }`);
    assert.is(found.length, 1, `${entry}: ${found.join("; ")}`);
    assert.match(found[0]!.replace("4: channels: permissions: ", ""), what);
  }
  for (const [entry, what] of wrong) {
    const found = of(entry);
    assert.is(found.length, 1, `${entry}: ${found.join("; ")}`);
    assert.match(found[0]!, what);
  }
  assert.match(problems("channels: { pattern: a }")[0]!, "expected a list");
});

test("what is no YAML, or more than we read of it, is said with its line", () => {
  assert.match(problems("listen: 127.0.0.1:1\nlisten: 127.0.0.1:2")[0]!, /^2: .*unique/);
  assert.match(problems("listen: {")[0]!, /^1: /);
  assert.match(problems("just a text")[0]!, "expected KEY: VALUE");
  assert.match(problems("channels:\n  - pattern: *any")[0]!, /^2: .*alias/i);
  assert.match(problems("node: a\n---\nnode: b")[0]!, "multiple documents");
  assert.match(problems("node: { a: 1 }")[0]!, "expected one value");
});

test("passwords are not shown, wherever a URL has them", () => {
  const hidden: Record<string, string> = {
    "redis://:geheim@h:6379/0": "redis://:***@h:6379/0",
    "redis://user:ge:he@im@h1,h2:1/m?prefix=a": "redis://user:***@h1,h2:1/m?prefix=a",
    "redis-sentinel://h/m?sentinelUser=u&sentinelPassword=geheim":
      "redis-sentinel://h/m?sentinelUser=u&sentinelPassword=***",
    "https://u:p@host/jwks": "https://u:***@host/jwks",
  };
  for (const [text, shown] of Object.entries(hidden)) assert.is(masked(text), shown);
  for (const text of ["redis://user@h:6379", "redis://h:6379,g:6379", "embedded:./a@b:c"])
    assert.is(masked(text), text);
});

test("the nearest word is one that a slip of the pen explains", () => {
  const words = ["retain", "registry", "max-message", "node"];
  assert.is(nearest("retian", words), "retain");
  assert.is(nearest("MAX_MESSAGE", words), "max-message");
  assert.is(nearest("nodes", words), "node");
  assert.is(nearest("port", words), undefined);
  assert.is(nearest("", []), undefined);
});

test("a variable of another command is not taken for a slip of the pen in one of serve's", async () => {
  const own = serveOptions.map(({ envVar }) => envVar!);
  const others = new Set((await allCommands()).flatMap(variablesOf).filter((name) => !own.includes(name)));
  assert.ok(others.has("REPRISE_SERVER"));
  const words = own.map((name) => name.slice("REPRISE_".length));
  for (const name of others) assert.is(nearest(name.slice("REPRISE_".length), words), undefined, name);
});

test.run();
