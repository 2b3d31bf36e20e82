// reprise chat: over pipes and on a terminal, over a broker that is killed and started again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { connect } from "../../src/client/index.js";
import { startNode } from "../client/node.js";
import { assert, loader, notRun, suite, type T, temporaryFolder, until } from "../harness.js";
import { freePort } from "../redis.js";
import { type Running, run, said, start } from "./command.js";

const test = suite("reprise chat");

async function enter(t: T, name: string, server: string): Promise<Running> {
  const running = start(t, ["chat", "--name", name, "--server", server]);
  await said(running, "joined lobby");
  return running;
}

const type = (chat: Running, ...lines: string[]) => chat.child.stdin.write(lines.map((line) => `${line}\n`).join(""));

const sees = (chat: Running, ...lines: string[]) =>
  until(() => chat.lines.length >= lines.length, `${lines.length} lines; it saw ${chat.stdout}`, 20_000).then(() =>
    assert.equal(chat.lines, lines),
  );

test("who said what, what was said before, and nobody sees their own lines twice", async (t) => {
  const { address } = await startNode(t);
  const ada = await enter(t, "ada", address);
  type(ada, "hello", "", "is anybody there?");
  await until(() => ada.child.stdin.writableLength === 0, "it is typed");
  const bus = await connect(address);
  t.after(() => bus.close());
  await until(async () => (await bus.channel("lobby").catch(() => ({ next: 0 }))).next === 3, "it is stored");
  const bob = await enter(t, "bob", address);
  await sees(bob, "ada: hello", "ada: is anybody there?");
  type(bob, "yes");
  await sees(ada, "bob: yes");
  await bus.publish("lobby", "\x1b[2Jno name, no tricks");
  await sees(ada, "bob: yes", "anonymous: �[2Jno name, no tricks");
  ada.child.stdin.end("bye\n");
  assert.is(await ada.exit, 0);
  await sees(bob, "ada: hello", "ada: is anybody there?", "anonymous: �[2Jno name, no tricks", "ada: bye");
  bob.child.kill("SIGINT");
  assert.is(await bob.exit, 0);
});

test(
  "kill -9 of the broker, and lines typed while it is away: nothing lost, nothing twice",
  async (t) => {
    const listen = `127.0.0.1:${await freePort()}`;
    const buffer = `embedded:${join(temporaryFolder(t), "data")}`;
    const serve = async () => {
      const broker = start(t, ["serve", "--listen", listen, "--buffer", buffer, "--fsync", "always"]);
      await said(broker, "chat lobby");
      return broker;
    };
    const broker = await serve();
    const [ada, bob] = [await enter(t, "ada", listen), await enter(t, "bob", listen)];
    const spoken: string[] = [];
    const say = (text: string) => {
      spoken.push(`ada: ${text}`);
      type(ada, text);
    };
    for (let i = 0; i < 50; i++) say(`before ${i}`);
    await until(() => bob.lines.length > 0, "the first lines arrive");
    broker.child.kill("SIGKILL");
    for (let i = 0; i < 50; i++) say(`while it dies ${i}`);
    await said(ada, "disconnected");
    await said(bob, "disconnected");
    for (let i = 0; i < 50; i++) say(`while it is away ${i}`);
    type(bob, "hello?");
    await serve();
    for (let i = 0; i < 50; i++) say(`after ${i}`);
    await sees(bob, ...spoken);
    await sees(ada, "bob: hello?");
    const { lines } = await run(t, ["history", "lobby", "--from", "earliest", "--server", listen]);
    assert.equal(
      lines.filter((line) => line !== "hello?").map((line) => `ada: ${line}`),
      spoken,
    );
    assert.is(lines.length, spoken.length + 1);
    assert.not.match(bob.stderr, "missed");
  },
  { timeoutMs: 60_000 },
);

test("says when messages were missed", async (t) => {
  const node = await startNode(t, { retain: ["messages=10"] });
  const ada = await enter(t, "ada", node.address);
  const bus = await connect(node.address);
  t.after(() => bus.close());
  await bus.publish("lobby", "first");
  await sees(ada, "anonymous: first");
  ada.child.kill("SIGSTOP");
  // More than the node keeps in memory for those who are a little behind.
  for (let i = 0; i < 400; i += 10) {
    await Promise.all(Array.from({ length: 10 }, () => bus.publish("lobby", "x".repeat(100_000))));
  }
  ada.child.kill("SIGCONT");
  await said(ada, "messages were missed: lobby: messages");
});

test("leaving while the broker is away ends in time, and tells what was not sent", async (t) => {
  const node = await startNode(t);
  const ada = await enter(t, "ada", node.address);
  await node.stop();
  await said(ada, "disconnected");
  ada.child.stdin.end("nobody will know\n");
  assert.is(await ada.exit, 1);
  assert.match(ada.stderr, "not sent: nobody will know");
});

test("on a terminal what others say leaves the line being typed alone", async (t) => {
  const { address } = await startNode(t);
  const program = resolve(import.meta.dirname, "../../src/bin/reprise.ts");
  const words = [process.execPath, "--import", loader, program, "chat", "--name", "ada", "--server", address];
  const line = words.map((word) => `'${word}'`).join(" ");
  // util-linux: runs a command on a terminal of its own.
  const terminal = spawn("script", ["-qec", line, "/dev/null"], { env: { ...process.env, TERM: "xterm" } });
  const error = await Promise.race([once(terminal, "error"), once(terminal, "spawn").then(() => undefined)]);
  if (error !== undefined) notRun("there is no script(1)");
  let screen = "";
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
  });
  const closed = once(terminal, "close");
  t.after(async () => {
    terminal.kill("SIGKILL");
    await closed;
  });
  const shows = (text: string) => until(() => screen.includes(text), `the screen shows ${text}: ${screen}`, 20_000);
  await shows("joined lobby");
  terminal.stdin.write("half a li");
  await shows("half a li");
  const bus = await connect(address, { name: "bob" });
  t.after(() => bus.close());
  screen = "";
  await bus.publish("lobby", "interrupting");
  await shows("bob: interrupting");
  await shows("half a li");
  assert.ok(screen.indexOf("interrupting") < screen.lastIndexOf("ada> half a li"), "it is put back below");
  terminal.stdin.write("ne\r");
  const texts: string[] = [];
  for await (const message of bus.subscribe("lobby", { from: "earliest" })) if (texts.push(message.text) === 2) break;
  assert.equal(texts, ["interrupting", "half a line"]);
  terminal.stdin.write("\x04");
  const [code] = await closed;
  assert.is(code, 0);
});

test.run();
