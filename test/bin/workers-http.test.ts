// reprise serve --workers --http: one port that answers for all of them.
import { readFileSync } from "node:fs";
import { type Bus, connect } from "../../src/client/index.js";
import { scrape } from "../gateway/scrape.js";
import { assert, suite, type T, until } from "../harness.js";
import { someRedis, watch } from "../redis.js";
import { run, said, start } from "./command.js";

const test = suite("reprise serve --workers --http");

interface WorkerState {
  worker: number;
  answers: boolean;
  ready?: boolean;
  node?: string;
  checks?: { name: string; ok: boolean }[];
}

async function readyz(url: string): Promise<{ status: number; ready: boolean; workers: WorkerState[] }> {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, ...((await response.json()) as { ready: boolean; workers: WorkerState[] }) };
}

async function serve(t: T) {
  const { url: buffer } = await someRedis(t);
  const listen = ["--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--node", "east"];
  const running = start(t, ["serve", "--workers", "2", "--no-balance", "--buffer", buffer, ...listen]);
  const watchdog = watch(running.child);
  t.after(() => watchdog.stop());
  await said(running, "health and metrics:");
  const address = /listens on (\S+)/.exec(running.stderr)![1]!;
  const url = /health and metrics: (http:\/\/[^/]+)/.exec(running.stderr)![1]!;
  const { pid } = running.child;
  const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  assert.is(workers.length, 2);
  return { running, address, url, workers };
}

async function clients(t: T, address: string, count: number): Promise<Bus[]> {
  const buses: Bus[] = [];
  for (let i = 0; i < count; i++) {
    const bus = await connect(address);
    t.after(() => bus.close({ timeoutMs: 0 }));
    buses.push(bus);
  }
  return buses;
}

test("sessions and messages of all add up; all are ready; the port stays until they have drained", async (t) => {
  const { running, address, url } = await serve(t);
  const buses = await clients(t, address, 4);
  await Promise.all(buses.map((bus, i) => bus.publish(`c${i}`, "x")));
  const { value, text } = await scrape(url);
  assert.is(value("reprise_sessions", { method: "Connect" }), 4);
  assert.is(value("reprise_published_messages_total", { result: "stored" }), 4);
  assert.is(value("reprise_workers", { state: "answering" }), 2);
  assert.is(value("reprise_workers", { state: "silent" }), 0);
  assert.is(value("reprise_ready"), 1);
  assert.ok(value("process_resident_memory_bytes")! > 0);
  assert.not.match(text, /null|NaN/);
  assert.is(await (await fetch(`${url}/livez`)).text(), "ok\n");
  const { status, ready, workers } = await readyz(url);
  assert.equal([status, ready], [200, true]);
  assert.equal(
    workers.map(({ worker, answers, ready, node }) => [worker, answers, ready, node]),
    [
      [1, true, true, "east/1"],
      [2, true, true, "east/2"],
    ],
  );
  assert.equal(
    workers[1]!.checks!.map(({ name }) => name),
    ["accepting", "publishing", "following"],
  );
  for (const bus of buses) await bus.close();
  running.child.kill("SIGTERM");
  assert.is(await running.exit, 0);
  assert.is(
    await fetch(`${url}/livez`).then(
      () => "open",
      () => "closed",
    ),
    "closed",
  );
});

test("a worker that hangs, or dies, hides nobody; counters never become less", async (t) => {
  const { address, url, workers } = await serve(t);
  const buses = await clients(t, address, 4);
  await Promise.all(buses.map((bus, i) => bus.publish(`c${i}`, "x")));
  const stored = async () => {
    const { value } = await scrape(url);
    return {
      stored: value("reprise_published_messages_total", { result: "stored" }),
      silent: value("reprise_workers", { state: "silent" }),
      sessions: value("reprise_sessions", { method: "Connect" }),
    };
  };
  assert.equal(await stored(), { stored: 4, silent: 0, sessions: 4 });
  process.kill(workers[1]!, "SIGSTOP");
  t.after(() => {
    try {
      process.kill(workers[1]!, "SIGKILL");
    } catch {
      // It has died as it should.
    }
  });
  assert.equal(await stored(), { stored: 4, silent: 1, sessions: 2 });
  const frozen = await readyz(url);
  assert.equal([frozen.status, frozen.ready], [200, true]);
  assert.equal(
    frozen.workers.map(({ answers }) => answers),
    [true, false],
  );
  process.kill(workers[0]!, "SIGSTOP");
  const both = await readyz(url);
  process.kill(workers[0]!, "SIGCONT");
  assert.equal([both.status, both.ready], [503, false]);
  process.kill(workers[1]!, "SIGKILL");
  await until(async () => (await stored()).silent === 0, "another one has taken its place", 20_000);
  assert.is((await stored()).stored, 4);
});

test("a port that is taken is said once, and nothing stays", async (t) => {
  const { url } = await serve(t);
  const { url: buffer } = await someRedis(t);
  const args = ["--listen", "127.0.0.1:0", "--http", url.slice("http://".length), "--buffer", buffer];
  const { code, stderr } = await run(t, ["serve", "--workers", "2", ...args]);
  assert.is(code, 1);
  assert.is(stderr.match(/^reprise: .*is in use/gm)?.length, 1, stderr);
});

test.run();
