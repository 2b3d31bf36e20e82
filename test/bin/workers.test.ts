// reprise serve --workers: several processes behind one listening socket.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { type Bus, connect } from "../../src/client/index.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { freePort, someRedis, startRedis, watch } from "../redis.js";
import { type Running, run, said, start } from "./command.js";

const test = suite("reprise serve --workers");

interface Process {
  running: Running;
  address: string;
}

async function serve(t: T, buffer: string, ...args: string[]): Promise<Process> {
  const running = start(t, ["serve", "--listen", "127.0.0.1:0", "--buffer", buffer, ...args]);
  const watchdog = watch(running.child);
  t.after(() => watchdog.stop());
  await said(running, "try it, in other terminals:");
  return { running, address: /listens on (\S+)/.exec(running.stderr)![1]! };
}

/** The processes that this one has started and that live. */
function workersOf({ child }: Running): number[] {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
  return children.trim().split(" ").filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function clients(t: T, address: string, count: number): Promise<Bus[]> {
  const buses: Bus[] = [];
  for (let i = 0; i < count; i++) {
    const bus = await connect(address, { name: `client ${i}` });
    t.after(() => bus.close({ timeoutMs: 0 }));
    buses.push(bus);
  }
  return buses;
}

/** Sessions by the node that they are on. */
function spreadOf(buses: readonly Bus[]): Record<string, number> {
  const spread: Record<string, number> = {};
  for (const { state } of buses) {
    if (state.kind === "connected") spread[state.node] = (spread[state.node] ?? 0) + 1;
  }
  return spread;
}

const occurrences = (text: string, part: RegExp): number => [...text.matchAll(new RegExp(part, "g"))].length;

test("are nodes at one address, which get the same number of sessions; what is on one is on all", async (t) => {
  const { url } = await someRedis(t);
  const { running, address } = await serve(t, url, "--workers", "3", "--node", "east");
  assert.is(occurrences(running.stderr, /listens on/), 1);
  assert.match(running.stderr, `node east listens on ${address} with 3 workers\n`);
  assert.is(workersOf(running).length, 3);
  const buses = await clients(t, address, 9);
  assert.equal(spreadOf(buses), { "east/1": 3, "east/2": 3, "east/3": 3 });
  await until(
    async () => (await buses[0]!.nodes()).every(({ sessions }) => sessions >= 3),
    "all nodes have announced it",
  );
  const nodes = await buses[0]!.nodes();
  assert.equal(
    nodes.map(({ node, address }) => [node, address]),
    ["east/1", "east/2", "east/3"].map((node) => [node, address]),
  );
  const [first, second, third] = buses as [Bus, Bus, Bus];
  const presence = second.presence("c");
  await presence.ready;
  await Promise.all([first.enter("c"), third.enter("c")]);
  await until(() => presence.members.size === 2, "members of other workers are seen");
  assert.equal((await second.members("c")).map(({ name }) => name).sort(), ["client 0", "client 2"]);
  const told = buses.map((bus) => bus.subscribe("c", { from: "earliest" }));
  for (const [i, bus] of buses.entries()) await bus.publish("c", `${i}`);
  for (const subscription of told) {
    const texts: string[] = [];
    for await (const { text } of subscription) if (texts.push(text) === buses.length) break;
    assert.equal(texts, ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
  }
});

test("one that dies is replaced, its peers go on at the others; the address stays", async (t) => {
  const { url } = await someRedis(t);
  const { running, address } = await serve(t, url, "--workers", "2", "--node", "east");
  const buses = await clients(t, address, 4);
  const [one] = workersOf(running);
  process.kill(one!, "SIGKILL");
  await until(() => Object.values(spreadOf(buses)).join() === "4", "all are at the other one");
  await until(() => workersOf(running).length === 2, "there is another one");
  assert.is(occurrences(running.stderr, /worker \d has ended \(SIGKILL\); another one starts in 0.1 s/), 1);
  // All at once: nobody has the socket for a moment.
  const before = workersOf(running);
  for (const pid of before) process.kill(pid, "SIGKILL");
  await until(() => workersOf(running).filter((pid) => !before.includes(pid)).length === 2, "there are others");
  await until(() => buses.every(({ state }) => state.kind === "connected"), "all are connected again", 20_000);
  assert.equal([...new Set((await buses[0]!.nodes()).map(({ node }) => node))], ["east/1", "east/2"]);
});

test("a stop drains them all, to other processes and not to each other; nobody is told of anything", async (t) => {
  const { url } = await someRedis(t);
  const args = ["--workers", "2", "--drain-window", "600ms", "--no-balance"];
  const [leaving, other] = [await serve(t, url, ...args), await serve(t, url, ...args)];
  const subs = Array.from({ length: 4 }, () =>
    start(t, ["sub", "c", "--from", "earliest", "--server", leaving.address]),
  );
  assert.is((await run(t, ["pub", "c", "1", "--server", leaving.address])).code, 0);
  await until(() => subs.every(({ lines }) => lines.length > 0), "they are subscribed", 20_000);
  const workers = workersOf(leaving.running);
  // As a terminal does it: to all processes.
  for (const pid of [leaving.running.child.pid!, ...workers]) process.kill(pid, "SIGINT");
  assert.is(await leaving.running.exit, 0);
  assert.match(
    leaving.running.stderr,
    /stopping \(again to stop at once\)\n[\d:]+ drained: 4 sessions moved in \d\.\d s\n$/,
  );
  assert.equal(workers.filter(isAlive), []);
  assert.is((await run(t, ["pub", "c", "2", "--server", other.address])).code, 0);
  await until(() => subs.every(({ lines }) => lines.length === 2), "they go on at the other process");
  for (const { stderr } of subs) assert.not.match(stderr, "connected");

  // From elsewhere, with nowhere to go.
  const drained = await run(t, ["drain", "--server", other.address]);
  assert.is(drained.code, 0, drained.stderr);
  assert.match(drained.stdout, /^drained: 4 sessions moved in \d\.\d s\n$/);
  assert.is(await other.running.exit, 0);
  assert.match(other.running.stderr, /drained: 4 sessions moved in \d\.\d s\n$/);
});

test("a second signal stops them at once", async (t) => {
  const { url } = await someRedis(t);
  const { running, address } = await serve(t, url, "--workers", "2");
  const frozen = start(t, ["sub", "c", "--from", "earliest", "--server", address]);
  const bus = await connect(address);
  t.after(() => bus.close({ timeoutMs: 0 }));
  await bus.publish("c", "1");
  await until(() => frozen.lines.length === 1, "it subscribes", 20_000);
  frozen.child.kill("SIGSTOP");
  const workers = workersOf(running);
  running.child.kill("SIGINT");
  await said(running, "stopping");
  running.child.kill("SIGTERM");
  assert.is(await running.exit, "SIGTERM");
  await until(() => !workers.some(isAlive), "no worker is left", 3_000);
});

test("no worker outlives the first process; their peers are told to go", async (t) => {
  const { url } = await someRedis(t);
  const { running, address } = await serve(t, url, "--workers", "2");
  const buses = await clients(t, address, 4);
  const told = buses.map((bus) => {
    const kinds: string[] = [];
    bus.onState(({ kind }) => kinds.push(kind));
    return kinds;
  });
  const workers = workersOf(running);
  assert.is(workers.length, 2);
  running.child.kill("SIGKILL");
  await until(() => !workers.some(isAlive), "no worker is left");
  await until(() => told.every((kinds) => kinds[0] !== undefined), "they have heard of it");
  for (const kinds of told) assert.is(kinds[0], "draining");
});

test("what keeps one from starting is said once, as without workers", async (t) => {
  const taken = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => taken.listen(port, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => taken.close(resolve)));
  const { url } = await someRedis(t);
  const away = `redis://127.0.0.1:${await freePort()}`;
  const listen = ["serve", "--workers", "3", "--listen"];
  const embedded = ["--buffer", `embedded:${temporaryFolder(t)}`];
  const [inUse, noRedis, alone, folder, wrong, none] = await Promise.all([
    run(t, [...listen, `127.0.0.1:${port}`, "--buffer", url]),
    run(t, [...listen, "127.0.0.1:0", "--buffer", away]),
    run(t, ["serve", "--listen", "127.0.0.1:0", "--buffer", away]),
    run(t, [...listen, "127.0.0.1:0", ...embedded]),
    run(t, ["serve", "--workers", "0"]),
    run(t, [...listen, "127.0.0.1:0", "--buffer", url, "--ack", "unheard-of"]),
  ]);
  assert.equal([inUse.code, noRedis.code, folder.code, wrong.code, none.code], [1, alone.code, 2, 2, 2]);
  assert.is(occurrences(inUse.stderr, /it is in use: stop the process that listens there/), 1);
  const byWorker = noRedis.stderr.replaceAll(" worker=1", "");
  assert.is(byWorker.replaceAll(/\d+/g, "N"), alone.stderr.replaceAll(/\d+/g, "N"));
  assert.match(folder.stderr, "--workers 3 needs a buffer that processes can share");
  assert.match(wrong.stderr, "from 1 to 256, or auto");
  for (const { stderr } of [inUse, noRedis, folder, none]) {
    assert.is(stderr.split("\n").filter((line) => line.startsWith("reprise: ")).length, 1, stderr);
  }
});

test("while the store is away a worker that died is tried again, with longer pauses, and comes back with it", async (t) => {
  const redis = await startRedis(t);
  const { running, address } = await serve(t, redis.url, "--workers", "2");
  await redis.kill();
  process.kill(workersOf(running)[0]!, "SIGKILL");
  await said(running, "another one starts in 0.2 s");
  await redis.start();
  await until(() => workersOf(running).length === 2, "there is another one");
  const buses = await clients(t, address, 2);
  await until(async () => (await buses[0]!.nodes()).length === 2, "both are nodes", 20_000);
});

test("auto: one for each core, and one with a folder of its own", async (t) => {
  const { running } = await serve(t, `embedded:${temporaryFolder(t)}`, "--workers", "auto");
  assert.equal(workersOf(running), []);
  running.child.kill("SIGTERM");
  assert.is(await running.exit, 0);
});

test.run();
