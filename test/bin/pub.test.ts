// reprise pub, and what all commands share: usage, exit codes, connecting.
import { connect } from "../../src/client/index.js";
import { startNode } from "../client/node.js";
import { startProxy } from "../client/proxy.js";
import { assert, suite, until } from "../harness.js";
import { run, said, start } from "./command.js";

const test = suite("reprise pub");

async function stored(address: string, channel: string): Promise<string[]> {
  const bus = await connect(address);
  const texts: string[] = [];
  for await (const message of bus.history(channel)) texts.push(message.data.toString("latin1"));
  await bus.close();
  return texts;
}

test("publishes its argument, silently", async (t) => {
  const { address } = await startNode(t);
  const { code, stdout, stderr } = await run(t, ["pub", "c", "hello"], { env: { REPRISE_SERVER: address } });
  assert.equal([code, stdout, stderr], [0, "", ""]);
  const args = ["pub", "c", "--json", "--name", "ada", "--header", "a=1", "--header", "b=x=y", "--server", address];
  const json = await run(t, [...args, "--", "-dash"]);
  const { epoch, ...answer } = JSON.parse(json.stdout);
  assert.equal(answer, { channel: "c", offset: 2, duplicate: false });
  const bus = await connect(address);
  t.after(() => bus.close());
  for await (const message of bus.history("c", { from: 2 })) {
    assert.equal([message.epoch, message.text, message.publisher], [epoch, "-dash", "ada"]);
    assert.equal({ ...message.headers }, { a: "1", b: "x=y" });
  }
});

test("publishes 10,000 lines of standard input, and ends when they are stored", async (t) => {
  const { address } = await startNode(t);
  const lines = Array.from({ length: 10_000 }, (_, i) => `line ${i}`);
  const { code, stderr } = await run(t, ["pub", "c", "--server", address], { input: `${lines.join("\n")}\n` });
  assert.is(code, 0);
  assert.match(stderr, "10000 messages stored in c");
  assert.equal(await stored(address, "c"), lines);
});

test("--compress sends less, and stores the same", async (t) => {
  const { address } = await startNode(t);
  const proxy = await startProxy(t, address);
  const lines = Array.from({ length: 2_000 }, (_, i) => `line ${i} is like the other lines`);
  const input = `${lines.join("\n")}\n`;
  const { code } = await run(t, ["pub", "c", "--compress", "--server", proxy.address], { input });
  assert.is(code, 0);
  assert.ok(proxy.sent < input.length / 2, `${proxy.sent} bytes for ${input.length}`);
  assert.equal(await stored(address, "c"), lines);
});

test("--count publishes its argument again and again, --rate no faster than that", async (t) => {
  const { address } = await startNode(t);
  const server = ["--server", address];
  const began = performance.now();
  const { code, stderr, lines } = await run(t, ["pub", "c", "x", "--count", "3", "--rate", "10", "--json", ...server]);
  assert.ok(performance.now() - began >= 200, "two waits of 100 ms");
  assert.is(code, 0);
  assert.match(stderr, "3 messages stored in c");
  assert.equal(
    lines.map((line) => JSON.parse(line).offset),
    [1, 2, 3],
  );
  const times: number[] = [];
  const bus = await connect(address);
  t.after(() => bus.close());
  for await (const message of bus.history("c")) times.push(message.storedAt);
  for (const [i, time] of times.entries()) assert.ok(i === 0 || time - times[i - 1]! >= 50, times.join());
  const fast = await run(t, ["pub", "fast", "x", "--count", "2000", "--rate", "10000", ...server]);
  assert.is(fast.code, 0);
  assert.match(fast.stderr, /2000 messages stored in fast in (0\.[2-9]|1\.\d) s/);
});

test("--rate paces the lines of standard input, and a failure does not wait for the next", async (t) => {
  const node = await startNode(t);
  const args = ["--server", node.address, "--timeout", "5s"];
  const running = start(t, ["pub", "c", "--rate", "0.001", ...args], { input: "one\ntwo\nthree\n" });
  await until(async () => (await stored(node.address, "c")).length === 1, "the first line", 20_000);
  running.child.kill("SIGKILL");
  const slow = start(t, ["pub", "c", "--rate", "1", ...args], { input: "x\n".repeat(1_000) });
  await until(async () => (await stored(node.address, "c")).length === 2, "the first line", 20_000);
  await node.stop();
  assert.is(await slow.exit, 5);
});

