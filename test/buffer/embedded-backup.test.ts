// Backup and restore of the embedded buffer as docs/operate.md describes them: what is in a backup is read whole, and who has
// seen more than that is told so, however much was stored since.
import { cp, rename, rm, stat, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { openEmbedded } from "../../src/buffer/embedded.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { type LogState, resume } from "../../src/wire/position.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { store } from "./contract/open.js";
import { readLog } from "./log.js";
import { run, texts } from "./run.js";

const test = suite("backup of the embedded buffer");

const open = async (t: T, folder: string, fsync: "always" | "everysec" = "everysec"): Promise<ReplayBuffer> => {
  const buffer = await openEmbedded({ folder, fsync, retention: retentionPolicy([]), segmentBytes: 4_096 });
  t.after(() => buffer.close());
  return buffer;
};

const channels = ["a", "b/c"];
const each = 200;

const storeIn = async (buffer: ReplayBuffer, name: string, count: number, producer: string) => {
  for (let i = 1; i <= count; i += 10) await store(buffer, name, run(producer, i, texts(producer, 10, i)));
};

/** A folder with two channels in several segments, closed in good order. */
async function filled(t: T): Promise<string> {
  const folder = join(temporaryFolder(t), "data");
  const buffer = await open(t, folder);
  for (const name of channels) await storeIn(buffer, name, each, "p");
  await buffer.close();
  return folder;
}

const stateOf = async (buffer: ReplayBuffer, name: string): Promise<LogState> => (await buffer.state(name))!;

test("a backup that is copied over the folder as it is begins new epochs, too", async (t) => {
  const folder = await filled(t);
  const backup = join(temporaryFolder(t), "backup");
  await cp(folder, backup, { recursive: true, preserveTimestamps: true });
  const buffer = await open(t, folder);
  await storeIn(buffer, "a", 50, "q");
  const { epoch } = (await stateOf(buffer, "a")).epochs.at(-1)!;
  await buffer.close();
  // As `rsync -a` does it: what has the same size and time stays, and of a file that is there the contents are replaced.
  const filter = async (from: string, to: string) => {
    const [one, other] = await Promise.all([stat(from), stat(to).catch(() => undefined)]);
    return one.isDirectory() || one.size !== other?.size || Math.trunc(one.mtimeMs) !== Math.trunc(other.mtimeMs);
  };
  await cp(backup, folder, { recursive: true, preserveTimestamps: true, filter });
  const restored = await open(t, folder);
  await storeIn(restored, "a", 80, "r");
  assert.ok((await stateOf(restored, "a")).epochs.at(-1)!.epoch > epoch);
});

for (const fsync of ["everysec", "always"] as const) {
  test(`a copy of a stopped one is read whole in its place, and begins a new epoch (${fsync})`, async (t) => {
    const folder = await filled(t);
    const backup = join(temporaryFolder(t), "backup");
    await cp(folder, backup, { recursive: true });

    // Life goes on, and subscribers see it.
    const buffer = await open(t, folder, fsync);
    await storeIn(buffer, "a", 50, "q");
    const seen = { epoch: (await stateOf(buffer, "a")).epochs.at(-1)!.epoch, offset: each + 50 };
    await buffer.close();

    await rm(folder, { recursive: true });
    await cp(backup, folder, { recursive: true });
    const restored = await open(t, folder, fsync);
    for (const name of channels) {
      const { contents } = await readLog(restored, name, 1);
      assert.equal(contents, texts("p", each));
    }
    // More is stored than had been seen: by its number alone that position would look like one of this log.
    await storeIn(restored, "a", 80, "r");
    assert.is((await stateOf(restored, "a")).epochs.length, 2);
    const { gaps } = resume(seen, await stateOf(restored, "a"));
    assert.equal(gaps, [{ reason: "diverged", from: each + 1, to: each + 50 }]);
    await restored.close();

    // It is known of channels that nobody has used since, and not asked again of those that somebody has.
    const again = await open(t, folder, fsync);
    await storeIn(again, "b/c", 10, "r");
    await storeIn(again, "a", 10, "s");
    for (const name of channels) assert.is((await stateOf(again, name)).epochs.length, 2, name);
  });
}

test("a folder that stays where it is, or is moved, goes on in its epoch; without the file `place` a new one begins", async (t) => {
  const folder = await filled(t);
  const moved = join(temporaryFolder(t), "moved");
  for (const [from, to] of [
    [folder, folder],
    [folder, moved],
  ] as const) {
    await rename(from, to);
    const same = await open(t, to);
    await storeIn(same, "a", 10, to === folder ? "q" : "o");
    assert.is((await stateOf(same, "a")).epochs.length, 1);
    await same.close();
  }
  await unlink(join(moved, "place"));
  const snapshot = await open(t, moved);
  await storeIn(snapshot, "a", 10, "r");
  assert.is((await stateOf(snapshot, "a")).epochs.length, 2);
});

test("a copy made while it is written to has what was acknowledged before it began", async (t) => {
  const folder = join(temporaryFolder(t), "data");
  const buffer = await open(t, folder);
  await storeIn(buffer, "a", each, "p");
  let stop = false;
  const writing = (async () => {
    for (let i = 1; !stop; i += 10) await store(buffer, "a", run("q", i, texts("q", 10, i)));
  })();
  const image = join(temporaryFolder(t), "image");
  await cp(folder, image, { recursive: true, filter: (source) => !basename(source).startsWith("lock.") });
  stop = true;
  await writing;
  const restored = await open(t, image);
  const { contents } = await readLog(restored, "a", 1);
  assert.equal(contents.slice(0, each), texts("p", each));
  // Either with what is stored next, or where a torn end was cut.
  const { epoch } = (await stateOf(buffer, "a")).epochs.at(-1)!;
  assert.ok((await store(restored, "a", run("r", 1, texts("r", 1)))).epoch > epoch);
});

test.run();
