// The end of a buffer.
import { assert, type Suite } from "../../harness.js";
import { follow } from "../follower.js";
import { readLog } from "../log.js";
import { run } from "../run.js";
import { asStored, type Open, one, rejects, store } from "./open.js";

export function closeContract(test: Suite, open: Open): void {
  test("after close every method rejects with `closed`", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "c", run("p", 1, ["1"]));
    await buffer.close();
    const watcher = { stretch: () => {}, changed: () => {} };
    for (const channel of ["c", "unknown"]) {
      await rejects(buffer.append(channel, [run("p", 2, ["2"])]), "closed");
      await rejects(buffer.read(channel, 1, 1000), "closed");
      await rejects(buffer.state(channel), "closed");
      await rejects(buffer.watch(channel, watcher), "closed");
    }
    await rejects(buffer.channels("", undefined, 10), "closed");
    await rejects(buffer.probe(), "closed");
  });

  test("close may be called again, also while it is under way", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "c", run("p", 1, ["1"]));
    await Promise.all([buffer.close(), buffer.close()]);
    await buffer.close();
  });

  test("a buffer that was never used can be closed", async (t) => {
    const { buffer } = await open(t);
    await buffer.close();
  });

  test("close waits for the appends under way: they are stored and answered", async (t) => {
    const { buffer, restart } = await open(t);
    const appends = Array.from({ length: 30 }, (_, i) => buffer.append(`c${i % 3}`, [run(`p${i}`, 1, [`${i}`])]));
    const reads = Array.from({ length: 5 }, () => buffer.read("c0", 1, 1000));
    await buffer.close();
    const answers = await Promise.all(appends);
    await Promise.all(reads);
    const reopened = await restart();
    const logs = await Promise.all([0, 1, 2].map((c) => readLog(reopened, `c${c}`)));
    for (const [i, answer] of answers.entries()) {
      assert.is(logs[i % 3]!.contents[asStored(one(answer)).offset - 1], `${i}`);
    }
    assert.is(logs.flatMap((log) => log.contents).length, 30);
  });

  test("watchers are told nothing after close", async (t) => {
    const { buffer, other } = await open(t);
    const second = await other();
    const watcher = await follow(t, buffer, "c");
    await store(second, "c", run("p", 1, ["1"]));
    await watcher.reaches(2);
    await buffer.close();
    const told = watcher.stretches.length;
    // Where both handles are one, this is refused.
    await second.append("c", [run("p", 2, ["2"])]).catch((error) => assert.is(error.code, "closed"));
    assert.is(watcher.stretches.length, told);
    assert.equal(watcher.changes, []);
    watcher.watch.close();
  });
}
