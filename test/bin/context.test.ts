// reprise context, and which broker a command talks to.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readContexts } from "../../src/bin/contexts.js";
import { startNode } from "../client/node.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { run } from "./command.js";

const test = suite("reprise context");

/** Runs commands for a user without contexts. */
function newUser(t: T) {
  const home = temporaryFolder(t);
  const file = join(home, "reprise", "config.json");
  const reprise = (args: readonly string[], env: Record<string, string> = {}) =>
    run(t, args, { env: { REPRISE_SERVER: "", REPRISE_CONTEXT: "", ...env, XDG_CONFIG_HOME: home } });
  const context = (...args: string[]) => reprise(["context", ...args]);
  return { home, file, reprise, context };
}

test("add, list, use, remove", async (t) => {
  const { context, file } = newUser(t);
  assert.equal(await context("list").then(({ code, stdout }) => [code, stdout]), [0, ""]);
  const added = await context("add", "prod", "--server", "a:1,b:2");
  assert.is(added.code, 0);
  assert.match(added.stderr, "reprise context use prod");
  await context("add", "__dev", "--server", "x:1").then(({ code }) => assert.is(code, 2, "not a name"));
  await context("add", "constructor", "--server", "c:3");
  await context("use", "prod").then(({ code }) => assert.is(code, 0));
  assert.equal((await context("list")).lines, ["* prod             a:1,b:2", "  constructor      c:3"]);
  await context("add", "prod", "--server", "d:4");
  assert.equal((await context("list")).lines[0], "* prod             d:4", "replaced, and still in use");
  assert.match((await context("remove", "prod")).stderr, "no context is in use");
  assert.equal((await context("list")).lines, ["  constructor      c:3"]);
  assert.is(JSON.stringify(JSON.parse(readFileSync(file, "utf8"))), '{"contexts":{"constructor":{"server":["c:3"]}}}');
});

test("servers are separated by commas, and so are the endpoints in a URL of etcd", async (t) => {
  const { context, file } = newUser(t);
  await context("add", "a", "--server", "a:1, etcds://u:p@h1:1,h2/p?ca=/x,dns://n:3,etcd://h3,h4:4");
  const { server } = JSON.parse(readFileSync(file, "utf8")).contexts.a;
  assert.equal(server, ["a:1", "etcds://u:p@h1:1,h2/p?ca=/x", "dns://n:3", "etcd://h3,h4:4"]);
  for (const wrong of ["", ",", "a:1,,b:2", "etcd://h/p,", " "]) {
    assert.is((await context("add", "b", "--server", wrong)).code, 2, wrong);
  }
});

test("the file is the user's alone, and nothing is left beside it", async (t) => {
  const { context, file } = newUser(t);
  await context("add", "a", "--server", "a:1");
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.is(statSync(join(file, "..")).mode & 0o777, 0o700);
  chmodSync(file, 0o644);
  await context("add", "b", "--server", "b:1");
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.equal(readdirSync(join(file, "..")), ["config.json"]);
});

test("flag before environment before context before default", async (t) => {
  const { context, reprise } = newUser(t);
  const shown = async (args: string[] = [], env: Record<string, string> = {}) => {
    const { code, lines } = await reprise(["context", "show", ...args], env);
    assert.is(code, 0);
    return lines.slice(0, 2).map((line) => line.replace(/^(server|from) /, ""));
  };
  assert.equal(await shown(), ["127.0.0.1:50051", "the default"]);
  for (const name of ["used", "environment", "flag"]) await context("add", name, "--server", `${name}:1`);
  await context("use", "used");

  const server = { REPRISE_SERVER: "server:2" };
  const named = { REPRISE_CONTEXT: "environment" };
  const flag = ["--context", "flag"];
  const flagServer = ["--server", "flag-server:3"];
  assert.equal(
    await Promise.all([
      shown(),
      shown([], named),
      shown([], server),
      shown([], { ...server, ...named }),
      shown(flag),
      shown(flag, { ...server, ...named }),
      shown(flagServer, { ...server, ...named }),
      shown([...flagServer, ...flag], server),
    ]),
    [
      ["used:1", "context used, named by reprise context use"],
      ["environment:1", "context environment, named by REPRISE_CONTEXT"],
      ["server:2", "REPRISE_SERVER"],
      ["server:2", "REPRISE_SERVER"],
      ["flag:1", "context flag, named by --context"],
      ["flag:1", "context flag, named by --context"],
      ["flag-server:3", "--server"],
      ["flag-server:3", "--server"],
    ],
  );
});

test("commands talk to the broker of the context", async (t) => {
  const { context, reprise } = newUser(t);
  const { address } = await startNode(t);
  await context("add", "here", "--server", `127.0.0.1:1, ${address}`);
  assert.is((await reprise(["pub", "c", "hello", "--context", "here"])).code, 0);
  await context("use", "here");
  assert.equal((await reprise(["history", "c"])).lines, ["hello"]);
});

test("a context that does not exist is named, with those that do", async (t) => {
  const { context, reprise } = newUser(t);
  const missing = async (args: string[], env = {}) => {
    const { code, stderr } = await reprise(args, env);
    assert.is(code, 2);
    return stderr;
  };
  assert.match(await missing(["pub", "c", "x", "--context", "gone"]), "no context gone: there are none");
  await context("add", "a", "--server", "a:1");
  await context("add", "b", "--server", "b:1");
  assert.match(await missing(["context", "use", "gone"]), "there are a, b");
  assert.match(await missing(["context", "remove", "gone"]), "there are a, b");
  assert.match(await missing(["context", "show"], { REPRISE_CONTEXT: "gone" }), "there are a, b");
  assert.match(await missing(["context", "add", "c"]), "--server");
  assert.match(await missing(["context", "add", "c", "--server", "a:1,,b:1"]), "separated by commas");
  assert.match(await missing(["context"]), "Usage:");
});

test("a file that is damaged is named, left alone, and not in the way of who does not need it", async (t) => {
  const { home, file, context, reprise } = newUser(t);
  mkdirSync(join(file, ".."));
  const damages = [
    "",
    "{",
    "[]",
    '{"contexts": []}',
    '{"current": 1}',
    '{"contexts": {"a": {}}}',
    '{"contexts": {"a": {"server": []}}}',
  ];
  process.env.XDG_CONFIG_HOME = home;
  t.after(() => delete process.env.XDG_CONFIG_HOME);
  for (const damage of damages) {
    writeFileSync(file, damage);
    assert.throws(
      readContexts,
      (error: Error) =>
        error.message.startsWith(`cannot use ${file}: `) && error.message.endsWith("mend it or remove it"),
      damage,
    );
  }
  const results = await Promise.all([
    reprise(["channels"]),
    context("add", "a", "--server", "a:1"),
    reprise(["context", "show", "--server", "a:1"]),
    reprise(["context", "show"], { REPRISE_SERVER: "a:1" }),
  ]);
  assert.equal(
    results.map(({ code }) => code),
    [1, 1, 0, 0],
  );
  for (const { stderr } of results.slice(0, 2)) assert.match(stderr, /^reprise: cannot use .*remove it\n$/);
  assert.is(readFileSync(file, "utf8"), damages.at(-1));
});

test("a folder that is none is said so", async (t) => {
  const { home, context } = newUser(t);
  writeFileSync(join(home, "reprise"), "a file where the folder should be");
  const { code, stderr } = await context("add", "a", "--server", "a:1");
  assert.is(code, 1);
  assert.match(stderr, "cannot use");
  assert.not.ok(existsSync(join(home, "reprise", "config.json")));
});

test.run();
