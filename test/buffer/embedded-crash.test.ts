// Processes that are killed, and processes that want the same folder.
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { currentEpoch, head, resume } from "../../src/wire/position.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { rejects, store } from "./contract/open.js";
import { start } from "./embedded/child.js";
import { copyFolder, open } from "./embedded/folder.js";
import { follow } from "./follower.js";
import { readLog, stateOf } from "./log.js";
import { contents, run, texts } from "./run.js";

const test = suite("embedded: crashes and locks");

/** Kills a process in the middle of its appends, five times, and looks each time for everything it was answered. */
async function killAndReopen(t: T, fsync: "always" | "everysec"): Promise<void> {
  const folder = temporaryFolder(t);
  /** What was answered: by channel, `epoch offset content`. */
  const answered = new Map<string, Set<string>>(["a", "b", "c"].map((channel) => [channel, new Set()]));
  for (let round = 1; round <= 5; round++) {
    const child = start(t, "appender.ts", folder, fsync, String(round));
    await child.prints(200 + Math.floor(Math.random() * 3_000));
    await child.kill();
    // The first line is not a message, and the last one may have been cut off.
    for (const line of child.lines.slice(1, -1)) {
      const space = line.indexOf(" ");
      answered.get(line.slice(0, space))!.add(line.slice(space + 1));
    }
    const buffer = await open(t, { folder, fsync });
    for (const [channel, expected] of answered) {
      const log = await readLog(buffer, channel);
      assert.equal(log.gaps, []);
      assert.is(new Set(log.contents).size, log.contents.length, "each once");
      const found = new Set(
        log.batches.flatMap(({ epoch, first, messages }) =>
          contents(messages).map((content, i) => `${epoch} ${first + i} ${content}`),
        ),
      );
      const lost = [...expected].filter((each) => !found.has(each));
      assert.ok(lost.length === 0, `round ${round}: ${lost}`);
      checkOrder(log.contents);
    }
    await buffer.close();
  }
}

/** The messages of each producer are in its order, without holes. */
function checkOrder(log: readonly string[]): void {
  const sequences = new Map<string, number>();
  for (const content of log) {
    const at = content.lastIndexOf("/");
    const producer = content.slice(0, at);
    const sequence = Number(content.slice(at + 1));
    assert.is(sequence, (sequences.get(producer) ?? 0) + 1, content);
    sequences.set(producer, sequence);
  }
}

test("kill -9 in the middle of appends, everysec: every answered message is there, once, in order", (t) =>
  killAndReopen(t, "everysec"));

test("kill -9 in the middle of appends, always", (t) => killAndReopen(t, "always"));

for (const [fsync, opens] of [
  ["everysec", true],
  ["no", true],
  ["always", false],
] as const) {
  test(`a buffer that was not closed, ${fsync}: the next append opens ${opens ? "a new" : "no new"} epoch`, async (t) => {
    const source = temporaryFolder(t);
    const folder = temporaryFolder(t);
    const before = await open(t, { folder: source, fsync });
    await store(before, "c", run("p", 1, texts("p", 5)));
    await store(before, "idle", run("p", 1, ["1"]));
    await copyFolder(source, folder);
    const was = await stateOf(before, "c");

    let buffer = await open(t, { folder, fsync });
    assert.equal(await stateOf(buffer, "c"), was);
    const beyond = { epoch: currentEpoch(was), offset: 8 };
    const diverged = [{ reason: "diverged", from: 6, to: 8 }];
    assert.equal(resume(beyond, await stateOf(buffer, "c")).gaps, diverged);
    const watcher = await follow(t, buffer, "c");
    const { epoch } = await store(buffer, "c", run("p", 6, ["p/6"]));
    assert.is(epoch > currentEpoch(was), opens);
    await watcher.reaches(7);
    assert.equal(watcher.contents(), ["p/6"]);
    assert.is(watcher.changes.length, opens ? 1 : 0);
    await store(buffer, "c", run("p", 7, texts("p", 4, 7)));
    const state = await stateOf(buffer, "c");
    assert.equal(state.epochs, opens ? [...was.epochs, { epoch, first: 6 }] : was.epochs);
    assert.equal(resume(head(was), state), { cursor: { epoch, next: 6 }, gaps: [] });
    if (opens) assert.equal(resume(beyond, state).gaps, diverged);
    assert.equal((await readLog(buffer, "c")).contents, texts("p", 10));

    // Closed cleanly, it goes on; what was not appended to since the crash is still to prove itself.
    await buffer.close();
    buffer = await open(t, { folder, fsync });
    assert.is((await store(buffer, "c", run("p", 11, ["p/11"]))).epoch, epoch);
    const idle = await stateOf(buffer, "idle");
    assert.is((await store(buffer, "idle", run("p", 2, ["2"]))).epoch > currentEpoch(idle), opens);
  });
}

test("an end proven once does not prove what was appended and lost later", async (t) => {
  const folder = temporaryFolder(t);
  const source = temporaryFolder(t);
  let buffer = await open(t, { folder: source });
  await store(buffer, "c", run("p", 1, ["p/1"]));
  await buffer.close();
  buffer = await open(t, { folder: source });
  const { epoch } = await store(buffer, "c", run("p", 2, ["p/2"]));
  // The first append is on the disk when it is answered. A crash of the machine may take all that follow it, but not it.
  await copyFolder(source, folder);
  await store(buffer, "c", run("p", 3, ["p/3"]));
  const crashed = await open(t, { folder });
  const again = await store(crashed, "c", run("p", 3, ["another p/3"]));
  assert.is(again.offset, 3);
  assert.ok(again.epoch > epoch);
});

test("a second opening of a folder is refused, in this process and in another", async (t) => {
  const folder = temporaryFolder(t);
  const buffer = await open(t, { folder });
  await rejects(open(t, { folder }), "buffer_locked");
  const child = start(t, "appender.ts", folder);
  await child.prints(1);
  await child.ended;
  assert.equal(child.lines, [`error buffer_locked the folder ${folder} is in use by process ${process.pid}`]);
  await store(buffer, "c", run("p", 1, ["1"]));
  await buffer.close();
  await (await open(t, { folder })).close();
});

test("of several processes that start together one gets the folder", async (t) => {
  const folder = temporaryFolder(t);
  const children = Array.from({ length: 4 }, () => start(t, "appender.ts", folder));
  await Promise.all(children.map((child) => child.prints(1)));
  const first = children.map((child) => child.lines[0]!);
  assert.is(first.filter((line) => line === "open").length, 1, first.join("\n"));
  assert.is(first.filter((line) => line.startsWith("error buffer_locked")).length, 3);
});

test("a lock whose process is gone is no lock", async (t) => {
  const folder = temporaryFolder(t);
  const child = start(t, "appender.ts", folder);
  await child.prints(1);
  await rejects(open(t, { folder }), "buffer_locked");
  await child.kill();
  await (await open(t, { folder })).close();
  assert.equal(
    (await readdir(folder)).filter((name) => name.startsWith("lock")),
    [],
  );
});

test("a lock of an earlier process with the same number is no lock", async (t) => {
  const folder = temporaryFolder(t);
  const names = [`lock.${process.pid}.0000-1`];
  // Only on Linux can one tell when another process started.
  if (process.platform === "linux") names.push(`lock.${process.ppid}.0000-1`);
  for (const name of names) await writeFile(join(folder, name), "");
  await (await open(t, { folder })).close();
});

test.run();
