// reprise sub, history, channels: what they print and how they end.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bus, connect } from "../../src/client/index.js";
import { type NodeOptions, startNode } from "../client/node.js";
import { startProxy } from "../client/proxy.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { run, said, start } from "./command.js";

const test = suite("reprise sub, history, channels");

async function filled(t: T, options: NodeOptions = {}): Promise<{ server: string[]; bus: Bus }> {
  const node = await startNode(t, options);
  const bus = await connect(node.address, { name: "ada" });
  t.after(() => bus.close());
  for (const data of ["one", "two", "three"]) await bus.publish("c", data);
  return { server: ["--server", node.address], bus };
}

test("sub starts where --from says", async (t) => {
  const { server, bus } = await filled(t);
  const before = new Date(Date.now() - 60_000).toISOString();
  const printed = async (from: string) => {
    const { code, lines } = await run(t, ["sub", "c", "--until-caught-up", "--from", from, ...server]);
    assert.is(code, 0);
    return lines.join(" ");
  };
  const starts = ["earliest", "new", "2", "-2", "10m", before];
  assert.equal(await Promise.all(starts.map(printed)), [
    "one two three",
    "",
    "two three",
    "two three",
    "one two three",
    "one two three",
  ]);
  const wrong = ["", "0", "yesterday", "-", "1e3", "5 minutes"];
  const results = await Promise.all(wrong.map((from) => run(t, ["sub", "c", "--from", from, ...server])));
  for (const { code, stderr } of results) {
    assert.is(code, 2);
    assert.match(stderr, "an ISO time");
  }
  const { code } = await run(t, ["sub", "c", "--from", "99", ...server]);
  assert.is(code, 1, "an offset that does not exist yet");
  assert.is((await bus.channel("c")).next, 4);
});

test("sub --compress prints the same, of fewer bytes", async (t) => {
  const { server, bus } = await filled(t);
  const lines = Array.from({ length: 2_000 }, (_, i) => `line ${i} is like the other lines`);
  await Promise.all(lines.map((line) => bus.publish("long", line)));
  const proxy = await startProxy(t, server[1]!);
  const args = ["sub", "long", "--from", "earliest", "--until-caught-up", "--server", proxy.address];
  assert.equal((await run(t, args)).lines, lines);
  const plain = proxy.received;
  assert.equal((await run(t, [...args, "--compress"])).lines, lines);
  assert.ok(proxy.received - plain < plain / 2, `${proxy.received - plain} bytes instead of ${plain}`);
});

test("sub --json prints one object a line, whatever the data", async (t) => {
  const { server, bus } = await filled(t);
  await bus.publish("c", Buffer.from([0xff, 0x00]), { headers: { kind: "binary" } });
  await bus.publish("c", "two\nlines");
  const { lines } = await run(t, ["sub", "c", "--from", "3", "--count", "3", "--json", ...server]);
  const messages = lines.map((line) => JSON.parse(line));
  const { epoch, time } = messages[0];
  assert.type(epoch, "number");
  assert.ok(Date.now() - Date.parse(time) < 60_000);
  const common = { channel: "c", epoch, publisher: "ada", headers: {}, encoding: "text" };
  assert.equal(
    messages.map(({ time: _, ...message }) => message),
    [
      { ...common, offset: 3, data: "three" },
      { ...common, offset: 4, headers: { kind: "binary" }, data: "/wA=", encoding: "base64" },
      { ...common, offset: 5, data: "two\nlines" },
    ],
  );
});

test("sub follows several channels, each line behind its channel, until Ctrl-C", async (t) => {
  const { server, bus } = await filled(t);
  const running = start(t, ["sub", "c", "d", "c", "--from", "earliest", ...server]);
  await until(() => running.lines.length === 3, "what is stored is printed", 20_000);
  await bus.publish("d", "live");
  await until(() => running.lines.length === 4, "what comes is printed");
  assert.equal(running.lines, ["c\tone", "c\ttwo", "c\tthree", "d\tlive"]);
  running.child.kill("SIGINT");
  assert.is(await running.exit, 0);
});

test("sub ends by --count, or in time with exit code 5", async (t) => {
  const { server } = await filled(t);
  const results = await Promise.all([
    run(t, ["sub", "c", "--from", "earliest", "--count", "2", ...server]),
    run(t, ["sub", "c", "--from", "earliest", "--count", "4", "--timeout", "300ms", ...server]),
    run(t, ["sub", "c", "--from", "earliest", "--timeout", "300ms", ...server]),
  ]);
  assert.equal(
    results.map(({ code, lines }) => [code, lines.length]),
    [
      [0, 2],
      [5, 3],
      [0, 3],
    ],
  );
  assert.match(results[1].stderr, "timed out after 3 messages");
});

test("sub tells gaps, and ends at the first one under --strict", async (t) => {
  const { server, bus } = await filled(t, { retain: ["messages=10"] });
  for (let i = 0; i < 40; i++) await Promise.all(Array.from({ length: 100 }, () => bus.publish("c", "x".repeat(50))));
  const { first } = await bus.channel("c");
  assert.ok(first > 5);
  const args = ["sub", "c", "--from", "5", "--until-caught-up", ...server];
  const [plain, json, strict] = await Promise.all([
    run(t, args),
    run(t, [...args, "--json"]),
    run(t, [...args, "--strict"]),
  ]);
  assert.is(plain.code, 0);
  assert.match(plain.stderr, `gap: c: messages 5 to ${first - 1} were removed by retention`);
  const { gap } = JSON.parse(json.lines[0]!);
  assert.equal([gap.channel, gap.reason, gap.from, gap.to], ["c", "trimmed", 5, first - 1]);
  assert.is(strict.code, 6);
  assert.is(strict.stdout, "");
  const kept = [...args, "--strict", "--position-file", join(temporaryFolder(t), "positions")];
  for (const time of ["first", "second"]) assert.is((await run(t, kept)).code, 6, `the ${time} time`);
});

