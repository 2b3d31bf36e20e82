// The progress of long imports and replays: on a terminal, and nowhere else.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { barOf } from "../../src/bin/progress.js";
import { connect } from "../../src/client/index.js";
import { startNode } from "../client/node.js";
import { assert, loader, notRun, suite, type T, temporaryFolder } from "../harness.js";
import { run } from "./command.js";

const test = suite("progress");

const root = resolve(import.meta.dirname, "../..");

/** Runs a line of shell, with its stderr on a terminal of 60 columns, and returns what the terminal got. */
async function onTerminal(t: T, command: string): Promise<string> {
  const program = `${process.execPath} --import ${loader} ${join(root, "src/bin/reprise.ts")}`;
  const script = `stty cols 60; reprise() { ${program} "$@"; }; ${command}`;
  const child = spawn("script", ["-qec", script, "/dev/null"], {
    env: { ...process.env, TERM: "xterm", XDG_CONFIG_HOME: "/nonexistent" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  const ended = Promise.race([once(child, "close"), once(child, "error").then(([error]) => Promise.reject(error))]);
  t.after(() => child.kill("SIGKILL"));
  const [code] = await ended.catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") notRun("it needs the program script, of util-linux");
    throw error;
  });
  assert.is(code, 0, shown);
  return shown;
}

/** States of the line, in order. */
const bars = (shown: string): string[] => shown.split("\r\x1b[K").filter((line) => /^[█░]{24} /.test(line));

test("a bar, and how long it will take", () => {
  const full = "█".repeat(24);
  const half = `${"█".repeat(12)}${"░".repeat(12)}`;
  assert.is(barOf({ done: 0, total: 10, detail: "x" }, 1), `${"░".repeat(24)}   0 %  x`);
  assert.is(barOf({ done: 50, total: 100, detail: "x" }, 7), `${half}  50 %  x, 7 s left`);
  assert.is(barOf({ done: 1, total: 3, detail: "x" }, 600), `${"█".repeat(8)}${"░".repeat(16)}  33 %  x, 20 min left`);
  assert.is(barOf({ done: 999, total: 1_000, detail: "x" }, 1), `${full}  99 %  x, 1 s left`);
  assert.is(barOf({ done: 12, total: 10, detail: "x" }, 1), `${full} 100 %  x`);
});

test("pub shows how much of a file, or of --count, is published", async (t) => {
  const { address } = await startNode(t);
  const file = join(temporaryFolder(t), "lines");
  writeFileSync(file, "a line of sixteen\n".repeat(40));
  const rate = `--rate 40 --server ${address}`;
  const [fromFile, counted] = await Promise.all([
    onTerminal(t, `reprise pub c ${rate} < ${file}`),
    onTerminal(t, `reprise pub d x --count 40 ${rate}`),
  ]);
  for (const shown of [fromFile, counted]) {
    assert.ok(bars(shown).length >= 2, shown);
    assert.match(bars(shown).join(), /( [1-9]\d %).* messages stored/);
    assert.ok(
      bars(shown).every((bar) => bar.split(/[\r\n]/)[0]!.length < 60),
      "no line wraps",
    );
    assert.match(shown.split("\r\x1b[K").at(-1)!, /^40 messages stored in [cd] in \d\.\d s\r\n$/, "it is taken away");
  }
});

test("pub from a pipe shows none: nobody knows how much there will be", async (t) => {
  const { address } = await startNode(t);
  const shown = await onTerminal(t, `seq 20 | reprise pub c --rate 40 --server ${address}`);
  assert.match(shown, "20 messages stored");
  assert.equal(bars(shown), []);
});

test("sub --until-caught-up and history show how much of the past was read", async (t) => {
  const { address } = await startNode(t);
  const bus = await connect(address);
  t.after(() => bus.close());
  await Promise.all(Array.from({ length: 60_000 }, (_, i) => bus.publish("c", `${i} ${"x".repeat(100)}`)));
  // A reader that takes its time, so that there is something to show.
  const reader =
    'process.stdin.on("data", () => { process.stdin.pause(); setTimeout(() => process.stdin.resume(), 10) })';
  const slowly = `| ${process.execPath} -e '${reader}'`;
  const end = (command: string) => onTerminal(t, `reprise ${command} c --from earliest --server ${address} ${slowly}`);
  for (const command of ["sub --until-caught-up", "history"]) {
    const seen = bars(await end(command));
    assert.ok(seen.length >= 2, `${command}: ${seen}`);
    const percents = seen.map((bar) => Number(/(\d+) %/.exec(bar)![1]));
    assert.equal(
      percents,
      [...percents].sort((a, b) => a - b),
    );
    assert.ok(percents[0]! < 100, `${percents}`);
  }
});

test("no bar and no colour outside a terminal", async (t) => {
  const { address } = await startNode(t);
  const args = ["pub", "c", "x", "--count", "20", "--rate", "25", "--server", address];
  const { code, stdout, stderr } = await run(t, args);
  assert.is(code, 0);
  assert.is(stdout, "");
  assert.match(stderr, /^20 messages stored in c in 0\.[789] s\n$/);
});

test.run();
