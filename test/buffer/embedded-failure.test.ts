// A file system that fails now and then: what was not answered is not there, what was answered stays.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Run, Stretch } from "../../src/buffer/buffer.js";
import type { Fsync } from "../../src/buffer/embedded/durability.js";
import { Log } from "../../src/buffer/embedded/log.js";
import type { Shelf } from "../../src/buffer/embedded/shelf.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { asStored, one, rejects } from "./contract/open.js";
import { openShelf } from "./embedded/shelf.js";
import { contents, run, texts } from "./run.js";

const test = suite("embedded: a file system that fails");

interface Faulty {
  log: Log;
  shelf: Shelf;
  warnings: string[];
  /** The next `times` calls fail, after having done what they do if `after`. */
  fail(
    method: "write" | "sync" | "syncFolder" | "truncate" | "unlink" | "create",
    times: number,
    after?: boolean,
  ): void;
  /** The log closed, and opened by somebody else. */
  reopen(): Promise<Log>;
}

const eio = () => Object.assign(new Error("EIO: i/o error"), { code: "EIO", syscall: "test" });

async function faulty(t: T, fsync: Fsync, retention: string[] = []): Promise<Faulty> {
  const folder = temporaryFolder(t);
  const shelf = openShelf(t, folder, fsync, retention);
  const { files, warnings } = shelf;
  const log = new Log(shelf, "c", []);
  return {
    log,
    shelf,
    warnings,
    fail: (method, times, after = true) => {
      const real = files[method].bind(files) as (...args: unknown[]) => Promise<void>;
      const failing = async (...args: unknown[]) => {
        const fails = times-- > 0;
        if (!fails || after) await real(...args);
        if (fails) throw eio();
      };
      Object.assign(files, { [method]: failing });
    },
    reopen: async () => {
      await log.close();
      const names = (await readdir(folder)).filter((name) => name.endsWith(".log"));
      return new Log(openShelf(t, folder, fsync, retention), "c", names);
    },
  };
}

const append = async (log: Log, appended: Run) => asStored(one(await log.append([appended])));

async function contentsOf(log: Log): Promise<string[]> {
  const stretches: Stretch[] = (await log.read(1, 1e6))?.stretches ?? [];
  return stretches.flatMap((stretch) => {
    if ("reason" in stretch) throw new Error(`a gap: ${JSON.stringify(stretch)}`);
    return contents(stretch.messages);
  });
}

for (const [method, fsync] of [
  ["write", "everysec"],
  ["write", "always"],
  ["sync", "always"],
] as const) {
  test(`a ${method} that fails, ${fsync}: nothing of it is there, and the next append is stored`, async (t) => {
    const { log, fail, reopen } = await faulty(t, fsync);
    const { epoch } = await append(log, run("p", 1, texts("p", 2)));
    const told: Stretch[] = [];
    await log.watch({ stretch: (stretch) => told.push(stretch), changed: () => assert.unreachable() });
    const before = await log.state();
    fail(method, 3);
    for (let i = 0; i < 3; i++) await rejects(log.append([run("p", 3, ["p/3"])]), "buffer_unavailable");
    assert.equal(await log.state(), before);
    assert.equal(await contentsOf(log), texts("p", 2));
    assert.equal(told, []);
    const next = await append(log, run("p", 3, ["p/3"]));
    assert.equal([next.duplicates, next.offset, next.epoch], [0, 3, epoch]);
    assert.is(told.length, 1);
    assert.equal(await contentsOf(await reopen()), texts("p", 3));
  });
}

test("what cannot be taken back at once is taken back before the next write", async (t) => {
  const { log, fail, reopen } = await faulty(t, "everysec");
  await append(log, run("p", 1, ["p/1"]));
  fail("write", 1);
  fail("truncate", 2, false);
  await rejects(log.append([run("p", 2, ["refused"])]), "buffer_unavailable");
  await rejects(log.append([run("p", 2, ["refused as well"])]), "buffer_unavailable");
  assert.equal(await contentsOf(log), ["p/1"]);
  await append(log, run("p", 2, ["p/2"]));
  assert.equal(await contentsOf(await reopen()), ["p/1", "p/2"]);
});

test("a channel that cannot be created leaves nothing, even if that takes a second try", async (t) => {
  const { log, shelf, fail } = await faulty(t, "everysec");
  fail("write", 1);
  fail("unlink", 1, false);
  await rejects(log.append([run("p", 1, ["refused"])]), "buffer_unavailable");
  await new Promise(setImmediate);
  assert.not(log.exists);
  assert.not(log.vacant, "it knows of the file that is left");
  await append(log, run("p", 1, ["p/1"]));
  assert.is((await readdir(shelf.files.folder)).length, 1);
  assert.equal(await contentsOf(log), ["p/1"]);
});