test("sub --position-file goes on behind what was printed, however it ended", async (t) => {
  const { server, bus } = await filled(t);
  for (const data of ["d1", "d2"]) await bus.publish("d", data);
  const file = join(temporaryFolder(t), "positions");
  const args = ["sub", "c", "--from", "earliest", "--position-file", file, ...server];
  const printed = async (...more: string[]) => {
    const { code, lines } = await run(t, [...args, ...more]);
    assert.is(code, 0);
    return lines;
  };
  assert.equal(await printed("--count", "2"), ["one", "two"]);
  assert.equal(await printed("--until-caught-up", "--from", "earliest"), ["three"]);
  assert.equal(await printed("--until-caught-up"), []);
  assert.equal(await printed("d", "--until-caught-up"), ["d\td1", "d\td2"], "each channel has a position of its own");

  const running = start(t, args);
  await bus.publish("c", "four");
  await until(() => running.lines.length === 1, "it is printed", 20_000);
  running.child.kill("SIGINT");
  assert.is(await running.exit, 0);
  await bus.publish("c", "five");
  assert.equal(await printed("--count", "1"), ["five"]);

  writeFileSync(file, "not positions");
  const damaged = await run(t, args);
  assert.is(damaged.code, 1);
  assert.match(damaged.stderr, `the position file ${file}`);
  assert.is(damaged.stdout, "");
});

test("sub --position-file: killed again and again, every message is printed, in order", async (t) => {
  const { address } = await startNode(t);
  const bus = await connect(address);
  t.after(() => bus.close());
  const file = join(temporaryFolder(t), "positions");
  const args = ["sub", "c", "--from", "earliest", "--position-file", file, "--server", address];
  let published = 0;
  const timer = setInterval(() => void bus.publish("c", `${++published}`), 1);
  t.after(() => clearInterval(timer));
  let next = 1;
  for (let round = 0; round < 5; round++) {
    const running = start(t, args);
    await until(() => running.lines.length > 100, "it prints", 20_000);
    running.child.kill("SIGKILL");
    await running.exit;
    const numbers = running.lines.map(Number);
    const [first] = numbers;
    assert.ok(first! <= next, `${first} after ${next - 1}: a message was lost`);
    assert.equal(
      numbers,
      numbers.map((_, i) => first! + i),
    );
    next = numbers.at(-1)! + 1;
  }
  assert.ok(next > 300, `it came as far as ${next}`);
});

test("a reader that has seen enough is no error", async (t) => {
  const { server, bus } = await filled(t);
  await Promise.all(Array.from({ length: 20_000 }, () => bus.publish("c", "x".repeat(100))));
  const args = [
    ["sub", "c", "--from", "earliest"],
    ["history", "c", "--from", "earliest"],
  ];
  for (const command of args) {
    const running = start(t, [...command, ...server]);
    await once(running.child.stdout, "data");
    running.child.stdout.destroy();
    assert.is(await running.exit, 0);
    assert.is(running.stderr, "");
  }
});

test("sub goes on over a restart of the broker, and says so", async (t) => {
  const node = await startNode(t);
  const running = start(t, ["sub", "c", "--from", "earliest", "--count", "2", "--server", node.address]);
  const publish = async (data: string) => {
    const bus = await connect(node.address);
    await bus.publish("c", data);
    await bus.close();
  };
  await publish("before");
  await until(() => running.lines.length === 1, "the first", 20_000);
  await node.stop();
  await said(running, "disconnected");
  await node.start();
  await publish("after");
  assert.is(await running.exit, 0);
  assert.equal(running.lines, ["before", "after"]);
  assert.match(running.stderr, `connected to ${node.address}`);
});

test("history prints what is stored, and ends", async (t) => {
  const { server } = await filled(t);
  const printed = async (...args: string[]) => (await run(t, ["history", "c", ...args, ...server])).lines.join(" ");
  assert.equal(await Promise.all([printed(), printed("--from", "-1"), printed("--limit", "2")]), [
    "one two three",
    "three",
    "one two",
  ]);
  const { lines } = await run(t, ["history", "c", "--json", "--limit", "1", ...server]);
  assert.equal(
    lines.map((line) => JSON.parse(line).data),
    ["one"],
  );
  const none = await run(t, ["history", "nothing", ...server]);
  assert.equal([none.code, none.stdout], [0, ""]);
});

test("channels lists them as a table or as JSON", async (t) => {
  const { server, bus } = await filled(t);
  await bus.publish("d", "x");
  const [table, json] = await Promise.all([
    run(t, ["channels", ...server]),
    run(t, ["channels", "--json", "--prefix", "c", ...server]),
  ]);
  assert.match(table.lines[0]!, /^CHANNEL +MESSAGES/);
  assert.match(table.lines[1]!, /^c +3 +\d+ +1 +3 +0$/);
  assert.is(table.lines.length, 3);
  const [channel] = json.lines.map((line) => JSON.parse(line));
  assert.equal([json.lines.length, channel.channel, channel.messages, channel.next], [1, "c", 3, 4]);
});

test.run();
