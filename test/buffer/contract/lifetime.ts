// How a channel comes to be and how it ends.
import type { ReplayBuffer } from "../../../src/buffer/buffer.js";
import { assert, type Suite, until } from "../../harness.js";
import { follow } from "../follower.js";
import { readLog, stateOf } from "../log.js";
import { run, texts } from "../run.js";
import { handlesOf, type Open, store } from "./open.js";

const names = async (buffer: ReplayBuffer) => (await buffer.channels("", undefined, 100)).channels;

const disappears = (buffer: ReplayBuffer, channel: string) =>
  until(async () => (await buffer.state(channel)) === undefined, `${channel} disappears`);

export function lifetimeContract(test: Suite, open: Open): void {
  test("state, read and watch of a channel that does not exist, and probes, create nothing", async (t) => {
    const { buffer, other, restart } = await open(t, { retention: ["c messages=7"] });
    await Promise.all([buffer.probe(), (await other()).probe()]);
    assert.is(buffer.retention("c").messages, 7);
    assert.is(await buffer.state("c"), undefined);
    await buffer.read("c", 1, 1000);
    const follower = await follow(t, buffer, "c");
    assert.is(follower.watch.state, undefined);
    for (const handle of [buffer, await other()]) {
      assert.equal(await names(handle), []);
      assert.is(await handle.state("c"), undefined);
    }
    follower.watch.close();
    assert.equal(await names(await restart()), []);
  });

  test("the first append creates the channel", async (t) => {
    const opened = await open(t);
    const { buffer } = opened;
    await store(buffer, "c", run("p", 1, texts("p", 3)));
    for await (const handle of handlesOf(opened)) {
      assert.equal(await names(handle), ["c"]);
      const state = await stateOf(handle, "c");
      assert.equal([state.first, state.next], [1, 4]);
    }
  });

  test("a channel not appended to for its retention age disappears whole, and not before", async (t) => {
    const ageMs = 700;
    const { buffer } = await open(t, { retention: [`short.* age=${ageMs}ms`] });
    await store(buffer, "stays", run("p", 1, ["1"]));
    const before = Date.now();
    await store(buffer, "short.c", run("p", 1, texts("p", 3)));
    assert.equal((await names(buffer)).sort(), ["short.c", "stays"]);
    await disappears(buffer, "short.c");
    assert.ok(Date.now() - before >= ageMs - 2, `it was gone after ${Date.now() - before} ms`);
    assert.equal(await buffer.read("short.c", 1, 1000), { stretches: [], end: true });
    assert.equal(await names(buffer), ["stays"]);
    assert.equal(await buffer.append("short.c", [run("p", 4, ["4"])]), [{ kind: "skipped", expected: 1 }]);
    assert.is((await stateOf(buffer, "stays")).next, 2);
  });

  test("a channel that disappeared while the buffer was closed is gone after a restart", async (t) => {
    const ageMs = 700;
    const { buffer, restart } = await open(t, { retention: [`age=${ageMs}ms`] });
    await store(buffer, "c", run("p", 1, ["1"]));
    const { epochs } = await stateOf(buffer, "c");
    await buffer.close();
    const stored = Date.now();
    await until(() => Date.now() > stored + ageMs, "its age is over");
    const reopened = await restart();
    await disappears(reopened, "c");
    const again = await store(reopened, "c", run("p", 1, ["again"]));
    assert.is(again.offset, 1);
    assert.ok(again.epoch > epochs[0]!.epoch);
  });

  test("appends keep a channel alive, in one epoch", async (t) => {
    const ageMs = 700;
    const { buffer } = await open(t, { retention: [`age=${ageMs}ms`] });
    const { epoch } = await store(buffer, "c", run("p", 1, ["1"]));
    const started = Date.now();
    let sequence = 1;
    await until(async () => {
      const stored = await store(buffer, "c", run("p", ++sequence, [`${sequence}`]));
      assert.equal([stored.epoch, stored.offset], [epoch, sequence]);
      return Date.now() > started + 2 * ageMs;
    }, "twice its age passes");
  });

  test("created again it starts at offset 1 in a higher epoch, and watchers are told of the change first", async (t) => {
    const { buffer, other } = await open(t, { retention: ["age=700ms"] });
    const watchers = [await follow(t, buffer, "c"), await follow(t, await other(), "c")];
    const first = await store(buffer, "c", run("p", 1, texts("old", 5)));
    for (const watcher of watchers) await watcher.reaches(6);
    await disappears(buffer, "c");
    // No sequence of an earlier life is known either.
    const again = await store(buffer, "c", run("p", 1, texts("new", 2)));
    assert.is(again.offset, 1);
    assert.ok(again.epoch > first.epoch, `${again.epoch} after ${first.epoch}`);
    for (const watcher of watchers) {
      await watcher.hasChanged(1);
      await watcher.reaches(3);
      assert.equal(watcher.contents(), [...texts("old", 5), ...texts("new", 2)]);
      assert.is(watcher.batches().at(-1)?.epoch, again.epoch);
    }
    assert.equal((await readLog(buffer, "c")).contents, texts("new", 2));
  });
}
