// No space left: what was answered stays, what was not is not there, and it goes on as soon as there is space.
import { spawnSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, loader, notRun, suite, type T, temporaryFolder } from "../harness.js";
import { rejects, store } from "./contract/open.js";
import { path, startCommand } from "./embedded/child.js";
import { channelsFolder, open, segmentsOf } from "./embedded/folder.js";
import { readLog, stateOf } from "./log.js";
import { run } from "./run.js";

const test = suite("embedded: a full disk");

/** A disk of so many KiB. */
function smallDisk(t: T, kib: number): string {
  const folder = temporaryFolder(t);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "none", folder]);
  if (mounted.status !== 0) notRun("mounting a small disk takes root on Linux");
  t.after(() => spawnSync("umount", ["-l", folder]));
  return folder;
}

const message = (i: number): string => `${i}:${"x".repeat(1_000)}`;

/** Appends until the disk is full; answers how many messages were stored. */
async function fill(buffer: ReplayBuffer, channel: string, from: number): Promise<number> {
  for (let i = from; ; i++) {
    try {
      await store(buffer, channel, run("p", i, [message(i)]));
    } catch (error) {
      assert.instance(error, RepriseError);
      assert.is((error as RepriseError).code, "buffer_full");
      return i - 1;
    }
  }
}

for (const fsync of ["everysec", "always"] as const) {
  test(`appends are refused as a whole, and go on when there is space again, ${fsync}`, async (t) => {
    const folder = smallDisk(t, 400);
    const ballast = join(folder, "ballast");
    await writeFile(ballast, Buffer.alloc(100_000));
    let buffer = await open(t, { folder, fsync });
    let stored = await fill(buffer, "c", 1);
    assert.ok(stored > 100, `${stored}`);
    const full = await stateOf(buffer, "c");
    assert.is(full.next, stored + 1);
    for (let i = 0; i < 5; i++) await rejects(buffer.append("c", [run("p", stored + 1, [message(0)])]), "buffer_full");
    assert.equal(await stateOf(buffer, "c"), full);
    // Everything can be read, and what had been stored is known.
    assert.is((await readLog(buffer, "c")).contents.length, stored);
    assert.is((await buffer.append("c", [run("p", 1, [message(1)])]))[0]?.kind, "stored");

    // A channel that could not be created does not exist.
    await rejects(buffer.append("new", [run("p", 1, [message(1)])]), "buffer_full");
    assert.is(await buffer.state("new"), undefined);
    assert.equal((await buffer.channels("", undefined, 10)).channels, ["c"]);
    assert.equal(await segmentsOf(folder, "new"), []);

    await rm(ballast);
    const before = stored;
    stored = await fill(buffer, "c", stored + 1);
    assert.ok(stored > before + 80, `${stored} after ${before}`);
    await buffer.close();
    buffer = await open(t, { folder, fsync });
    const log = await readLog(buffer, "c");
    assert.equal(
      log.contents,
      Array.from({ length: stored }, (_, i) => message(i + 1)),
    );
  });
}

test("retention makes space: a channel goes on in the space of what it no longer keeps", async (t) => {
  const folder = smallDisk(t, 400);
  const buffer = await open(t, { folder, retention: ["bytes=100KiB"] });
  for (let i = 1; i <= 2_000; i++) await store(buffer, "c", run("p", i, [message(i)]));
  assert.equal((await readLog(buffer, "c", (await stateOf(buffer, "c")).first)).contents.at(-1), message(2_000));
});

test("many appends at once at the limit: each is stored or refused", async (t) => {
  const folder = smallDisk(t, 400);
  const ballast = join(folder, "ballast");
  await writeFile(ballast, Buffer.alloc(100_000));
  const buffer = await open(t, { folder });
  const answers = await Promise.allSettled(
    Array.from({ length: 600 }, (_, i) => buffer.append(`c${i % 3}`, [run(`p${i}`, 1, [message(i)])])),
  );
  const stored = answers.flatMap((answer, i) => (answer.status === "fulfilled" ? [i] : []));
  assert.ok(stored.length < 600);
  for (const answer of answers) if (answer.status === "rejected") assert.is(answer.reason.code, "buffer_full");
  await rm(ballast);
  const found: string[] = [];
  for (const channel of ["c0", "c1", "c2"]) {
    await store(buffer, channel, run("after", 1, ["after"]));
    found.push(...(await readLog(buffer, channel)).contents.filter((content) => content !== "after"));
  }
  assert.equal(found.sort(), stored.map(message).sort());
});

test("a limit on the size of files is a full disk as well", async (t) => {
  if (process.platform === "win32") notRun("there is no such limit");
  const folder = temporaryFolder(t);
  const command = `ulimit -f 100; exec "$0" --import ${loader} "$1" "$2"`;
  const child = startCommand(t, "bash", ["-c", command, process.execPath, path("filler.ts"), folder]);
  await child.ended;
  const [stored, code] = child.lines;
  assert.is(code, "buffer_full");
  assert.ok(Number(stored) > 40, stored);
  const buffer = await open(t, { folder });
  assert.is((await readLog(buffer, "c")).contents.length, Number(stored));
  assert.is((await store(buffer, "c", run("p", Number(stored) + 1, ["more"]))).offset, Number(stored) + 1);
  assert.is((await segmentsOf(folder, "c")).length, 1, channelsFolder(folder));
});

test.run();
