// The harness itself, by what small test files that use it print and answer.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, loader, suite, type T, temporaryFolder, until } from "./harness.js";

const test = suite("harness");

interface Ended {
  code: number | null;
  output: string;
  results: { suite: string; title: string; outcome: string; reason?: string }[];
}

/** Runs a test file whose suite is called `inner` to its end. */
async function runFile(t: T, body: string, end = "test.run();"): Promise<Ended> {
  const folder = temporaryFolder(t);
  const file = join(folder, "inner.test.mjs");
  const resultsFile = join(folder, "results");
  const harness = JSON.stringify(new URL("harness.ts", import.meta.url).href);
  const head = `import { assert, notRun, suite, temporaryFolder, until } from ${harness};\nconst test = suite("inner");\n`;
  writeFileSync(file, `${head}${body}\n${end}\n`);
  const child = spawn(process.execPath, ["--import", loader, file], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, REPRISE_TEST_RESULTS: resultsFile, FORCE_COLOR: "0" },
  });
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const lines = existsSync(resultsFile) ? readFileSync(resultsFile, "utf8").trim().split("\n") : [];
  return { code, output, results: lines.map((line) => JSON.parse(line)) };
}

const outcomes = (ended: Ended) => ended.results.map((result) => `${result.title}: ${result.outcome}`);

test("a file whose tests pass ends with 0 and reports each", async (t) => {
  const ended = await runFile(t, `test("a", () => {}); test("b", async () => { await until(() => true, "now"); });`);
  assert.is(ended.code, 0, ended.output);
  assert.equal(outcomes(ended), ["a: passed", "b: passed"]);
});

test("a failing test fails the file and not the tests after it", async (t) => {
  const ended = await runFile(t, `test("a", () => { assert.is(1, 2); }); test("b", () => {});`);
  assert.is(ended.code, 1);
  assert.equal(outcomes(ended), ["a: failed", "b: passed"]);
  assert.match(ended.output, /FAIL.*"a"/);
});

test("what is thrown need not be an Error", async (t) => {
  const ended = await runFile(t, `test("a", () => { throw undefined; }); test("b", async () => { throw "text"; });`);
  assert.is(ended.code, 1);
  assert.equal(outcomes(ended), ["a: failed", "b: failed"]);
  assert.match(ended.output, /not an Error: "text"/);
});

test("a test that hangs fails at its time limit: signal aborted, cleanups run, later tests run", async (t) => {
  const ended = await runFile(
    t,
    `test("a", (t) => {
      t.signal.addEventListener("abort", () => console.log("aborted"));
      t.after(() => console.log("cleaned up"));
      return new Promise(() => {});
    }, { timeoutMs: 50 });
    test("b", () => {});`,
  );
  assert.is(ended.code, 1);
  assert.equal(outcomes(ended), ["a: failed", "b: passed"]);
  assert.match(ended.output, "the test did not end within 50 ms");
  assert.match(ended.output, /aborted.*cleaned up/s);
});

test("cleanups run last first, after a failing test too; one that fails, fails the test and not the others", async (t) => {
  const ended = await runFile(
    t,
    `test("a", (t) => {
      t.after(() => console.log("first"));
      t.after(async () => { throw new Error("broken cleanup"); });
      t.after(() => console.log("third"));
    });
    test("b", (t) => {
      t.after(() => console.log("after the failure"));
      throw new Error("broken test");
    });`,
  );
  assert.is(ended.code, 1);
  assert.equal(outcomes(ended), ["a: failed", "b: failed"]);
  assert.match(ended.output, /third.*first.*after the failure.*broken cleanup.*broken test/s);
});

test("a test that fails and whose cleanup fails reports both", async (t) => {
  const ended = await runFile(
    t,
    `test("a", (t) => { t.after(() => { throw new Error("also this"); }); throw new Error("first this"); });`,
  );
  assert.match(ended.output, "first this");
  assert.match(ended.output, "also this");
});

