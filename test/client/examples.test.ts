// The examples do what they say, each in less than 40 lines.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { connect } from "../../src/client/index.js";
import { assert, loader, suite, type T, temporaryFolder, until } from "../harness.js";
import { startNode } from "./node.js";

const test = suite("examples");

const folder = resolve(import.meta.dirname, "../../examples");

function start(t: T, name: string, args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, ["--import", loader, resolve(folder, name), ...args]);
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

test("job: its progress is there for whoever comes late, over a restart of the broker", async (t) => {
  const node = await startNode(t);
  const watch = start(t, "job.ts", ["watch", "nightly", node.address]);
  const run = start(t, "job.ts", ["run", "nightly", node.address]);
  await watch.shows(" %\n");
  await node.stop();
  await node.start();
  const late = start(t, "job.ts", ["watch", "nightly", node.address]);
  assert.equal(await Promise.all([run.exit, watch.exit, late.exit]), [0, 0, 0]);
  const percents = (text: string) => [...text.matchAll(/^nightly \(run \d+\): (\d+) %$/gm)].map(([, n]) => Number(n));
  // It may have come after the first report, and saw all that followed.
  const [seenFirst] = percents(watch.output.text);
  assert.equal(
    percents(watch.output.text),
    Array.from({ length: 20 }, (_, i) => 5 * (i + 1)).filter((percent) => percent >= seenFirst!),
  );
  assert.is(percents(late.output.text).at(-1), 100);
  const after = start(t, "job.ts", ["watch", "nightly", node.address]);
  assert.is(await after.exit, 0);
  assert.equal(percents(after.output.text), [100]);
});

test("resume: killed again and again, it processes every order, and at most one of them again", async (t) => {
  const node = await startNode(t);
  const bus = await connect(node.address);
  t.after(() => bus.close());
  const position = join(temporaryFolder(t), "position");
  let published = 0;
  const timer = setInterval(() => void bus.publish("orders", `order ${++published}`), 2);
  t.after(() => clearInterval(timer));
  let processed = 0;
  for (let crash = 0; crash < 4; crash++) {
    const running = start(t, "resume.ts", [position, node.address]);
    await running.shows(`${processed + 20}: order ${processed + 20}\n`);
    running.child.kill("SIGKILL");
    await running.exit;
    const offsets = running.output.text.match(/^\d+(?=: order \d+$)/gm)!.map(Number);
    const [first] = offsets;
    assert.ok(first === processed || first === processed + 1, `order ${first} after ${processed}`);
    assert.equal(
      offsets,
      offsets.map((_, i) => first! + i),
    );
    processed = offsets.at(-1)!;
  }
  const last = start(t, "resume.ts", [position, node.address]);
  await last.shows(`: order ${processed + 1}\n`);
  last.child.kill("SIGTERM");
  assert.is(await last.exit, 0);
});

test("the README names them all", () => {
  const readme = readFileSync(resolve(folder, "../README.md"), "utf8");
  for (const name of readdirSync(folder)) assert.match(readme, `(examples/${name})`);
});

test.run();
