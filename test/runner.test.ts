// What `npm test` prints and answers, by small folders of test files.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Redis } from "ioredis";
import { assert, suite, type T, temporaryFolder } from "./harness.js";
import { someRedis } from "./redis.js";

const test = suite("test command");

const root = resolve(import.meta.dirname, "..");
const harness = JSON.stringify(new URL("harness.ts", import.meta.url).href);
const redis = JSON.stringify(new URL("redis.ts", import.meta.url).href);
const passing = `test("passes", () => {});`;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  lastLine: string | undefined;
}

/** Runs the test command over files, each the body of a suite called `s`. */
async function runTests(
  t: T,
  files: Record<string, string>,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
  script = "scripts/test.ts",
): Promise<Ended> {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const [name, body] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const imports = `import { notRun, suite } from ${harness};\nimport { someRedis, startRedis } from ${redis};`;
    writeFileSync(join(folder, name), `${imports}\nconst test = suite("s");\n${body}\ntest.run();\n`);
  }
  const child = spawn(process.execPath, ["--import", "tsx", script, "--folder", folder, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr, lastLine: stdout.trimEnd().split("\n").at(-1) };
}

test("all pass: 0, the sum is the last line, each file with its seconds", async (t) => {
  const ended = await runTests(t, {
    "a.test.ts": `${passing} test("b", () => { console.log("said by b"); });`,
    "deep/er/b.test.ts": passing,
    "not-a-test.ts": "throw new Error();",
  });
  assert.is(ended.code, 0, ended.stdout + ended.stderr);
  assert.is(ended.lastLine, "3 passed, 0 failed");
  assert.match(ended.stdout, /ok {2}\S*a\.test\.ts {2}\d+\.\d s {2}2 passed, 0 failed\n.*said by b/s);
  assert.match(ended.stdout, /ok {2}\S*deep\/er\/b\.test\.ts {2}\d+\.\d s {2}1 passed/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with it
  assert.not.match(ended.stdout, /\x1b/);
});

test("a failing test: 1, counted and named", async (t) => {
  const ended = await runTests(t, { "a.test.ts": `${passing} test("breaks", () => { throw new Error("no"); });` });
  assert.is(ended.code, 1);
  assert.is(ended.lastLine, "1 passed, 1 failed");
  assert.match(ended.stdout, /FAILED:\n {2}\S*a\.test\.ts: s: breaks/);
});

test("a file that fails outside its tests counts as one failure", async (t) => {
  const ended = await runTests(t, {
    "crash.test.ts": `${passing} test.run(); throw new Error("at the top");`,
    "leak.test.ts": `test("leaks", () => { setInterval(() => {}, 1000); });`,
    "killed.test.ts": `${passing} test("dies", async () => { process.kill(process.pid, "SIGKILL"); await new Promise(() => {}); });`,
    "syntax.test.ts": "{",
    "plain.test.ts": "process.exit(0);",
  });
  assert.is(ended.code, 1);
  assert.match(ended.stdout, /crash\.test\.ts: the file ended with 1/);
  assert.match(ended.stdout, /leak\.test\.ts: the file ended with 1/);
  assert.match(ended.stdout, /killed\.test\.ts: the file ended with SIGKILL/);
  assert.match(ended.stdout, /syntax\.test\.ts: the file ended with 1/);
  assert.match(ended.stdout, /plain\.test\.ts: the file ended with 1/);
  // The passing ones of crash, leak and killed.
  assert.is(ended.lastLine, "3 passed, 5 failed");
});

test("a file that does not use the harness reports nothing, and fails", async (t) => {
  const ended = await runTests(t, { "a.test.ts": "process.removeAllListeners('exit'); process.exit(0);" });
  assert.match(ended.stdout, /a\.test\.ts: the file reported no test/);
  assert.is(ended.lastLine, "0 passed, 1 failed");
  assert.is(ended.code, 1);
});

test("a file that exceeds its time is killed with all it started; the others run", async (t) => {
  const ended = await runTests(
    t,
    {
      "hangs.test.ts": `${passing} test("hangs", async () => {
        const child = (await import("node:child_process")).spawn("sleep", ["60"], { stdio: "inherit" });
        console.log("[" + child.pid + "]");
        await new Promise(() => {});
      }, { timeoutMs: 60_000 });`,
      "other.test.ts": passing,
    },
    ["--timeout", "3"],
  );
  assert.is(ended.code, 1);
  assert.match(ended.stdout, /FAILED:\n {2}\S*hangs\.test\.ts: the file did not end within 3 s/);
  assert.is(ended.lastLine, "2 passed, 1 failed");
  const pid = Number(/\[(\d+)\]/.exec(ended.stdout)?.[1]);
  assert.ok(pid > 0);
  // A process that nobody reaps stays as a zombie, so the test is that its output, ours, was closed: we are here.
});

test("words choose files by their path", async (t) => {
  const files = { "one.test.ts": passing, "two.test.ts": passing, "three/four.test.ts": passing };
  const ended = await runTests(t, files, ["two", "three/"]);
  assert.is(ended.lastLine, "2 passed, 0 failed");
  assert.not.match(ended.stdout, /one\.test/);
  const none = await runTests(t, files, ["nowhere"]);
  assert.is(none.code, 1);
  assert.is(none.lastLine, "0 passed, 0 failed");
  assert.match(none.stderr, /no test file .* matches nowhere/);
});

test("without a redis-server, with REDIS_URL: tests that need their own are named as not run, others run", async (t) => {
  const { url } = await someRedis(t);
  const ended = await runTests(
    t,
    {
      "a.test.ts": `${passing}
      test("starts its own", async (t) => { await startRedis(t); });
      test("takes any", async (t) => {
        const { Redis } = await import(${JSON.stringify(import.meta.resolve("ioredis"))});
        const { url, prefix } = await someRedis(t);
        const redis = new Redis(url);
        t.after(() => redis.disconnect());
        await redis.set(prefix + "key", "value");
        console.log("[" + prefix + "]");
      });`,
    },
    [],
    { REPRISE_TEST_REDIS_SERVER: "none", REDIS_URL: url },
  );
  assert.is(ended.code, 0, ended.stdout);
  assert.match(ended.stdout, /NOT RUN:\n {2}\S*a\.test\.ts: s: starts its own: it needs a Redis of its own/);
  assert.match(ended.stderr, "are not run");
  assert.is(ended.lastLine, "2 passed, 0 failed, 1 skipped");
  const prefix = /\[(reprise-test-.*:)\]/.exec(ended.stdout)?.[1];
  assert.ok(prefix);
  const redis = new Redis(url);
  t.after(() => redis.disconnect());
  assert.is(await redis.exists(`${prefix}key`), 0, "what the test stored there is deleted after it");
});

test("if nothing could be run, that is a failure", async (t) => {
  const ended = await runTests(t, { "a.test.ts": `test("a", () => notRun("never"));` });
  assert.is(ended.code, 1);
  assert.is(ended.lastLine, "0 passed, 0 failed, 1 skipped");
});

test("without any Redis and any way to get one: one sentence that says what to install", async (t) => {
  const elsewhere = temporaryFolder(t);
  writeFileSync(join(elsewhere, "package.json"), '{ "type": "module" }');
  // A copy, because an earlier run may have fetched a Redis beside the original.
  cpSync(join(root, "scripts"), join(elsewhere, "scripts"), { recursive: true });
  const ended = await runTests(
    t,
    { "a.test.ts": passing },
    [],
    // Neither redis-server nor apt-get is on this path.
    { PATH: elsewhere, REPRISE_TEST_REDIS_SERVER: "", REDIS_URL: "" },
    join(elsewhere, "scripts/test.ts"),
  );
  assert.is(ended.code, 1);
  assert.match(ended.stderr, /^The tests need Redis .*: install redis-server .*\.\n$/);
  assert.is(ended.stdout, "");
});

test.run();
