// Following a channel.
import type { ReplayBuffer, Watch } from "../../../src/buffer/buffer.js";
import { assert, type Suite, until } from "../../harness.js";
import { follow } from "../follower.js";
import { endOf, readLog, stateOf } from "../log.js";
import { run, texts } from "../run.js";
import { type Open, store } from "./open.js";

async function storeEach(
  buffer: ReplayBuffer,
  channel: string,
  from: number,
  to: number,
  stored = () => {},
): Promise<void> {
  for (let i = from; i <= to; i++) {
    await store(buffer, channel, run("p", i, [`p/${i}`]));
    stored();
  }
}

export function watchContract(test: Suite, open: Open): void {
  test("a watcher is told what follows the state it was given, as it can be read", async (t) => {
    const { buffer, other } = await open(t);
    await storeEach(buffer, "c", 1, 5);
    const watchers = [await follow(t, buffer, "c"), await follow(t, await other(), "c")];
    for (const watcher of watchers) assert.equal(watcher.watch.state, await stateOf(buffer, "c"));
    await buffer.append("c", [run("p", 6, texts("p", 4, 6)), run("q", 1, ["q/1"])]);
    await storeEach(buffer, "c", 10, 60);
    const { batches } = await readLog(buffer, "c", 6);
    for (const watcher of watchers) {
      await watcher.reaches(62);
      assert.equal(watcher.stretches, batches);
      assert.equal(watcher.changes, []);
    }
  });

  test("a channel that does not exist yet can be watched", async (t) => {
    const { buffer, other } = await open(t);
    const watchers = [await follow(t, buffer, "c"), await follow(t, await other(), "c")];
    for (const watcher of watchers) assert.is(watcher.watch.state, undefined);
    await storeEach(buffer, "c", 1, 20);
    for (const watcher of watchers) {
      await watcher.reaches(21);
      assert.equal(watcher.contents(), texts("p", 20));
    }
  });

  test("watchers hear of their own channel only", async (t) => {
    const { buffer } = await open(t);
    const names = ["a", "A", "a.b", "ab"];
    const watchers = await Promise.all(names.map((name) => follow(t, buffer, name)));
    for (const [i, name] of names.entries()) await storeEach(buffer, name, 1, i + 1);
    for (const [i, watcher] of watchers.entries()) {
      await watcher.reaches(i + 2);
      assert.equal(watcher.contents(), texts("p", i + 1));
    }
  });

  test("a watch that begins while appends are under way starts exactly at its state, 100 times", async (t) => {
    const { buffer, other } = await open(t);
    const handles = [buffer, await other()];
    const during = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const channel = `c${i}`;
      const watching = handles[i % 2]!;
      let stored = 0;
      const appends = storeEach(buffer, channel, 1, 12, () => stored++);
      // The next append is under way whenever the one before was answered.
      await until(() => stored >= i % 7, "some are stored");
      const watcher = await follow(t, watching, channel);
      await appends;
      await watcher.reaches(13);
      const next = watcher.watch.state?.next ?? 1;
      during.add(next);
      assert.equal(watcher.contents(), texts("p", 13 - next, next));
      watcher.watch.close();
    }
    assert.ok(during.size > 1, "the watches began at different offsets");
  });

  test("a watcher that is closed is told nothing more; the others are", async (t) => {
    const { buffer, other } = await open(t);
    const leaver = await follow(t, buffer, "c");
    const stayer = await follow(t, buffer, "c");
    const far = await follow(t, await other(), "c");
    await storeEach(buffer, "c", 1, 10);
    await leaver.reaches(11);
    // Some are under way when it closes.
    const appends = storeEach(buffer, "c", 11, 40);
    await until(() => leaver.next > 15, "some of them arrive");
    leaver.watch.close();
    const told = leaver.stretches.length;
    await appends;
    await stayer.reaches(41);
    await far.reaches(41);
    assert.is(leaver.stretches.length, told);
    leaver.watch.close();
    await storeEach(buffer, "c", 41, 50);
    await stayer.reaches(51);
    assert.is(leaver.stretches.length, told);
  });

  test("a watcher may close itself while it is told something", async (t) => {
    const { buffer } = await open(t);
    let told = 0;
    let watch: Watch | undefined;
    const opened = await buffer.watch("c", {
      stretch: () => {
        told++;
        watch?.close();
      },
      changed: () => {},
    });
    watch = opened;
    t.after(() => opened.close());
    const stayer = await follow(t, buffer, "c");
    await storeEach(buffer, "c", 1, 20);
    await stayer.reaches(21);
    assert.is(told, 1);
  });

  test("a channel can be watched again after all its watchers closed", async (t) => {
    const { buffer, other } = await open(t);
    const writer = await other();
    for (let i = 0; i < 20; i++) {
      const watcher = await follow(t, buffer, "c");
      assert.is(watcher.next, i * 3 + 1);
      await storeEach(writer, "c", i * 3 + 1, i * 3 + 3);
      await watcher.reaches(i * 3 + 4);
      watcher.watch.close();
    }
  });

  test("large and many batches reach a watcher of another handle", async (t) => {
    const { buffer, other } = await open(t);
    const watcher = await follow(t, await other(), "c");
    const work: Promise<unknown>[] = [];
    for (let p = 0; p < 20; p++) {
      work.push(buffer.append("c", [run(`p${p}`, 1, ["x".repeat(p % 5 === 0 ? 2 ** 20 : 10_000)])]));
    }
    await Promise.all(work);
    await watcher.reaches(21);
    assert.is(endOf(watcher.stretches.at(-1)!), 21);
    assert.equal(watcher.batches(), (await readLog(buffer, "c")).batches);
  });

  test("300 watched channels: each watcher gets its own", async (t) => {
    const { buffer, other } = await open(t);
    const writer = await other();
    const names = Array.from({ length: 300 }, (_, i) => `c${i}`);
    const watchers = await Promise.all(names.map((name) => follow(t, buffer, name)));
    await Promise.all(names.map((name) => store(writer, name, run("p", 1, [name]))));
    for (const [i, watcher] of watchers.entries()) {
      await watcher.reaches(2);
      assert.equal(watcher.contents(), [names[i]]);
    }
  });
}