test("a line is bytes: empty ones, a last one without end, \\r\\n, what is not UTF-8", async (t) => {
  const { address } = await startNode(t);
  const input = Buffer.from("\nsecond\r\n\xff\xfe\nlast", "latin1");
  assert.is((await run(t, ["pub", "c", "--server", address], { input })).code, 0);
  assert.equal(await stored(address, "c"), ["", "second", "\xff\xfe", "last"]);
});

test("a line too large ends it, by its number, with what came before stored", async (t) => {
  const { address } = await startNode(t, { limits: { maxMessageBytes: 100 } });
  for (const large of ["x".repeat(99), "x".repeat(200_000)]) {
    const { code, stderr } = await run(t, ["pub", "c", "--server", address], { input: `ok\n${large}\nnot any more\n` });
    assert.is(code, 1);
    assert.match(stderr, large.length < 100 ? "line 2: a message of 101 bytes" : "a line of more than 100 bytes");
  }
  assert.equal(
    (await stored(address, "c")).filter((line) => line === "ok"),
    ["ok", "ok"],
  );
});

test("reads standard input no faster than the broker stores", async (t) => {
  const { address } = await startNode(t);
  const proxy = await startProxy(t, address);
  const running = start(t, ["pub", "c", "--server", proxy.address, "--timeout", "1s"]);
  running.child.stdin.write("first\n");
  await until(async () => (await stored(address, "c")).length === 1, "it runs", 20_000);
  proxy.freeze();
  const line = Buffer.alloc(64 * 1024, "x").fill("\n", 65_535);
  let written = 0;
  const writing = (async () => {
    while (!running.child.stdin.destroyed && written < 500) {
      if (!running.child.stdin.write(line))
        await Promise.race([new Promise((r) => running.child.stdin.once("drain", r)), running.exit]);
      written++;
      if (running.child.exitCode !== null) return;
    }
  })();
  assert.is(await running.exit, 5, "and gives up after --timeout");
  await writing;
  assert.match(running.stderr, "no acknowledgement for 1 s");
  assert.ok(written * line.length < 8 * 1024 * 1024, `${written} lines of 64 KiB were read`);
});

test("says what is wrong with its usage, with exit code 2", async (t) => {
  const wrong = [
    [],
    ["unknown"],
    ["pub"],
    ["pub", "c", "x", "--header", "no-value"],
    ["pub", "c", "x", "--timeout", "soon"],
    ["pub", "c", "x", "y"],
    ["pub", "c", "--count", "3"],
    ["pub", "c", "x", "--rate", "0"],
    ["sub", "c", "--count", "0"],
  ];
  const results = await Promise.all(wrong.map((args) => run(t, args)));
  for (const [i, { code, stdout, stderr }] of results.entries()) {
    assert.equal([code, stdout], [2, ""], wrong[i]!.join(" "));
    assert.ok(stderr.length > 0);
  }
  const { address } = await startNode(t);
  const { code, stderr } = await run(t, ["pub", "not a channel", "x", "--server", address]);
  assert.is(code, 2);
  assert.match(stderr, "channel name");
});

test("--help and --version go to standard output", async (t) => {
  const commands = ["serve", "pub", "sub", "chat", "channels", "members", "history", "context"];
  const results = await Promise.all([[], ...commands.map((name) => [name])].map((args) => run(t, [...args, "--help"])));
  for (const { code, stdout, stderr } of results) {
    assert.equal([code, stderr], [0, ""]);
    assert.match(stdout, "Exit codes: 0 ok");
  }
  for (const name of commands) assert.match(results[0]!.stdout, name);
  const { code, stdout } = await run(t, ["--version"]);
  assert.is(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test("cannot connect: exit code 3, and one sentence", async (t) => {
  const running = start(t, ["pub", "c", "x", "--server", "127.0.0.1:1", "--timeout", "2s"]);
  await said(running, "not connected");
  assert.is(await running.exit, 3);
  assert.match(running.stderr, "cannot connect to 127.0.0.1:1 within 2 s");
  assert.not.match(running.stderr, "    at ");
});

test("waits for a broker that is about to start", async (t) => {
  const node = await startNode(t);
  await node.stop();
  const running = start(t, ["pub", "c", "x", "--server", node.address]);
  await said(running, "not connected");
  await node.start();
  assert.is(await running.exit, 0);
  assert.equal(await stored(node.address, "c"), ["x"]);
});

test.run();
