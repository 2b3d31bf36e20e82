// The examples do what they say, each in less than 40 lines.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { assert, suite, type T, until } from "../harness.js";
import { startNode } from "./node.js";

const test = suite("examples");

const folder = resolve(import.meta.dirname, "../../examples");

function start(t: T, name: string, args: readonly string[]) {
  const loader = ["--import", import.meta.resolve("tsx")];
  const child: ChildProcess = spawn(process.execPath, [...loader, resolve(folder, name), ...args]);
  const output = { text: "" };
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output.text += text;
    });
  }
  const exit = once(child, "close").then(([code]) => code as number | null);
  t.after(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  const shows = (text: string) =>
    until(() => output.text.includes(text), `${name} shows ${text}: ${output.text}`, 20_000);
  return { child, output, exit, shows };
}

test("are short", () => {
  for (const name of readdirSync(folder)) {
    const lines = readFileSync(resolve(folder, name), "utf8").trimEnd().split("\n");
    assert.ok(lines.length < 40, `${name} has ${lines.length} lines`);
  }
});

test("chat: two talk, over a restart of the broker", async (t) => {
  const node = await startNode(t);
  const [ada, bob] = [start(t, "chat.ts", ["ada", node.address]), start(t, "chat.ts", ["bob", node.address])];
  ada.child.stdin!.write("hello\n");
  await bob.shows("ada: hello");
  await node.stop();
  await ada.shows("(reconnecting)");
  ada.child.stdin!.write("still there?\n");
  await node.start();
  await bob.shows("ada: still there?");
  bob.child.stdin!.end("bye\n");
  assert.is(await bob.exit, 0);
  await ada.shows("bob: bye");
  ada.child.stdin!.end();
  assert.is(await ada.exit, 0);
  assert.not.match(ada.output.text, "ada:");
});

test("monitor: all reports of all workers arrive", async (t) => {
  const node = await startNode(t);
  const { exit, output } = start(t, "monitor.ts", ["3", "5", node.address]);
  assert.is(await exit, 0);
  const reports = [...output.text.matchAll(/^worker (\d+): report (\d)/gm)];
  assert.is(reports.length, 15);
  for (const pid of new Set(reports.map(([, worker]) => worker))) {
    const own = reports.filter(([, worker]) => worker === pid).map(([, , report]) => report);
    assert.equal(own.join(""), "12345");
  }
});

test.run();
