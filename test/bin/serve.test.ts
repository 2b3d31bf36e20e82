// reprise serve: what it says, what it listens to, how it ends.
import { execFile } from "node:child_process";
import { symlinkSync } from "node:fs";
import { createConnection } from "node:net";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { freePort } from "../redis.js";
import { type CommandOptions, type Running, run, said, start } from "./command.js";

const test = suite("reprise serve");

const listening = "try it, in other terminals:";

async function serve(t: T, args: readonly string[] = [], options: CommandOptions = {}) {
  const folder = join(temporaryFolder(t), "data");
  const listen = `127.0.0.1:${await freePort()}`;
  const running = start(t, ["serve", "--listen", listen, "--buffer", `embedded:${folder}`, ...args], options);
  await said(running, listening);
  await until(() => running.stderr.includes("chat lobby"), "it has said everything");
  return { running, listen, folder };
}

const commandsOf = (running: Running): string[] =>
  running.stderr
    .slice(running.stderr.indexOf(listening))
    .split("\n")
    .filter((line) => line.startsWith("  "))
    .map((line) => line.trim());

test("says where it listens and what it keeps, and the lines it gives work from any folder", async (t) => {
  const { running, listen, folder } = await serve(t);
  for (const word of [listen, folder, "this machine only"]) assert.match(running.stderr, word);
  assert.is(running.stdout, "");
  const commands = commandsOf(running);
  assert.is(commands.length, 3);
  const [sub, pub, chat] = commands as [string, string, string];
  const cwd = temporaryFolder(t);
  const sh = (line: string) => promisify(execFile)("sh", ["-c", line], { cwd });
  await sh(pub);
  const { stdout } = await sh(`${sub} --from earliest --count 1`);
  assert.is(stdout, "hello\n");
  const talk = await sh(`${chat} </dev/null`);
  assert.match(talk.stderr, "joined lobby");
});

test("the lines are short for those who have it in their path", async (t) => {
  const bin = temporaryFolder(t);
  symlinkSync(resolve(import.meta.dirname, "../../dist/bin/reprise.js"), join(bin, "reprise"));
  const { running, listen } = await serve(t, [], { env: { PATH: `${bin}:${process.env.PATH}` } });
  assert.equal(commandsOf(running), [
    `reprise sub lobby --server ${listen}`,
    `reprise pub lobby hello --server ${listen}`,
    `reprise chat lobby --server ${listen}`,
  ]);
});

test("stops when told to, at once when told twice, and keeps what it has", async (t) => {
  const { running, listen, folder } = await serve(t);
  const server = ["--server", listen];
  assert.is((await run(t, ["pub", "c", "kept", ...server])).code, 0);
  const frozen = start(t, ["sub", "c", "--from", "earliest", ...server]);
  await until(() => frozen.lines.length === 1, "it subscribes", 20_000);
  frozen.child.kill("SIGSTOP");
  running.child.kill("SIGINT");
  await said(running, "stopping");
  running.child.kill("SIGTERM");
  assert.is(await running.exit, "SIGTERM");
  frozen.child.kill("SIGKILL");

  const again = start(t, ["serve", "--listen", listen, "--buffer", `embedded:${folder}`]);
  await said(again, listening);
  const { lines } = await run(t, ["history", "c", ...server]);
  assert.equal(lines, ["kept"]);
  again.child.kill("SIGTERM");
  assert.is(await again.exit, 0);
});

test("says what its acknowledgements mean; a level that the buffer does not give keeps it from starting (P-9)", async (t) => {
  const { running } = await serve(t, ["--fsync", "always"]);
  assert.match(running.stderr, "acknowledged is fsynced");
  const { running: less } = await serve(t, ["--fsync", "always"], { env: { REPRISE_ACK: "stored" } });
  assert.match(less.stderr, "acknowledged is stored");
  const at = ["serve", "--listen", "127.0.0.1:0", "--buffer", `embedded:${temporaryFolder(t)}`];
  const refused = await run(t, [...at, "--ack", "fsynced"]);
  assert.is(refused.code, 1);
  assert.match(refused.stderr, "--fsync always");
  const unknown = await run(t, [...at, "--ack", "replicated"]);
  assert.is(unknown.code, 2);
  assert.match(unknown.stderr, "replicated:N");
});