test("a segment that cannot be begun is begun by the next append", async (t) => {
  const { log, fail, reopen } = await faulty(t, "always");
  let stored = 0;
  for (const method of ["create", "write", "syncFolder"] as const) {
    // Each of these appends fills a segment.
    await append(log, run("p", ++stored, ["x".repeat(1_000)]));
    fail(method, 1, method !== "create");
    await rejects(log.append([run("p", stored + 1, ["refused"])]), "buffer_unavailable");
  }
  await append(log, run("p", ++stored, ["last"]));
  const found = await contentsOf(await reopen());
  assert.equal([found.length, found.at(-1)], [4, "last"]);
});

test("a sync in the background that fails: it is said, and the log goes on in a new file and a new epoch", async (t) => {
  const { log, shelf, warnings, fail, reopen } = await faulty(t, "everysec");
  const { epoch } = await append(log, run("p", 1, ["p/1"]));
  const [old] = await readdir(shelf.files.folder);
  const changes: unknown[] = [];
  await log.watch({ stretch: () => {}, changed: (state) => changes.push(state?.epochs.length) });
  fail("sync", 1);
  await until(() => warnings.length > 0, "it is said");
  const size = (await stat(join(shelf.files.folder, old!))).size;
  const next = await append(log, run("p", 2, ["p/2"]));
  assert.ok(next.epoch > epoch);
  assert.equal(changes, [2]);
  const reopened = await reopen();
  assert.equal(await contentsOf(reopened), ["p/1", "p/2"]);
  assert.is((await stat(join(shelf.files.folder, old!))).size, size);
});

test("a file that cannot be removed is removed by the next opening", async (t) => {
  const { log, shelf, warnings, fail, reopen } = await faulty(t, "no", ["messages=4"]);
  fail("unlink", 1, false);
  for (let i = 1; i <= 8; i++) await append(log, run("p", i, [`p/${i}`]));
  assert.is(warnings.length, 1);
  const { first } = (await log.state())!;
  const count = (await readdir(shelf.files.folder)).length;
  const reopened = await reopen();
  assert.is((await reopened.state())?.first, first);
  assert.is((await readdir(shelf.files.folder)).length, count - 1);
});

test("a channel whose files cannot be removed does not begin again", async (t) => {
  const { log, shelf, fail } = await faulty(t, "no", ["age=1h"]);
  const { epoch } = await append(log, run("p", 1, ["old"]));
  const later = Date.now() + 3_600_001;
  shelf.now = () => later;
  fail("unlink", 2, false);
  await rejects(log.state(), "buffer_unavailable");
  await rejects(log.append([run("p", 1, ["new"])]), "buffer_unavailable");
  const again = await append(log, run("p", 1, ["new"]));
  assert.is(again.offset, 1);
  assert.ok(again.epoch > epoch);
  assert.is((await readdir(shelf.files.folder)).filter((name) => name.endsWith(".log")).length, 1);
});

test("a segment that is removed just before it is read is a trimmed gap", async (t) => {
  const { log, shelf } = await faulty(t, "no", ["messages=4"]);
  for (let i = 1; i <= 4; i++) await append(log, run("p", i, [`p/${i}`]));
  const { files } = shelf;
  const read = files.read.bind(files);
  let meanwhile: Promise<void> | undefined;
  files.read = async (...args) => {
    meanwhile ??= (async () => {
      for (let i = 5; i <= 8; i++) await append(log, run("p", i, [`p/${i}`]));
    })();
    await meanwhile;
    return read(...args);
  };
  const page = (await log.read(1, 1e6))!;
  const { first } = (await log.state())!;
  assert.ok(first > 1);
  assert.equal(page.stretches[0], { reason: "trimmed", from: 1, to: first - 1 });
  assert.equal(
    page.stretches.slice(1).flatMap((stretch) => ("messages" in stretch ? contents(stretch.messages) : "a gap")),
    texts("p", 9 - first, first),
  );
});

for (const fsync of ["everysec", "no"] as const) {
  test(`the first append to a log that was closed is on the disk before it is answered, ${fsync}`, async (t) => {
    const { log, shelf, fail } = await faulty(t, fsync);
    const { epoch } = await append(log, run("p", 1, ["p/1"]));
    await log.close();
    fail("sync", 1);
    await rejects(log.append([run("p", 2, ["p/2"])]), "buffer_unavailable");
    assert.is((await append(log, run("p", 2, ["p/2"]))).epoch, epoch);
    // What follows is not waited for.
    shelf.files.sync = () => Promise.reject(eio());
    await append(log, run("p", 3, ["p/3"]));
  });
}

test.run();
