// The torture run itself, in its shortest form, over a Redis and over an embedded buffer at once: that it comes to its end and finds nothing,
// that it finds what is missing, and that it leaves nothing behind.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ways } from "../../torture/roles.js";
import { assert, loader, notRun, suite, type T, temporaryFolder, until } from "../harness.js";
import { watch } from "../redis.js";

const test = suite("a short torture run");

const program = (name: string) => resolve(import.meta.dirname, "../../torture", name);
const size = ["--nodes", "2", "--publishers", "2", "--channels", "3"];
const only = (...faults: string[]) => faults.flatMap((name) => ["--only", name]);
/** The seeds are such that all calls that publish are used. */
const buffers: Record<string, string[]> = {
  redis: ["--seed", "3", ...only("node killed", "redis killed", "answers lost", "subscriber killed")],
  embedded: ["--buffer", "embedded", "--seed", "2", ...only("node killed", "answers lost", "publisher killed")],
};

interface Program {
  child: ChildProcess;
  said(): string;
  closed: Promise<unknown>;
}

/** Ends with the test, and with this process. */
function start(t: T, name: string, ...args: string[]): Program {
  if (process.env.REPRISE_TEST_REDIS_SERVER === "none") notRun("it needs a Redis of its own");
  const command = ["--import", loader, program(name), ...args];
  const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
  const watchdog = watch(child);
  let text = "";
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
  }
  const closed = once(child, "close");
  t.after(async () => {
    child.kill("SIGKILL");
    await closed;
    await watchdog.stop();
  });
  return { child, closed, said: () => text };
}

/** Without one line that gives messages: the second of those of its channel that are followed by another. */
function withoutDelivery(log: string): string {
  const lines = log.split("\n");
  const got = lines.flatMap((line, i) => (line.includes('"kind":"got"') ? [{ ...JSON.parse(line), i }] : []));
  const channel = got.find(({ channel }) => got.filter((other) => other.channel === channel).length > 3)?.channel;
  assert.ok(channel !== undefined, "some channel has several deliveries");
  const [, second] = got.filter((line) => line.channel === channel);
  return lines.toSpliced(second!.i, 1).join("\n");
}

async function runOver(t: T, folder: string, ...args: string[]): Promise<void> {
  const run = start(t, "main.ts", "--minutes", "0.15", "--every", "2", ...size, ...args, "--folder", folder);
  await run.closed;
  assert.is(run.child.exitCode, 0, run.said());
  const last = run.said().trim().split("\n").at(-1)!;
  const [, sent, faults] = /^CLEAN: (\d+) sent by .* (\d+) faults(?:, \d+ more hit nobody)?$/.exec(last) ?? [];
  assert.ok(Number(sent) > 50 && Number(faults) > 0, run.said());
}

/** The calls that publish without the client library, of which there is something in these logs. */
const waysIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => /^publisher-([a-zA-Z]+)\.1\.jsonl$/.exec(name)?.[1] ?? []);

test(
  "it is clean over each buffer, and its report is one page; without one delivery in its logs it is not (P-16, P-17)",
  async (t) => {
    const folders = new Map(Object.keys(buffers).map((name) => [name, temporaryFolder(t)]));
    await Promise.all([...folders].map(([name, folder]) => runOver(t, folder, ...buffers[name]!)));
    assert.equal([...new Set([...folders.values()].flatMap(waysIn))].sort(), [...ways].sort());
    const folder = folders.get("redis")!;
    const page = readFileSync(join(folder, "report.html"), "utf8");
    assert.match(page, /<svg.*--seed 3|--seed 3.*<svg/s);
    assert.not.match(page, /<script|<link|<img|src=|url\(/);

    const spoilt = temporaryFolder(t);
    cpSync(folder, spoilt, { recursive: true });
    const log = join(spoilt, "subscriber-earliest.1.jsonl");
    writeFileSync(log, withoutDelivery(readFileSync(log, "utf8")));
    const checker = start(t, "check.ts", spoilt);
    await checker.closed;
    assert.is(checker.child.exitCode, 1, checker.said());
    assert.match(checker.said(), /^VIOLATIONS: .*lost-middle 1/m);
  },
  { timeoutMs: 280_000 },
);

interface Process {
  pid: number;
  command: string;
}

/** All that descend from this process. */
function descendants(pid: number): Process[] {
  const all = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8", maxBuffer: 1e8 })
    .trim()
    .split("\n")
    .map((line) => {
      const [, pid, of, command = ""] = /^ *(\d+) +(\d+) +(.*)$/.exec(line) ?? [];
      return { pid: Number(pid), of: Number(of), command };
    });
  const below = (parent: number): Process[] =>
    all.filter(({ of }) => of === parent).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid);
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test(
  "that a node ends by itself is in its log; killed in the middle of it, it leaves no process behind",
  async (t) => {
    const folder = temporaryFolder(t);
    const run = start(t, "main.ts", "--minutes", "5", "--seed", "3", ...size, "--folder", folder);
    const runs = () => existsSync(join(folder, "subscriber-live.1.jsonl")) || run.child.exitCode !== null;
    await until(runs, "players run", 120_000);
    const node = descendants(run.child.pid!).find(({ command }) => command.includes("--node node-2"));
    assert.ok(node !== undefined, run.said());
    process.kill(node.pid, "SIGKILL");
    const exit = '"kind":"exit","process":"node-2","how":"SIGKILL"';
    await until(
      () => readFileSync(join(folder, "harness.jsonl"), "utf8").includes(exit),
      "its end is put down",
      60_000,
    );
    const all = descendants(run.child.pid!);
    assert.ok(all.length > 8, run.said());
    run.child.kill("SIGKILL");
    await run.closed;
    await until(() => !all.some(({ pid }) => isAlive(pid)), "all that it started has ended", 60_000);
  },
  { timeoutMs: 200_000 },
);

test.run();