for (const [what, leak, named] of [
  ["a timer", "setInterval(() => {}, 1000);", "Timeout"],
  ["a server", `(await import("node:net")).createServer().listen(0, "127.0.0.1");`, "TCPServerWrap"],
  ["a process", `(await import("node:child_process")).spawn("sleep", ["3"], { stdio: "ignore" });`, "ProcessWrap"],
  ["a pipe", `(await import("node:child_process")).spawn("sleep", ["3"]).unref();`, "PipeWrap"],
] as const) {
  test(`${what} left open fails the file, named`, async (t) => {
    const ended = await runFile(t, `test("a", async () => { ${leak} });`);
    assert.is(ended.code, 1);
    assert.equal(outcomes(ended), ["a: passed"]);
    assert.match(ended.output, new RegExp(`left open after the last test: .*${named}`));
  });
}

test("what closes shortly after the last test is no leak", async (t) => {
  const ended = await runFile(t, `test("a", () => { setTimeout(() => {}, 200); });`);
  assert.is(ended.code, 0, ended.output);
});

test("the leak check waits for the last suite of a file", async (t) => {
  const ended = await runFile(
    t,
    `let timer;
    test("a", () => { timer = setInterval(() => {}, 1000); });
    const second = suite("second");
    second("b", () => { clearInterval(timer); });`,
    "test.run(); second.run();",
  );
  assert.is(ended.code, 0, ended.output);
});

test("an unhandled rejection fails the test during which it happens", async (t) => {
  const ended = await runFile(
    t,
    `test("a", async () => { void Promise.reject(new Error("nobody cared")); });
    test("b", async () => { setTimeout(() => { throw new Error("from a timer"); }, 10); await new Promise(() => {}); });
    test("c", () => {});`,
  );
  assert.is(ended.code, 1);
  assert.equal(outcomes(ended), ["a: failed", "b: failed", "c: passed"]);
  assert.match(ended.output, "unhandledRejection: nobody cared");
  assert.match(ended.output, "uncaughtException: from a timer");
});

test("an exception outside the tests fails the file", async (t) => {
  const late = await runFile(t, `test("a", () => {});`, "test.run(); void Promise.reject(new Error('early'));");
  assert.is(late.code, 1);
  assert.match(late.output, "unhandledRejection: early");
  const atTop = await runFile(t, `test("a", () => {});`, "test.run(); throw new Error('at the top');");
  assert.is(atTop.code, 1);
  assert.match(atTop.output, "at the top");
});

test("a suite that is not run fails the file", async (t) => {
  const ended = await runFile(t, `test("a", () => {}); const second = suite("second"); second("b", () => {});`);
  assert.is(ended.code, 1);
  assert.match(ended.output, 'suite "second" was not run');
});

test("a file without tests fails", async (t) => {
  const ended = await runFile(t, "");
  assert.is(ended.code, 1);
  assert.match(ended.output, "no test was run");
});

test("a test that ends the process fails the file", async (t) => {
  const ended = await runFile(t, `test("a", () => {}); test("b", () => { process.exit(0); });`);
  assert.is(ended.code, 1);
  assert.match(ended.output, 'suite "inner" was not run to its end');
});

test("a test that cannot be run here is skipped, named, and cleaned up after", async (t) => {
  const ended = await runFile(
    t,
    `test("a", (t) => { t.after(() => console.log("cleaned up")); notRun("no wings"); }); test("b", () => {});`,
  );
  assert.is(ended.code, 0, ended.output);
  assert.equal(outcomes(ended), ["a: skipped", "b: passed"]);
  assert.match(ended.output, "cleaned up");
  assert.match(ended.output, "NOT RUN inner: a: no wings");
});

test("until rejects when its time is over, saying what it waited for", async () => {
  try {
    await until(() => false, "pigs fly", 20);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, "waited 20 ms in vain: pigs fly");
  }
});

test("a temporary folder is gone after the test", async (t) => {
  const ended = await runFile(
    t,
    `import { writeFileSync } from "node:fs";
    test("a", (t) => { const folder = temporaryFolder(t); writeFileSync(folder + "/x", ""); console.log("[" + folder + "]"); });`,
  );
  const folder = /\[(.*)\]/.exec(ended.output)?.[1];
  assert.ok(folder);
  assert.not(existsSync(folder));
});

test.run();
