// The throwaway Redis of the tests.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { assert, suite, type T, temporaryFolder, until } from "./harness.js";
import { freePort, startRedis } from "./redis.js";

const test = suite("throwaway redis");

/** Sends a command of plain words; answers the reply as Redis wrote it, empty if nobody listens. */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    let reply = "";
    const socket = connect(port, "127.0.0.1", () => socket.end(`${command}\r\n`));
    socket.on("error", () => {});
    socket.setEncoding("utf8").on("data", (text) => {
      reply += text;
    });
    socket.on("close", () => resolve(reply));
  });
}

test("answers at once, on loopback only, with an append-only file and no snapshots", async (t) => {
  const { port, url, pid } = await startRedis(t);
  assert.is(url, `redis://127.0.0.1:${port}`);
  assert.is(await ask(port, "PING"), "+PONG\r\n");
  const settings = { appendonly: "yes", appendfsync: "everysec", save: "", bind: "127.0.0.1" };
  for (const [name, value] of Object.entries(settings)) {
    assert.match(await ask(port, `CONFIG GET ${name}`), `\r\n${name}\r\n$${value.length}\r\n${value}\r\n`);
  }
  assert.match(await ask(port, "INFO server"), `process_id:${pid}\r\n`);
});

test("arguments of a test win", async (t) => {
  const { port } = await startRedis(t, "--appendfsync", "always", "--maxmemory", "64mb");
  assert.match(await ask(port, "CONFIG GET appendfsync"), "always");
  assert.match(await ask(port, "CONFIG GET maxmemory"), "67108864");
});

test("stop and start: the same port, folder and data, another process", async (t) => {
  const redis = await startRedis(t);
  const { port, folder, pid } = redis;
  await ask(port, "SET key value");
  await redis.stop();
  assert.is(await ask(port, "PING"), "");
  await redis.start();
  assert.equal([redis.port, redis.folder], [port, folder]);
  assert.is.not(redis.pid, pid);
  assert.match(await ask(port, "GET key"), "value");
});

test("kill leaves no process and nobody on the port; start and stop work afterwards", async (t) => {
  const redis = await startRedis(t);
  const { pid } = redis;
  await redis.kill();
  assert.throws(() => process.kill(pid, 0), /ESRCH/);
  assert.is(await ask(redis.port, "PING"), "");
  await redis.stop();
  await redis.start();
  assert.is(await ask(redis.port, "PING"), "+PONG\r\n");
});

test("two at once are two", async (t) => {
  const [a, b] = await Promise.all([startRedis(t), startRedis(t)]);
  await ask(a.port, "SET key value");
  assert.is(await ask(b.port, "EXISTS key"), ":0\r\n");
});

test("after a test nothing of it is left", async () => {
  const cleanups: (() => unknown)[] = [];
  const t: T = { after: (cleanup) => cleanups.push(cleanup), signal: AbortSignal.timeout(10_000) };
  const started = await startRedis(t);
  for (const cleanup of cleanups.reverse()) await cleanup();
  assert.is(await ask(started.port, "PING"), "");
  assert.not(existsSync(started.folder));
});

test("what keeps it from starting is told", async (t) => {
  try {
    await startRedis(t, "--no-such-directive", "1");
  } catch (error) {
    assert.match((error as Error).message, "no-such-directive");
    return;
  }
  assert.unreachable("it started");
});

test("it does not outlive a test process that is killed", async (t) => {
  const file = join(temporaryFolder(t), "inner.test.mts");
  writeFileSync(
    file,
    `import { suite } from ${JSON.stringify(new URL("harness.ts", import.meta.url).href)};
    import { startRedis } from ${JSON.stringify(new URL("redis.ts", import.meta.url).href)};
    const test = suite("inner");
    test("a", async (t) => {
      const redis = await startRedis(t);
      console.log("[" + redis.port + "]");
      await new Promise(() => {});
    });
    test.run();`,
  );
  const { REPRISE_TEST_RESULTS: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), file], {
    stdio: ["ignore", "pipe", "inherit"],
    env,
  });
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (data) => {
    output += data;
  });
  await until(() => /\[\d+\]/.test(output), "the inner test has its Redis");
  const port = Number(/\[(\d+)\]/.exec(output)![1]);
  assert.is(await ask(port, "PING"), "+PONG\r\n");
  child.kill("SIGKILL");
  await once(child, "close");
  await until(async () => (await ask(port, "PING")) === "", "its Redis is gone");
});

test("a free port is free", async () => {
  assert.is(await ask(await freePort(), "PING"), "");
});

test.run();