test("what keeps it from starting is one sentence, and exit code 1", async (t) => {
  const { listen, folder } = await serve(t);
  const other = `embedded:${join(temporaryFolder(t), "other")}`;
  const [taken, locked, redis] = await Promise.all([
    run(t, ["serve", "--listen", listen, "--buffer", other]),
    run(t, ["serve", "--listen", "127.0.0.1:0", "--buffer", `embedded:${folder}`]),
    run(t, ["serve", "--listen", "127.0.0.1:0", "--buffer", "redis://127.0.0.1:1"]),
  ]);
  assert.match(taken.stderr, "it is in use");
  assert.match(locked.stderr, "in use by process");
  assert.match(redis.stderr, "ECONNREFUSED");
  for (const { code, stderr } of [taken, locked, redis]) {
    assert.is(code, 1);
    assert.not.match(stderr, "    at ");
  }
});

test("serves health and metrics over HTTP where it is told to, until it has drained", async (t) => {
  const http = `127.0.0.1:${await freePort()}`;
  const { running, listen } = await serve(t, ["--http", http]);
  await said(running, `http://${http}/readyz`);
  assert.is((await run(t, ["pub", "c", "kept", "--server", listen])).code, 0);
  const get = (path: string) => fetch(`http://${http}${path}`);
  assert.match(await (await get("/metrics")).text(), 'reprise_published_messages_total{result="stored"} 1\n');
  assert.is((await get("/readyz")).status, 200);
  const other = `embedded:${join(temporaryFolder(t), "other")}`;
  const taken = await run(t, ["serve", "--listen", "127.0.0.1:0", "--buffer", other, "--http", http]);
  assert.is(taken.code, 1);
  assert.match(taken.stderr, `cannot listen on ${http}, it is in use`);
  running.child.kill("SIGTERM");
  assert.is(await running.exit, 0);
  await get("/livez").then(
    () => assert.unreachable("it listens still"),
    () => {},
  );
});

test("what is wrong with its options is exit code 2", async (t) => {
  const wrong = [
    ["--listen", "50051"],
    ["--listen", "localhost:99999"],
    ["--buffer", "memory"],
    ["--retain", "messages=many"],
    ["--max-message", "huge"],
    ["--limit", "seasons=4"],
    ["--limit", "messages=0"],
    ["--receive-window", "wide"],
    ["--receive-window", "1KiB"],
    ["--fsync", "sometimes"],
    ["--http", "9090"],
    ["--fsync", "no", "--buffer", "redis://127.0.0.1:1"],
  ];
  const results = await Promise.all(wrong.map((args) => run(t, ["serve", ...args])));
  for (const [i, { code, stderr }] of results.entries()) {
    assert.is(code, 2, wrong[i]!.join(" "));
    assert.not.match(stderr, "    at ");
  }
  const { code } = await run(t, ["serve"], { env: { REPRISE_RETAIN: "a messages=1; b bytes=x" } });
  assert.is(code, 2, "the variable is split at ;");
});

test("listens where the environment says, unless a flag says otherwise, and warns when others can reach it", async (t) => {
  const port = await freePort();
  const env = {
    REPRISE_LISTEN: `0.0.0.0:${port}`,
    REPRISE_INSECURE: "1",
    REPRISE_BUFFER: `embedded:${join(temporaryFolder(t), "data")}`,
    REPRISE_FSYNC: "always",
    REPRISE_RETAIN: "a.* messages=10; b age=1h",
    REPRISE_LIMIT: "sessions=50; unused=200ms",
  };
  const running = start(t, ["serve", "--max-message", "1KiB", "--receive-window", "1MiB", "--node", "me"], { env });
  await said(running, "chat lobby");
  assert.match(running.stderr, "WARNING");
  assert.match(running.stderr, "fsync always");
  assert.match(running.stderr, "node me ");
  const server = `127.0.0.1:${port}`;
  assert.match(commandsOf(running)[0]!, `--server ${server}`);
  const unused = createConnection(port, "127.0.0.1").resume();
  await new Promise((resolve) => unused.once("close", resolve));
  const large = await run(t, ["pub", "c", "x".repeat(1_100), "--server", server]);
  assert.is(large.code, 1);
  assert.match(large.stderr, "at most 1024 are allowed");
  const [flag] = await Promise.all([
    run(t, ["serve", "--listen", "nowhere"], { env: { REPRISE_LISTEN: "127.0.0.1:0" } }),
  ]);
  assert.is(flag.code, 2);
});

test.run();
