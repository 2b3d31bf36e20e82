// reprise members, and who is there in a chat.
import { connect } from "../../src/client/index.js";
import { startNode } from "../client/node.js";
import { assert, suite, until } from "../harness.js";
import { run, said, start } from "./command.js";

const test = suite("reprise members");

test("lists who is on a channel, as a table or as JSON", async (t) => {
  const { address } = await startNode(t);
  const bus = await connect(address, { name: "ada", member: "ada-00001" });
  t.after(() => bus.close());
  await bus.enter("c", { metadata: { role: "cook\x1b[2J" } });
  const server = ["--server", address];
  const [table, json, empty] = await Promise.all([
    run(t, ["members", "c", ...server]),
    run(t, ["members", "c", "--json", ...server]),
    run(t, ["members", "nobody", "--json", ...server]),
  ]);
  assert.match(table.lines[0]!, /^NAME +MEMBER +SINCE +NODE +METADATA$/);
  assert.match(table.lines[1]!, /^ada +ada-00001 +20\S+Z +\S+ +\{"role":"cook\\u001b\[2J"\}$/);
  const { since, node, ...rest } = JSON.parse(json.stdout);
  assert.equal(rest, { member: "ada-00001", name: "ada", metadata: { role: "cook\x1b[2J" } });
  assert.ok(Math.abs(Date.parse(since) - Date.now()) < 60_000 && node !== "");
  assert.equal([empty.code, empty.stdout], [0, ""]);
  assert.is((await run(t, ["members", "a b", ...server])).code, 2);
});

test("--follow prints who is there, then who comes and goes, until Ctrl-C", async (t) => {
  const { address } = await startNode(t);
  const ada = await connect(address, { name: "ada" });
  t.after(() => ada.close());
  await ada.enter("c");
  const server = ["--server", address];
  const plain = start(t, ["members", "c", "--follow", ...server]);
  const json = start(t, ["members", "c", "--follow", "--json", ...server]);
  await until(() => plain.lines.length === 1 && json.lines.length === 1, "both print who is there", 20_000);
  const bob = await connect(address, { name: "bob" });
  t.after(() => bob.close());
  await bob.enter("c");
  await bob.enter("c", { metadata: { mood: "good" } });
  await bob.close();
  await until(() => plain.lines.length === 4 && json.lines.length === 4, "both print the changes");
  const expected = ["present ada", "joined bob", "changed bob", "left bob"];
  assert.equal(
    plain.lines.map((line) => line.split(/ +/).slice(0, 2).join(" ")),
    expected,
  );
  assert.equal(
    json.lines.map((line) => JSON.parse(line)).map(({ event, name }) => `${event} ${name}`),
    expected,
  );
  for (const running of [plain, json]) {
    running.child.kill("SIGINT");
    assert.is(await running.exit, 0);
  }
});

test("a chat tells who joins and leaves, and /who is there", async (t) => {
  const { address } = await startNode(t);
  const chat = (name: string) => start(t, ["chat", "--name", name, "--server", address]);
  const ada = chat("ada");
  await said(ada, "joined lobby as ada");
  const bob = chat("bob");
  await said(ada, "bob joined");
  bob.child.stdin.write("/who\n");
  await said(bob, "here: ada, bob");
  bob.child.stdin.end("bye\n");
  assert.is(await bob.exit, 0);
  await said(ada, "bob left");
  assert.equal(ada.lines, ["bob: bye"]);
  assert.not.match(ada.stderr, /ada (joined|left)/);
  assert.not.match(bob.stderr, /(joined|left)$/m);
});

test.run();
